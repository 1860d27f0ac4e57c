import {
  DescribeJobExecutionCommand,
  ListJobExecutionsForJobCommand,
  ListJobExecutionsForThingCommand,
} from "@aws-sdk/client-iot";
import { type Aws, nameInArn } from "../aws/index.js";
import type { ExecutionStatus } from "./job-view.js";

/** The longest page of AWS IoT's lists. */
const PAGE = 250;

/** A job on one thing, as lists have it. */
export type ExecutionLine = {
  readonly thing: string;
  readonly jobId: string;
  readonly status: string;
  readonly executionNumber: number;
  readonly queuedAt: Date | undefined;
  readonly lastUpdatedAt: Date | undefined;
};

/**
 * A job on one thing, with what the device said. All texts are the device's: they are not to be trusted as they are.
 */
export type Execution = ExecutionLine & {
  /** Members of `statusDetails` as the device wrote them. */
  readonly details: Readonly<Record<string, string>>;
  readonly startedAt: Date | undefined;
};

/** Executions of a job, one for each thing, those of one status or all. One request for 250. */
export async function* executionsOfJob(
  aws: Aws,
  jobId: string,
  status?: ExecutionStatus,
): AsyncGenerator<ExecutionLine> {
  let token: { nextToken?: string } = {};
  for (;;) {
    const input = { jobId, maxResults: PAGE, ...(status === undefined ? {} : { status }), ...token };
    const { executionSummaries = [], nextToken } = await aws.asked(
      "iot:ListJobExecutionsForJob",
      `job ${jobId}`,
      (sending) => aws.iot.send(new ListJobExecutionsForJobCommand(input), sending),
    );
    for (const { thingArn = "", jobExecutionSummary } of executionSummaries)
      yield lineOf(nameInArn(thingArn), jobId, jobExecutionSummary);
    if (nextToken === undefined) return;
    token = { nextToken };
  }
}

/** Executions of a thing, the latest first; at most one page. One request. */
export async function executionsOfThing(aws: Aws, thing: string, most: number): Promise<readonly ExecutionLine[]> {
  const input = { thingName: thing, maxResults: Math.min(PAGE, most) };
  const { executionSummaries = [] } = await aws.asked("iot:ListJobExecutionsForThing", thing, (sending) =>
    aws.iot.send(new ListJobExecutionsForThingCommand(input), sending),
  );
  return executionSummaries
    .map(({ jobId = "", jobExecutionSummary }) => lineOf(thing, jobId, jobExecutionSummary))
    .sort((one, other) => (other.queuedAt?.getTime() ?? 0) - (one.queuedAt?.getTime() ?? 0));
}

/** With what the device said. One request. `undefined` when it is gone. */
export async function readExecution(
  aws: Aws,
  { jobId, thing }: Pick<ExecutionLine, "jobId" | "thing">,
): Promise<Execution | undefined> {
  const found = await aws.askedFor("iot:DescribeJobExecution", `job ${jobId} on ${thing}`, (sending) =>
    aws.iot.send(new DescribeJobExecutionCommand({ jobId, thingName: thing }), sending),
  );
  const { execution } = found ?? {};
  if (execution === undefined) return undefined;
  return {
    ...lineOf(thing, jobId, execution),
    details: execution.statusDetails?.detailsMap ?? {},
    startedAt: execution.startedAt,
  };
}

type Summary = {
  readonly status?: string | undefined;
  readonly executionNumber?: number | undefined;
  readonly queuedAt?: Date | undefined;
  readonly lastUpdatedAt?: Date | undefined;
};

function lineOf(thing: string, jobId: string, summary: Summary | undefined): ExecutionLine {
  return {
    thing,
    jobId,
    status: summary?.status ?? "",
    executionNumber: summary?.executionNumber ?? 0,
    queuedAt: summary?.queuedAt,
    lastUpdatedAt: summary?.lastUpdatedAt,
  };
}

/** Several questions at a time, in the order of the items: AWS takes ten a second of each kind. */
export async function inParallel<T, U>(items: readonly T[], ask: (item: T) => Promise<U>, width = 8): Promise<U[]> {
  const answers = new Array<U>(items.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) answers[index] = await ask(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return answers;
}

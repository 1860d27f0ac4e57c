import type { Aws } from "../../aws/index.js";
import {
  type ExecutionLine,
  executionsOfJob,
  inParallel,
  isOpen,
  isWaiting,
  type JobView,
  readDocument,
  readExecution,
  readJob,
  readJobDocument,
} from "../../jobs/index.js";
import type { CallBudget } from "./call-budget.js";
import { cleanText, timeOf } from "./clean-text.js";

/** What is known of a job on a thing. Texts are cleaned. */
export type Followed = {
  readonly thing: string;
  readonly jobId: string;
  readonly status: string;
  readonly executionNumber: number;
  readonly queuedAt: number;
  readonly lastUpdatedAt: number;
  readonly details: Readonly<Record<string, string>>;
  /** When its details were asked for, 0 for never. */
  readonly askedAt: number;
};

const BAD = ["FAILED", "REJECTED", "TIMED_OUT"];
/** Looks after which the executions of a job are listed again although no count has changed. */
const LIST_ANYWAY = 10;

/**
 * One job and its executions, looked at again and again. A look costs one request; one for 250 executions when a count
 * has changed; and one for each device that is at it or has newly failed, as far as the budget goes.
 */
export class JobFollow {
  readonly jobId: string;
  readonly #aws: Aws;
  readonly #executions = new Map<string, Followed>();
  #job: JobView | undefined;
  #version = "";
  #counts = "";
  #looks = 0;

  constructor(aws: Aws, jobId: string) {
    this.#aws = aws;
    this.jobId = jobId;
  }

  /** `undefined` before the first look. */
  get job(): JobView | undefined {
    return this.#job;
  }

  /** What it brings: by what the tool noted, else by its document. */
  get version(): string {
    return this.#job?.note === undefined ? this.#version : cleanText(this.#job.note.version);
  }

  get executions(): ReadonlyMap<string, Followed> {
    return this.#executions;
  }

  /** Whether nothing of it changes any more, and all is known. */
  get isSettled(): boolean {
    const job = this.#job;
    if (job === undefined || isOpen(job) || job.counts.IN_PROGRESS > 0) return false;
    return this.#unasked().length === 0;
  }

  /** @throws FotaError */
  async look(budget: CallBudget, now: number): Promise<void> {
    const job = await readJob(this.#aws, this.jobId);
    this.#job = job;
    this.#looks += 1;
    // Its document never changes.
    if (job.note === undefined && this.#looks === 1)
      this.#version = cleanText(readDocument(await readJobDocument(this.#aws, this.jobId))?.version ?? "");
    const counts = JSON.stringify(job.counts);
    const isMoving = job.counts.QUEUED + job.counts.IN_PROGRESS > 0;
    if (counts !== this.#counts || (isMoving && this.#looks % LIST_ANYWAY === 0)) await this.#list();
    this.#counts = counts;
    const running = [...this.#executions.values()].filter(({ status }) => status === "IN_PROGRESS");
    running.sort((one, other) => one.askedAt - other.askedAt);
    await this.#ask(budget.take([...this.#unasked(), ...running]), now);
  }

  async #list(): Promise<void> {
    const there = new Set<string>();
    for await (const line of executionsOfJob(this.#aws, this.jobId)) {
      const known = this.#executions.get(line.thing);
      there.add(line.thing);
      this.#executions.set(line.thing, followed(line, known));
    }
    for (const thing of this.#executions.keys()) if (!there.has(thing)) this.#executions.delete(thing);
  }

  /** Those that did not get through, and were not asked why. */
  #unasked(): readonly Followed[] {
    return [...this.#executions.values()].filter(({ status, askedAt }) => BAD.includes(status) && askedAt === 0);
  }

  async #ask(lines: readonly Followed[], now: number): Promise<void> {
    await inParallel(lines, async (line) => {
      const read = await readExecution(this.#aws, line);
      if (read === undefined) return;
      const details = Object.fromEntries(
        Object.entries(read.details).map(([name, value]) => [cleanText(name), cleanText(value)]),
      );
      const { status, lastUpdatedAt } = read;
      const latest = { ...line, status, lastUpdatedAt: timeOf(lastUpdatedAt) };
      this.#executions.set(line.thing, { ...latest, details, askedAt: now });
    });
  }
}

function followed(line: ExecutionLine, known: Followed | undefined): Followed {
  const { thing, jobId, status, executionNumber } = line;
  const isSame = known?.executionNumber === executionNumber;
  return {
    thing,
    jobId,
    status,
    executionNumber,
    queuedAt: timeOf(line.queuedAt),
    lastUpdatedAt: timeOf(line.lastUpdatedAt),
    details: isSame ? known.details : {},
    // What a device said while it was at it does not tell how it ended.
    askedAt: isSame && known.status === status ? known.askedAt : 0,
  };
}

/** Things that a job is for now. */
export function totalOf(job: JobView): number {
  const seen = Object.values(job.counts).reduce((sum, count) => sum + count, 0);
  if (job.note === undefined) return seen;
  return Math.max(isWaiting(job) ? (job.note.canary?.things ?? 0) : job.note.things, seen);
}

import { CancelJobCommand } from "@aws-sdk/client-iot";
import type { Aws } from "../aws/index.js";
import { FotaError } from "../failure/index.js";
import { executionsOfJob, inParallel, readExecution } from "./executions.js";
import { isOpen, type JobView, readJob } from "./job-view.js";

/** Why a job was stopped, for whoever looks at it later. [AWS IoT: reasonCode] */
export const REASON = Object.freeze({ paused: "FOTA_PAUSED", canceled: "FOTA_CANCELED", rollback: "FOTA_ROLLED_BACK" });

/** What devices report between the setting of the boot flag and the end of their test. */
const PAST_BOOT_FLAG = ["installed", "testing"];

/** What stopping a job comes to. */
export type StopView = {
  readonly job: JobView;
  /** Have not begun: they never will. */
  readonly queued: number;
  /** Were not even told. */
  readonly untold: number;
  /** Are at it, and the old image is what starts next. */
  readonly loading: readonly string[];
  /** Start the new image next, or run it on trial: what they do now no cancel takes back. */
  readonly pastBootFlag: readonly string[];
};

/** Looks at what a stop would do. A request for each device that is at it. @throws FotaError */
export async function viewStop(aws: Aws, jobId: string): Promise<StopView> {
  const job = await readJob(aws, jobId);
  const lines = [];
  for await (const line of executionsOfJob(aws, jobId, "IN_PROGRESS")) lines.push(line);
  const read = await inParallel(lines, (line) => readExecution(aws, line));
  const isPast = (state: string | undefined) => PAST_BOOT_FLAG.includes(state ?? "");
  const running = read.filter((execution) => execution?.status === "IN_PROGRESS");
  const names = (past: boolean) =>
    running.flatMap((execution) =>
      execution !== undefined && isPast(execution.details.state) === past ? [execution.thing] : [],
    );
  const seen = Object.values(job.counts).reduce((sum, count) => sum + count, 0);
  return {
    job,
    queued: job.counts.QUEUED,
    untold: Math.max(0, (job.note?.things ?? seen) - seen),
    loading: names(false),
    pastBootFlag: names(true),
  };
}

/**
 * Ends a job. What has not begun never will; what has begun goes on to its end, unless it is forced: then AWS takes its
 * word no more, and devices drop the download.
 * @throws FotaError "not-possible" for one that is over
 */
export async function stopJob(
  aws: Aws,
  { job, queued }: StopView,
  { reason, comment, force }: { readonly reason: string; readonly comment: string; readonly force: boolean },
): Promise<void> {
  const { jobId, status } = job;
  const isLeft = queued > 0 || job.counts.IN_PROGRESS > 0;
  if (!isOpen(job) && !(status === "CANCELED" && force && isLeft))
    throw new FotaError("not-possible", `the job ${jobId} is ${status} already`);
  const input = { jobId, reasonCode: reason, comment, ...(force ? { force } : {}) };
  await aws.asked("iot:CancelJob", `job ${jobId}`, (sending) => aws.iot.send(new CancelJobCommand(input), sending));
}

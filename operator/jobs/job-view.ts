import { DescribeJobCommand, GetJobDocumentCommand, type Job, ListJobsCommand } from "@aws-sdk/client-iot";
import type { Aws } from "../aws/index.js";
import { FotaError, usage } from "../failure/index.js";
import { type JobNote, readNote } from "./job-note.js";

/** How many executions of a job are in each status. */
export type Counts = Readonly<Record<ExecutionStatus, number>>;

export const EXECUTION_STATUSES = [
  "QUEUED",
  "IN_PROGRESS",
  "SUCCEEDED",
  "FAILED",
  "REJECTED",
  "TIMED_OUT",
  "CANCELED",
  "REMOVED",
] as const;

/** [AWS IoT Jobs: job execution states] */
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** What an operator has to know of a job. */
export type JobView = {
  readonly jobId: string;
  readonly arn: string;
  /** SCHEDULED, IN_PROGRESS, COMPLETED, CANCELED, DELETION_IN_PROGRESS. */
  readonly status: string;
  readonly continuous: boolean;
  readonly targets: readonly string[];
  readonly counts: Counts;
  /** What this tool wrote about it. */
  readonly note: JobNote | undefined;
  /** Why it was stopped, by whoever or whatever did. */
  readonly reason: string;
  readonly createdAt: Date | undefined;
  readonly completedAt: Date | undefined;
  /** The job as AWS tells it, for another one like it. */
  readonly job: Job;
};

/** A line of the account's list of jobs. */
export type JobLine = { readonly jobId: string; readonly status: string; readonly createdAt: Date | undefined };

/** @throws FotaError "not-found" */
export async function readJob(aws: Aws, jobId: string): Promise<JobView> {
  const { job } = await aws.asked("iot:DescribeJob", `job ${jobId}`, (sending) =>
    aws.iot.send(new DescribeJobCommand({ jobId }), sending),
  );
  if (job === undefined) throw new FotaError("service", `iot:DescribeJob tells nothing of ${jobId}`);
  return viewOf(jobId, job);
}

/** `undefined` when there is no such job. */
export async function findJob(aws: Aws, jobId: string): Promise<JobView | undefined> {
  const found = await aws.askedFor("iot:DescribeJob", `job ${jobId}`, (sending) =>
    aws.iot.send(new DescribeJobCommand({ jobId }), sending),
  );
  return found?.job === undefined ? undefined : viewOf(jobId, found.job);
}

/** The document as it was written: placeholders are not replaced. */
export async function readJobDocument(aws: Aws, jobId: string): Promise<string> {
  const { document } = await aws.asked("iot:GetJobDocument", `job ${jobId}`, (sending) =>
    aws.iot.send(new GetJobDocumentCommand({ jobId }), sending),
  );
  if (document === undefined) throw usage(`the job ${jobId} has no document`);
  return document;
}

/** The latest jobs of the account, the newest first. One request. */
export async function latestJobs(aws: Aws, { most }: { readonly most: number }): Promise<readonly JobLine[]> {
  const input = { maxResults: most };
  const { jobs = [] } = await aws.asked("iot:ListJobs", "jobs", (sending) =>
    aws.iot.send(new ListJobsCommand(input), sending),
  );
  return jobs
    .flatMap(({ jobId, status: now = "", createdAt }) =>
      jobId === undefined ? [] : [{ jobId, status: now, createdAt }],
    )
    .sort((one, other) => (other.createdAt?.getTime() ?? 0) - (one.createdAt?.getTime() ?? 0));
}

function viewOf(jobId: string, job: Job): JobView {
  const { jobArn = "", status = "", targets = [], targetSelection, description, reasonCode, comment } = job;
  const details = job.jobProcessDetails ?? {};
  return {
    jobId,
    arn: jobArn,
    status,
    continuous: targetSelection === "CONTINUOUS",
    targets,
    note: readNote(description),
    reason: [reasonCode, comment].filter((text) => text !== undefined && text !== "").join(": "),
    createdAt: job.createdAt,
    completedAt: job.completedAt,
    job,
    counts: {
      QUEUED: details.numberOfQueuedThings ?? 0,
      IN_PROGRESS: details.numberOfInProgressThings ?? 0,
      SUCCEEDED: details.numberOfSucceededThings ?? 0,
      FAILED: details.numberOfFailedThings ?? 0,
      REJECTED: details.numberOfRejectedThings ?? 0,
      TIMED_OUT: details.numberOfTimedOutThings ?? 0,
      CANCELED: details.numberOfCanceledThings ?? 0,
      REMOVED: details.numberOfRemovedThings ?? 0,
    },
  };
}

/** Whether anything may still change by itself. */
export function isOpen({ status }: Pick<JobView, "status">): boolean {
  return status === "IN_PROGRESS" || status === "SCHEDULED";
}

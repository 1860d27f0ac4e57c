/** The objects of AWS IoT Jobs as the device sees them. [AWS Jobs: Jobs MQTT API data types] */

/** Status of a job execution, as the service has it. */
export type JobStatus =
  | "QUEUED"
  | "IN_PROGRESS"
  | "SUCCEEDED"
  | "FAILED"
  | "REJECTED"
  | "TIMED_OUT"
  | "CANCELED"
  | "REMOVED";

/** The statuses that a device may set. */
export type DeviceJobStatus = "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "REJECTED";

export const JOB_STATUSES: readonly JobStatus[] = Object.freeze([
  "QUEUED",
  "IN_PROGRESS",
  "SUCCEEDED",
  "FAILED",
  "REJECTED",
  "TIMED_OUT",
  "CANCELED",
  "REMOVED",
] satisfies JobStatus[]);

/** Names and values that stand beside the status, seen by the operator. */
export type StatusDetails = Readonly<Record<string, string>>;

/** What a device may change of an execution, and the version it has by that. */
export type JobExecutionState = {
  readonly status: JobStatus;
  /** Empty when the service sent none. */
  readonly statusDetails: StatusDetails;
  readonly versionNumber: number;
};

/** A job as lists show it. Times are whole seconds since 1970. */
export type JobExecutionSummary = {
  readonly jobId: string;
  readonly queuedAt: number;
  /** Absent while QUEUED. */
  readonly startedAt?: number;
  readonly lastUpdatedAt: number;
  readonly versionNumber: number;
  readonly executionNumber: number;
};

/** One job on one thing, as `describe` gives it. */
export type JobExecution = JobExecutionSummary &
  JobExecutionState & {
    /** Present while a timer of the service runs. May be up to 60 s too small. */
    readonly approximateSecondsBeforeTimedOut?: number;
    /** Usually an object. A document that came as JSON text is parsed; text that is not JSON stays a string. Absent when not asked for. */
    readonly jobDocument?: unknown;
  };

/** Pending executions by status; a status without entries is absent. */
export type PendingByStatus = Readonly<Partial<Record<JobStatus, readonly JobExecutionSummary[]>>>;

/** The objects of AWS IoT Jobs as the device sees them. [AWS Jobs: Jobs MQTT API data types] */

/** The statuses by which a device ends an execution. */
export const TERMINAL_STATUSES = Object.freeze(["SUCCEEDED", "FAILED", "REJECTED"] as const);
/** A status that ends an execution, as a device may set it. */
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

/** The statuses that a device may set. */
export const DEVICE_JOB_STATUSES = Object.freeze(["IN_PROGRESS", ...TERMINAL_STATUSES] as const);
/** The statuses that a device may set. */
export type DeviceJobStatus = (typeof DEVICE_JOB_STATUSES)[number];

/** All of them; the last three end an execution, too, and are set by the service. */
export const JOB_STATUSES = Object.freeze([
  "QUEUED",
  ...DEVICE_JOB_STATUSES,
  "TIMED_OUT",
  "CANCELED",
  "REMOVED",
] as const);
/** Status of a job execution, as the service has it. */
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Names and values that stand beside the status, seen by the operator. */
export type StatusDetails = Readonly<Record<string, string>>;

/** What a device may change of an execution, and the version it has by that. */
export type JobExecutionState = {
  readonly status: JobStatus;
  /** Empty when the service sent none. */
  readonly statusDetails: StatusDetails;
  readonly versionNumber: number;
};

/** Times are whole seconds since 1970. */
export type JobExecution = JobExecutionState & {
  readonly jobId: string;
  readonly queuedAt: number;
  /** Absent while QUEUED. */
  readonly startedAt?: number;
  readonly lastUpdatedAt: number;
  readonly executionNumber: number;
  /** Present while a timer of the service runs. May be up to 60 s too small. */
  readonly approximateSecondsBeforeTimedOut?: number;
  /**
   * Usually an object. A document that came as JSON text is parsed; text that is not JSON stays a string. Absent when
   * not asked for.
   */
  readonly jobDocument?: unknown;
};

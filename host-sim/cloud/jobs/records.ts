/**
 * What the Jobs service keeps in the store. All times are milliseconds since 1970. Type aliases, not interfaces: see
 * {@link Stored}.
 */

export type JobStatus = "SCHEDULED" | "IN_PROGRESS" | "CANCELED" | "COMPLETED" | "DELETION_IN_PROGRESS";

/** Status of a job execution. [AWS IoT: JobExecution] */
export type ExecutionStatus =
  | "QUEUED"
  | "IN_PROGRESS"
  | "SUCCEEDED"
  | "FAILED"
  | "REJECTED"
  | "TIMED_OUT"
  | "CANCELED"
  | "REMOVED";

export type FailureType = "FAILED" | "REJECTED" | "TIMED_OUT" | "ALL";

export type RateIncreaseCriteria = {
  readonly numberOfNotifiedThings?: number;
  readonly numberOfSucceededThings?: number;
};

export type RolloutConfig = {
  readonly maximumPerMinute?: number;
  readonly exponentialRate?: {
    readonly baseRatePerMinute: number;
    readonly incrementFactor: number;
    readonly rateIncreaseCriteria: RateIncreaseCriteria;
  };
};

export type AbortCriterion = {
  readonly failureType: FailureType;
  readonly action: "CANCEL";
  readonly thresholdPercentage: number;
  readonly minNumberOfExecutedThings: number;
};

export type RetryCriterion = { readonly failureType: "FAILED" | "TIMED_OUT" | "ALL"; readonly numberOfRetries: number };

/** `startTime` is a cron expression in UTC. */
export type MaintenanceWindow = { readonly startTime: string; readonly durationInMinutes: number };

export type SchedulingConfig = {
  readonly startTime?: string;
  readonly endTime?: string;
  readonly endBehavior?: "STOP_ROLLOUT" | "CANCEL" | "FORCE_CANCEL";
  readonly maintenanceWindows?: readonly MaintenanceWindow[];
};

export type JobConfigs = {
  readonly presignedUrlConfig?: { readonly roleArn?: string; readonly expiresInSec?: number };
  readonly timeoutConfig?: { readonly inProgressTimeoutInMinutes?: number };
  readonly jobExecutionsRolloutConfig?: RolloutConfig;
  readonly abortConfig?: { readonly criteriaList: readonly AbortCriterion[] };
  readonly jobExecutionsRetryConfig?: { readonly criteriaList: readonly RetryCriterion[] };
};

export type JobRecord = JobConfigs & {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly targetSelection: "SNAPSHOT" | "CONTINUOUS";
  readonly targets: readonly string[];
  readonly document: string;
  /** The document before names of packages were replaced, where that made a difference. */
  readonly documentBefore?: string;
  readonly documentSource?: string;
  readonly jobTemplateArn?: string;
  /** ARNs of the package versions that the job installs. */
  readonly destinationPackageVersions?: readonly string[];
  readonly description?: string;
  readonly schedulingConfig?: SchedulingConfig;
  /** Times of `schedulingConfig` as numbers. */
  readonly startAt?: number;
  readonly endAt?: number;
  /** Whether a maintenance window is open; absent in a job that has none. */
  readonly windowOpen?: boolean;
  /** Set when the end of the schedule stopped the roll-out. */
  readonly rolloutStopped?: boolean;
  readonly forceCanceled?: boolean;
  readonly reasonCode?: string;
  readonly comment?: string;
  readonly createdAt: number;
  readonly lastUpdatedAt: number;
  readonly completedAt?: number;
};

/** A job template: what a job may take over from it. */
export type TemplateRecord = {
  readonly jobTemplateId: string;
  readonly description: string;
  readonly document: string;
  readonly documentSource?: string;
  readonly configs: JobConfigs;
  readonly maintenanceWindows?: readonly MaintenanceWindow[];
  readonly destinationPackageVersions?: readonly string[];
  readonly createdAt: number;
};

/** Progress of handing out executions. A window is one minute. */
export type RolloutRecord = {
  readonly windowStart: number;
  readonly releasedInWindow: number;
  /** Executions handed out so far, retries not counted. */
  readonly notified: number;
};

/** One execution of a job on a thing. */
export type ExecutionRecord = {
  readonly jobId: string;
  readonly thingName: string;
  readonly executionNumber: number;
  readonly versionNumber: number;
  readonly status: ExecutionStatus;
  readonly statusDetails: Readonly<Record<string, string>>;
  readonly queuedAt: number;
  readonly startedAt?: number;
  readonly lastUpdatedAt: number;
  /** Order of queueing across all executions: settles ties of `queuedAt`. */
  readonly sequence: number;
  readonly forceCanceled?: boolean;
  readonly inProgressDeadline?: number;
  readonly stepDeadline?: number;
  /** Retries that led to this execution, by what each retried. */
  readonly failedRetries: number;
  readonly timedOutRetries: number;
};

/** The statuses of an execution that is over. */
export const TERMINAL_STATUSES: readonly ExecutionStatus[] = Object.freeze([
  "SUCCEEDED",
  "FAILED",
  "REJECTED",
  "TIMED_OUT",
  "CANCELED",
  "REMOVED",
]);

/** Whether an execution of this status is over. `undefined`, no execution yet, is not. */
export function isTerminal(status: string | undefined): boolean {
  return TERMINAL_STATUSES.some((terminal) => terminal === status);
}

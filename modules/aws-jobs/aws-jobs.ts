import type { MqttSession, TimerPort } from "../mqtt-session/index.js";
import type { AwsJobsError } from "./errors.js";
import type {
  DeviceJobStatus,
  JobExecution,
  JobExecutionState,
  JobExecutionSummary,
  PendingByStatus,
  StatusDetails,
} from "./model.js";

export type JobsSession = Pick<MqttSession, "observe" | "subscribe" | "publish">;
export type AwsJobsOptions = {
  readonly session: JobsSession;
  readonly thingName: string;
  readonly timer: TimerPort;
  readonly random?: () => number;
  readonly trace?: (text: string) => void;
  readonly requestTimeoutMs?: number;
  onReady(): void;
  onNotifyNext(execution: JobExecution | undefined): void;
  onNotify?(pending: PendingByStatus): void;
  onError?(error: AwsJobsError): void;
};
export type ExecutionDone = (error: AwsJobsError | undefined, execution?: JobExecution) => void;
export type DescribeOptions = { readonly executionNumber?: number; readonly includeJobDocument?: boolean };
export type StartNextOptions = { readonly statusDetails?: StatusDetails; readonly stepTimeoutInMinutes?: number };
export type PendingJobs = {
  readonly inProgressJobs: readonly JobExecutionSummary[];
  readonly queuedJobs: readonly JobExecutionSummary[];
};
export type UpdateOptions = {
  readonly status: DeviceJobStatus;
  readonly statusDetails?: StatusDetails;
  readonly expectedVersion?: number;
  readonly executionNumber?: number;
  readonly stepTimeoutInMinutes?: number;
  readonly includeJobExecutionState?: boolean;
  readonly includeJobDocument?: boolean;
};
export type UpdateResult = {
  readonly executionState?: JobExecutionState;
  readonly jobDocument?: unknown;
  readonly timestamp?: number;
};

export class AwsJobs {
  constructor(readonly options: AwsJobsOptions) {}
  open(): void {}
  close(): void {}
  describeNext(_onDone: ExecutionDone): void {}
  describe(_jobId: string, _options: DescribeOptions, _onDone: ExecutionDone): void {}
  startNext(_options: StartNextOptions, _onDone: ExecutionDone): void {}
  getPending(_onDone: (error: AwsJobsError | undefined, jobs?: PendingJobs) => void): void {}
  update(
    _jobId: string,
    _options: UpdateOptions,
    _onDone: (error: AwsJobsError | undefined, result?: UpdateResult) => void,
  ): void {}
}

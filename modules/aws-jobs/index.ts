/** The device side of AWS IoT Jobs over an MQTT session. */
export type {
  AwsJobsOptions,
  DescribeOptions,
  ExecutionDone,
  JobsSession,
  PendingJobs,
  StartNextOptions,
  UpdateOptions,
  UpdateResult,
} from "./aws-jobs.js";
export { AwsJobs } from "./aws-jobs.js";
export type { AwsJobsErrorCode, JobsRejectionCode } from "./errors.js";
export { AwsJobsError } from "./errors.js";
export type {
  DeviceJobStatus,
  JobExecution,
  JobExecutionState,
  JobExecutionSummary,
  JobStatus,
  PendingByStatus,
  StatusDetails,
} from "./model.js";

/** The device side of AWS IoT Jobs over an MQTT session. @module */
export type { AwsJobsOptions, ExecutionDone, JobsSession } from "./aws-jobs.js";
export { AwsJobs } from "./aws-jobs.js";
export type { DescribeOptions } from "./describe.js";
export type { AwsJobsErrorCode, JobsRejectionCode } from "./errors.js";
export { AwsJobsError } from "./errors.js";
export type { PendingJobs } from "./get-pending.js";
export type {
  DeviceJobStatus,
  JobExecution,
  JobExecutionState,
  JobExecutionSummary,
  JobStatus,
  PendingByStatus,
  StatusDetails,
} from "./model.js";
export type { StartNextOptions } from "./start-next.js";
export { checkStatusDetails, sanitizeStatusDetails, sanitizeStatusValue } from "./status-details.js";
export type { UpdateOptions, UpdateResult } from "./update.js";

/** The device side of AWS IoT Jobs over an MQTT session. @module */
export type { AwsJobsOptions, ExecutionDone, JobsSession } from "./aws-jobs.js";
export { AwsJobs } from "./aws-jobs.js";
export type { DescribeOptions } from "./describe.js";
export type { AwsJobsErrorCode, JobsRejectionCode } from "./errors.js";
export { AWS_JOBS_RETRY, AwsJobsError } from "./errors.js";
export type {
  DeviceJobStatus,
  JobExecution,
  JobExecutionState,
  JobStatus,
  StatusDetails,
  TerminalStatus,
} from "./model.js";
export { TERMINAL_STATUSES } from "./model.js";
export { isThingName } from "./names.js";
export { isStatusKey, MAX_STATUS_PAIRS, MAX_STATUS_VALUE_LENGTH } from "./status-details.js";
export type { UpdateOptions, UpdateResult } from "./update.js";

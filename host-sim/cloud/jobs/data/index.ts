export { describeJobExecution } from "./describe-job-execution.js";
export { getPendingJobExecutions } from "./get-pending-job-executions.js";
export { startNextPendingJobExecution } from "./start-next-pending-job-execution.js";
export { updateJobExecution } from "./update-job-execution.js";

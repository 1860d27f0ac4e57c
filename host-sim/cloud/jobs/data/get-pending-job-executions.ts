import { deviceSummary } from "../device-views.js";
import { existingThingName, type OperationInput, type OperationOutput } from "../operation.js";
import { pendingQueue } from "../queue.js";
import type { ExecutionStatus } from "../records.js";
import type { JobsService } from "../service.js";

/** [AWS Jobs: GetPendingJobExecutions] Both lists are always there; no documents. */
export function getPendingJobExecutions(service: JobsService, input: OperationInput): OperationOutput {
  service.takeRead();
  const queue = pendingQueue(service, existingThingName(service, input)).slice(0, service.options.pendingListLimit);
  const withStatus = (status: ExecutionStatus) => queue.filter((one) => one.status === status).map(deviceSummary);
  return { inProgressJobs: withStatus("IN_PROGRESS"), queuedJobs: withStatus("QUEUED") };
}

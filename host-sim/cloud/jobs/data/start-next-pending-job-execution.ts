import { applyDeviceChange, restartStepTimer } from "../execution-changes.js";
import { existingThingName, type OperationInput, type OperationOutput, optionalStepTimeout } from "../operation.js";
import { pendingQueue } from "../queue.js";
import type { ExecutionRecord } from "../records.js";
import type { JobsService } from "../service.js";
import { optionalStatusDetails } from "../status-details.js";
import { executionOutput } from "./execution-output.js";

/**
 * [AWS Jobs: StartNextPendingJobExecution] A QUEUED execution becomes IN_PROGRESS; one that is IN_PROGRESS already is
 * returned unchanged, which is how a device resumes after a restart. Without any, there is no member `execution`.
 */
export function startNextPendingJobExecution(service: JobsService, input: OperationInput): OperationOutput {
  service.takeWrite();
  const thingName = existingThingName(service, input);
  const statusDetails = optionalStatusDetails(input, service.options.statusDetailsValueLength);
  const stepTimeoutInMinutes = optionalStepTimeout(input, false);
  return service.transaction(() => {
    const first = pendingQueue(service, thingName)[0];
    if (first === undefined) return {};
    const change = { status: "IN_PROGRESS", statusDetails, stepTimeoutInMinutes } as const;
    const started =
      first.status === "QUEUED" ? applyDeviceChange(service, first, change) : resumed(service, first, change);
    return { execution: executionOutput(service, started, true) };
  });
}

function resumed(
  service: JobsService,
  execution: ExecutionRecord,
  change: { readonly stepTimeoutInMinutes: number | undefined },
): ExecutionRecord {
  const minutes = change.stepTimeoutInMinutes;
  if (minutes === undefined || !service.options.startNextRestartsStepTimer) return execution;
  return restartStepTimer(service, execution, minutes);
}

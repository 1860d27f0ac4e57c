import { AwsError } from "../../context/context.js";
import { optionalFlag, optionalNumber } from "../../context/fields.js";
import { applyServiceChange } from "../execution-changes.js";
import { completeWhenDone } from "../job-lifecycle.js";
import { existingExecution, type OperationInput, type OperationOutput } from "../operation.js";
import { isTerminal } from "../records.js";
import type { JobsService } from "../service.js";
import { optionalStatusDetails } from "../status-details.js";

/**
 * [AWS IoT: CancelJobExecution]
 *
 * @throws AwsError `VersionConflict`, `InvalidStateTransition` (terminal, or IN_PROGRESS without `force`),
 * `ResourceNotFound`
 */
export function cancelJobExecution(service: JobsService, input: OperationInput): OperationOutput {
  const force = optionalFlag(input, "force") ?? false;
  const statusDetails = optionalStatusDetails(input, service.options.statusDetailsValueLength);
  const expected = optionalNumber(input, "expectedVersion", { min: 0, max: Number.MAX_SAFE_INTEGER });
  return service.transaction(() => {
    const execution = existingExecution(service, input);
    const { status, versionNumber } = execution;
    if (expected !== undefined && expected !== versionNumber) {
      throw new AwsError("VersionConflict", `Expected version ${expected} but found version ${versionNumber}`);
    }
    if (isTerminal(status) || (status === "IN_PROGRESS" && !force)) {
      throw new AwsError("InvalidStateTransition", `the execution is ${status}`);
    }
    const forceCanceled = force || undefined;
    applyServiceChange(service, execution, { status: "CANCELED", statusDetails, forceCanceled });
    completeWhenDone(service, execution.jobId);
    return {};
  });
}

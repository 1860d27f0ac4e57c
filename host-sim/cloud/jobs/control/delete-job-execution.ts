import { AwsError } from "../../context/context.js";
import { invalidRequest, optionalFlag } from "../../context/fields.js";
import { removeExecution } from "../execution-changes.js";
import { completeWhenDone } from "../job-lifecycle.js";
import { existingExecution, type OperationInput, type OperationOutput } from "../operation.js";
import { isTerminal } from "../records.js";
import type { JobsService } from "../service.js";

/**
 * [AWS IoT: DeleteJobExecution] Without `force` only an execution that ended.
 *
 * @throws AwsError `InvalidRequest`, `InvalidStateTransition`, `ResourceNotFound`
 */
export function deleteJobExecution(service: JobsService, input: OperationInput): OperationOutput {
  const force = optionalFlag(input, "force") ?? false;
  if (input.executionNumber === undefined) throw invalidRequest("executionNumber is required");
  return service.transaction(() => {
    const execution = existingExecution(service, input);
    if (!isTerminal(execution.status) && !force) {
      throw new AwsError("InvalidStateTransition", `the execution is ${execution.status}`);
    }
    removeExecution(service, execution);
    completeWhenDone(service, execution.jobId);
    return {};
  });
}

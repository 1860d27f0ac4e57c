import { AwsError } from "../../context/context.js";
import { optionalFlag } from "../../context/fields.js";
import { executionState } from "../device-views.js";
import { existingExecution, existingThingName, type OperationInput, type OperationOutput } from "../operation.js";
import { pendingQueue } from "../queue.js";
import { isTerminal } from "../records.js";
import type { JobsService } from "../service.js";
import { executionOutput } from "./execution-output.js";

/**
 * [AWS Jobs: DescribeJobExecution] `jobId` may be `$next`, which peeks at what start-next would return; without any,
 * there is no member `execution`.
 *
 * @throws AwsError `ResourceNotFound`, `TerminalStateReached`
 */
export function describeJobExecution(service: JobsService, input: OperationInput): OperationOutput {
  service.takeRead();
  const withDocument = optionalFlag(input, "includeJobDocument") ?? true;
  if (input.jobId === "$next") {
    const first = pendingQueue(service, existingThingName(service, input))[0];
    return first === undefined ? {} : { execution: executionOutput(service, first, withDocument) };
  }
  const execution = existingExecution(service, input);
  if (isTerminal(execution.status)) {
    const members = service.options.terminalCarriesState ? { executionState: executionState(execution) } : {};
    throw new AwsError("TerminalStateReached", `the execution is ${execution.status}`, members);
  }
  return { execution: executionOutput(service, execution, withDocument) };
}

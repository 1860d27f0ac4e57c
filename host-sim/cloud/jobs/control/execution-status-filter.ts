import { type OperationInput, optionalChoice } from "../../context/fields.js";
import { type ExecutionStatus, TERMINAL_STATUSES } from "../records.js";

/** The query parameter `status` of both execution lists. */
export function executionStatusFilter(input: OperationInput): ExecutionStatus | undefined {
  return optionalChoice<ExecutionStatus>(input, "status", ["QUEUED", "IN_PROGRESS", ...TERMINAL_STATUSES]);
}

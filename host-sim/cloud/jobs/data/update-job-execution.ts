import { AwsError } from "../../context/context.js";
import { invalidRequest, optionalFlag, optionalNumber, requiredText } from "../../context/fields.js";
import { executionState } from "../device-views.js";
import { deliveredDocument } from "../document.js";
import { applyDeviceChange } from "../execution-changes.js";
import { existingExecution, type OperationInput, type OperationOutput, optionalStepTimeout } from "../operation.js";
import { type ExecutionRecord, type ExecutionStatus, isTerminal } from "../records.js";
import type { JobsService } from "../service.js";
import { optionalStatusDetails } from "../status-details.js";

/** What a device may ask for. QUEUED is a state it knows but can never reach; the others belong to the service. */
const DEVICE_STATUSES: readonly ExecutionStatus[] = Object.freeze([
  "IN_PROGRESS",
  "SUCCEEDED",
  "FAILED",
  "REJECTED",
  "QUEUED",
]);

/**
 * [AWS Jobs: UpdateJobExecution]
 *
 * @throws AwsError `InvalidRequest`, `ResourceNotFound`, `VersionMismatch`, `InvalidStateTransition`,
 * `TerminalStateReached`
 */
export function updateJobExecution(service: JobsService, input: OperationInput): OperationOutput {
  service.takeWrite();
  const status = requiredStatus(input);
  const statusDetails = optionalStatusDetails(input, service.options.statusDetailsValueLength);
  const stepTimeoutInMinutes = optionalStepTimeout(input, true);
  const expectedVersion = optionalNumber(input, "expectedVersion", {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    text: true,
  });
  const withState = optionalFlag(input, "includeJobExecutionState") ?? false;
  const withDocument = optionalFlag(input, "includeJobDocument") ?? false;
  return service.transaction(() => {
    const execution = existingExecution(service, input);
    const checks = [
      () => checkNotTerminal(service, execution, status),
      () => checkVersion(execution, expectedVersion),
      () => checkTransition(service, execution, status),
    ];
    if (!service.options.terminalBeforeVersion) checks.reverse();
    for (const check of checks) check();
    const changed = applyDeviceChange(service, execution, { status, statusDetails, stepTimeoutInMinutes });
    const job = withDocument ? service.store.job(execution.jobId) : undefined;
    return {
      ...(withState ? { executionState: executionState(changed) } : {}),
      ...(job === undefined ? {} : { jobDocument: deliveredDocument(service, job) }),
    };
  });
}

function requiredStatus(input: OperationInput): ExecutionStatus {
  const text = requiredText(input, "status");
  const status = DEVICE_STATUSES.find((candidate) => candidate === text);
  if (status === undefined) throw invalidRequest(`status ${JSON.stringify(text)} cannot be set by a device`);
  return status;
}

function checkVersion(execution: ExecutionRecord, expected: number | undefined): void {
  if (expected === undefined || expected === execution.versionNumber) return;
  const message = `Expected version ${expected} but found version ${execution.versionNumber}`;
  throw new AwsError("VersionMismatch", message, { executionState: executionState(execution) });
}

function checkNotTerminal(service: JobsService, execution: ExecutionRecord, status: ExecutionStatus): void {
  if (!isTerminal(execution.status)) return;
  const code = service.options.terminalUpdateCode;
  if (code === "InvalidStateTransition") throw invalidTransition(execution, status);
  const members = service.options.terminalCarriesState ? { executionState: executionState(execution) } : {};
  throw new AwsError(code, `the execution is ${execution.status}`, members);
}

function checkTransition(service: JobsService, execution: ExecutionRecord, status: ExecutionStatus): void {
  const finishesUnstarted = execution.status === "QUEUED" && (status === "SUCCEEDED" || status === "FAILED");
  if (status === "QUEUED" || (finishesUnstarted && !service.options.queuedMayFinish)) {
    throw invalidTransition(execution, status);
  }
}

function invalidTransition(execution: ExecutionRecord, status: ExecutionStatus): AwsError {
  return new AwsError("InvalidStateTransition", `the execution cannot go from ${execution.status} to ${status}`, {
    executionState: executionState(execution),
  });
}

import { executionDeadline } from "./device-views.js";
import { applyServiceChange } from "./execution-changes.js";
import type { ExecutionRecord } from "./records.js";
import type { JobsService } from "./service.js";

/** Starts, moves or stops the time-out of an execution to match its record. */
export function armExecutionTimer(service: JobsService, execution: ExecutionRecord): void {
  const name = `execution/${execution.thingName}/${execution.jobId}`;
  const deadline = executionDeadline(execution);
  if (deadline === undefined) {
    service.timers.clear(name);
    return;
  }
  service.timers.set(name, deadline + service.options.timeoutLagMs, () =>
    service.transaction(() => timeOut(service, execution)),
  );
}

/** Starts the time-outs of all executions in the store: the deadlines passed on while the service was away. */
export function restoreExecutionTimers(service: JobsService): void {
  for (const execution of service.store.pendingExecutions()) armExecutionTimer(service, execution);
}

function timeOut(service: JobsService, { thingName, jobId, executionNumber }: ExecutionRecord): void {
  const execution = service.store.execution(thingName, jobId, executionNumber);
  const deadline = execution === undefined ? undefined : executionDeadline(execution);
  // The record decides, not the timer: a transaction that was undone may have left this timer behind.
  if (execution === undefined || deadline === undefined) return;
  if (deadline + service.options.timeoutLagMs > service.now) armExecutionTimer(service, execution);
  else applyServiceChange(service, execution, { status: "TIMED_OUT" });
}

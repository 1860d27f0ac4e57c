/** All that happens to an execution: it is queued, changed by its device or by the service, timed out, taken away. */
import { abortCriterionMet } from "./abort.js";
import { changedExecution, type ExecutionChange } from "./changed-execution.js";
import { executionDeadline } from "./device-views.js";
import { sendExecutionEvent } from "./events.js";
import { completeWhenDone, endJob } from "./job-lifecycle.js";
import { changingQueue } from "./queue.js";
import { type ExecutionRecord, isTerminal, type JobRecord } from "./records.js";
import { retryAllowed } from "./retry.js";
import type { JobsService } from "./service.js";

/** Queues a first or further execution of a job on a thing. Inside a transaction. */
export function queueExecution(
  service: JobsService,
  job: JobRecord,
  thingName: string,
  retried?: ExecutionRecord,
): void {
  const latest = service.store.latestExecution(thingName, job.jobId);
  const now = service.now;
  const continued = retried !== undefined && service.options.retryVersion === "continue";
  changingQueue(service, thingName, () =>
    service.store.putExecution({
      jobId: job.jobId,
      thingName,
      executionNumber: (latest?.executionNumber ?? 0) + 1,
      versionNumber: continued ? retried.versionNumber + 1 : 1,
      status: "QUEUED",
      statusDetails: {},
      queuedAt: now,
      lastUpdatedAt: now,
      sequence: service.store.nextSequence(),
      failedRetries: (retried?.failedRetries ?? 0) + (retried?.status === "FAILED" ? 1 : 0),
      timedOutRetries: (retried?.timedOutRetries ?? 0) + (retried?.status === "TIMED_OUT" ? 1 : 0),
    }),
  );
}

/**
 * Stores a change made by the device, with all that follows from it. Inside a transaction. Returns the stored
 * execution.
 */
export function applyDeviceChange(
  service: JobsService,
  execution: ExecutionRecord,
  change: ExecutionChange,
): ExecutionRecord {
  return apply(service, execution, change, true);
}

/** Stores a change made by the service: TIMED_OUT, CANCELED, REMOVED. Inside a transaction. */
export function applyServiceChange(service: JobsService, execution: ExecutionRecord, change: ExecutionChange): void {
  apply(service, execution, change, service.options.serviceBumpsVersion);
}

function apply(
  service: JobsService,
  execution: ExecutionRecord,
  change: ExecutionChange,
  bumpVersion: boolean,
): ExecutionRecord {
  const job = service.store.job(execution.jobId);
  const inProgressTimeoutInMinutes = job?.timeoutConfig?.inProgressTimeoutInMinutes;
  const changed = changedExecution(execution, change, { now: service.now, inProgressTimeoutInMinutes, bumpVersion });
  changingQueue(service, execution.thingName, () => service.store.putExecution(changed));
  armExecutionTimer(service, changed);
  if (changed.status === "SUCCEEDED" && job?.destinationPackageVersions !== undefined) {
    service.packages?.installed(changed.thingName, job.destinationPackageVersions);
  }
  if (isTerminal(changed.status)) afterEnd(service, changed);
  return changed;
}

/** Starts the step timer anew and changes nothing else. Inside a transaction. Returns the stored execution. */
export function restartStepTimer(service: JobsService, execution: ExecutionRecord, minutes: number): ExecutionRecord {
  const restarted = { ...execution, stepDeadline: service.now + minutes * 60_000 };
  service.store.putExecution(restarted);
  armExecutionTimer(service, restarted);
  return restarted;
}

/** Takes an execution away altogether: deleted by the operator, or its thing is gone. Inside a transaction. */
export function removeExecution(service: JobsService, execution: ExecutionRecord): void {
  changingQueue(service, execution.thingName, () => service.store.removeExecution(execution));
  armExecutionTimer(service, { ...execution, status: "REMOVED" });
  sendExecutionEvent(service, execution, "deleted");
}

function afterEnd(service: JobsService, execution: ExecutionRecord): void {
  sendExecutionEvent(service, execution);
  const job = service.store.job(execution.jobId);
  if (job?.status !== "IN_PROGRESS") return;
  if (retryAllowed(job, execution)) {
    queueExecution(service, job, execution.thingName, execution);
    return;
  }
  const criterion = abortCriterionMet(
    job.abortConfig?.criteriaList ?? [],
    service.store.counts(job.jobId),
    service.options.abortPercentageOf,
  );
  if (criterion === undefined) {
    completeWhenDone(service, job.jobId);
    return;
  }
  endJob(service, job, "CANCELED", {
    reasonCode: "ABORT_CRITERIA_MET",
    comment: `${criterion.failureType} executions reached ${criterion.thresholdPercentage} %`,
  });
  cancelExecutionsOfJob(service, job.jobId, false);
}

/**
 * QUEUED executions become CANCELED; IN_PROGRESS ones only by force, else they go on to whatever end the device gives
 * them.
 */
export function cancelExecutionsOfJob(service: JobsService, jobId: string, force: boolean): void {
  for (const execution of [...service.store.latestExecutions(jobId)]) {
    if (execution.status === "QUEUED") applyServiceChange(service, execution, { status: "CANCELED" });
    if (execution.status === "IN_PROGRESS" && force) {
      applyServiceChange(service, execution, { status: "CANCELED", forceCanceled: true });
    }
  }
}

/** Starts the time-outs of all executions in the store: the deadlines passed on while the service was away. */
export function restoreExecutionTimers(service: JobsService): void {
  for (const execution of service.store.pendingExecutions()) armExecutionTimer(service, execution);
}

/** Starts, moves or stops the time-out of an execution to match its record. */
function armExecutionTimer(service: JobsService, execution: ExecutionRecord): void {
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

function timeOut(service: JobsService, { thingName, jobId, executionNumber }: ExecutionRecord): void {
  const execution = service.store.execution(thingName, jobId, executionNumber);
  const deadline = execution === undefined ? undefined : executionDeadline(execution);
  // The record decides, not the timer: a transaction that was undone may have left this timer behind.
  if (execution === undefined || deadline === undefined) return;
  if (deadline + service.options.timeoutLagMs > service.now) armExecutionTimer(service, execution);
  else applyServiceChange(service, execution, { status: "TIMED_OUT" });
}

import { abortCriterionMet } from "./abort.js";
import { sendExecutionEvent } from "./events.js";
import { armExecutionTimer } from "./execution-timers.js";
import { definedMembers } from "./fields.js";
import { cancelExecutionsOfJob, completeWhenDone, endJob } from "./job-lifecycle.js";
import { changingQueue } from "./queue.js";
import { type ExecutionRecord, type ExecutionStatus, isTerminal, type JobRecord } from "./records.js";
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

export type ExecutionChange = {
  readonly status: ExecutionStatus;
  /** Replaces the stored details; absent leaves them. */
  readonly statusDetails?: Readonly<Record<string, string>> | undefined;
  /** Minutes until the step timer ends, -1 removes it; absent leaves it running. */
  readonly stepTimeoutInMinutes?: number | undefined;
  readonly forceCanceled?: boolean | undefined;
};

/**
 * The execution after a change of status, made by its device or by the service. Pure: the caller has checked that the transition is
 * allowed, and stores the result.
 */
export function changedExecution(
  execution: ExecutionRecord,
  change: ExecutionChange,
  at: { readonly now: number; readonly inProgressTimeoutInMinutes: number | undefined; readonly bumpVersion: boolean },
): ExecutionRecord {
  const starts = execution.status === "QUEUED" && change.status === "IN_PROGRESS";
  const minutes = at.inProgressTimeoutInMinutes;
  const { inProgressDeadline, stepDeadline, startedAt, ...rest } = execution;
  return definedMembers({
    ...rest,
    status: change.status,
    statusDetails: change.statusDetails ?? execution.statusDetails,
    versionNumber: execution.versionNumber + (at.bumpVersion ? 1 : 0),
    lastUpdatedAt: at.now,
    startedAt: starts ? at.now : startedAt,
    forceCanceled: change.forceCanceled || execution.forceCanceled || undefined,
    inProgressDeadline: starts && minutes !== undefined ? at.now + minutes * 60_000 : inProgressDeadline,
    stepDeadline: newStepDeadline(stepDeadline, change, at.now),
  });
}

function newStepDeadline(running: number | undefined, change: ExecutionChange, now: number): number | undefined {
  const minutes = change.stepTimeoutInMinutes;
  if (change.status !== "IN_PROGRESS" || minutes === undefined) return running;
  return minutes === -1 ? undefined : now + minutes * 60_000;
}

/** Stores a change made by the device, with all that follows from it. Inside a transaction. Returns the stored execution. */
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
  if (isTerminal(changed.status)) afterEnd(service, changed);
  return changed;
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

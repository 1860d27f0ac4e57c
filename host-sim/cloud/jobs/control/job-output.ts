import { definedMembers } from "../../context/fields.js";
import { jobArn } from "../arns.js";
import { scheduledRollouts } from "../maintenance.js";
import type { ExecutionRecord, JobRecord } from "../records.js";
import type { JobsService } from "../service.js";

/** Seconds with fraction, as the control plane writes times. */
function fractionalSeconds(ms: number): number {
  return ms / 1000;
}

function optionalSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : fractionalSeconds(ms);
}

/** The `job` member of DescribeJob. */
export function jobOutput(service: JobsService, job: JobRecord): Readonly<Record<string, unknown>> {
  return definedMembers({
    jobArn: jobArn(service.context, job.jobId),
    jobId: job.jobId,
    targetSelection: job.targetSelection,
    status: job.status,
    forceCanceled: job.forceCanceled,
    reasonCode: job.reasonCode,
    comment: job.comment,
    targets: job.targets,
    description: job.description,
    presignedUrlConfig: job.presignedUrlConfig,
    jobExecutionsRolloutConfig: job.jobExecutionsRolloutConfig,
    abortConfig: job.abortConfig,
    timeoutConfig: job.timeoutConfig,
    jobExecutionsRetryConfig: job.jobExecutionsRetryConfig,
    schedulingConfig: job.schedulingConfig,
    scheduledJobRollouts: rollouts(service, job),
    jobTemplateArn: job.jobTemplateArn,
    destinationPackageVersions: job.destinationPackageVersions,
    createdAt: fractionalSeconds(job.createdAt),
    lastUpdatedAt: fractionalSeconds(job.lastUpdatedAt),
    completedAt: optionalSeconds(job.completedAt),
    jobProcessDetails: processDetails(service, job),
    isConcurrent: false,
  });
}

/** The maintenance windows to come of a job that goes on. */
function rollouts(service: JobsService, { schedulingConfig, status }: JobRecord) {
  const windows = schedulingConfig?.maintenanceWindows;
  const goesOn = status === "IN_PROGRESS" || status === "SCHEDULED";
  return windows === undefined || !goesOn ? undefined : scheduledRollouts(windows, service.now);
}

/** An entry of ListJobs. */
export function jobSummary(service: JobsService, job: JobRecord): Readonly<Record<string, unknown>> {
  return definedMembers({
    jobArn: jobArn(service.context, job.jobId),
    jobId: job.jobId,
    targetSelection: job.targetSelection,
    status: job.status,
    createdAt: fractionalSeconds(job.createdAt),
    lastUpdatedAt: fractionalSeconds(job.lastUpdatedAt),
    completedAt: optionalSeconds(job.completedAt),
  });
}

function processDetails(service: JobsService, job: JobRecord): Readonly<Record<string, unknown>> {
  const counts = service.store.counts(job.jobId);
  const handsOut = job.status === "IN_PROGRESS" && service.store.waiting(job.jobId).length > 0;
  return definedMembers({
    processingTargets: handsOut ? job.targets : undefined,
    numberOfCanceledThings: counts.CANCELED ?? 0,
    numberOfSucceededThings: counts.SUCCEEDED ?? 0,
    numberOfFailedThings: counts.FAILED ?? 0,
    numberOfRejectedThings: counts.REJECTED ?? 0,
    numberOfQueuedThings: counts.QUEUED ?? 0,
    numberOfInProgressThings: counts.IN_PROGRESS ?? 0,
    numberOfRemovedThings: counts.REMOVED ?? 0,
    numberOfTimedOutThings: counts.TIMED_OUT ?? 0,
  });
}

/** The member `jobExecutionSummary` of both execution lists. */
export function executionSummary(execution: ExecutionRecord): Readonly<Record<string, unknown>> {
  const retryAttempt = execution.failedRetries + execution.timedOutRetries;
  return definedMembers({
    status: execution.status,
    queuedAt: fractionalSeconds(execution.queuedAt),
    startedAt: optionalSeconds(execution.startedAt),
    lastUpdatedAt: fractionalSeconds(execution.lastUpdatedAt),
    executionNumber: execution.executionNumber,
    retryAttempt: retryAttempt === 0 ? undefined : retryAttempt,
  });
}

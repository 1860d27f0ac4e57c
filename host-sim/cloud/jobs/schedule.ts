import { invalidRequest } from "../context/fields.js";
import { sendJobEvent } from "./events.js";
import { cancelExecutionsOfJob, removeExecution } from "./execution-changes.js";
import { completeWhenDone, endJob } from "./job-lifecycle.js";
import type { JobRecord } from "./records.js";
import { startRollout } from "./rollout.js";
import type { JobsService } from "./service.js";
import { armWindows } from "./window-changes.js";

/** Arms what a job does by itself: its start, its end, its roll-out, its deletion. */
export function armJob(service: JobsService, job: JobRecord): void {
  const { jobId } = job;
  if (job.status === "DELETION_IN_PROGRESS") {
    const at = job.lastUpdatedAt + service.options.deletionDelayMs;
    service.timers.set(`schedule/${jobId}`, at, () => service.transaction(() => finishDeletion(service, jobId)));
  }
  if (job.status === "SCHEDULED" && job.startAt !== undefined) {
    service.timers.set(`schedule/${jobId}`, job.startAt, () => service.transaction(() => startJob(service, jobId)));
  }
  if (job.status === "IN_PROGRESS") {
    armWindows(service, jobId);
    startRollout(service, jobId, service.now);
    if (job.endAt !== undefined && !job.rolloutStopped) {
      service.timers.set(`schedule/${jobId}`, job.endAt, () => service.transaction(() => endSchedule(service, jobId)));
    }
  }
}

/** Arms all jobs in the store when the service starts. */
export function restoreJobTimers(service: JobsService): void {
  for (const job of [...service.store.jobs()]) service.transaction(() => armJob(service, job));
}

function startJob(service: JobsService, jobId: string): void {
  const job = service.store.job(jobId);
  if (job?.status !== "SCHEDULED") return;
  const started: JobRecord = { ...job, status: "IN_PROGRESS", lastUpdatedAt: service.now };
  service.store.putJob(started);
  armJob(service, started);
}

/** What happens to a job at the end of its schedule is chosen by `endBehavior`; STOP_ROLLOUT lets devices finish. */
function endSchedule(service: JobsService, jobId: string): void {
  const job = service.store.job(jobId);
  if (job?.status !== "IN_PROGRESS") return;
  const behavior = job.schedulingConfig?.endBehavior ?? "STOP_ROLLOUT";
  if (behavior === "STOP_ROLLOUT") {
    service.store.putJob({ ...job, rolloutStopped: true, lastUpdatedAt: service.now });
    service.store.clearWaiting(jobId);
    completeWhenDone(service, jobId);
    return;
  }
  const force = behavior === "FORCE_CANCEL";
  endJob(service, job, "CANCELED", {
    reasonCode: "SCHEDULE_ENDED",
    comment: "the job's end time passed",
    forceCanceled: force || undefined,
  });
  cancelExecutionsOfJob(service, jobId, force);
}

function finishDeletion(service: JobsService, jobId: string): void {
  const job = service.store.job(jobId);
  if (job?.status === "DELETION_IN_PROGRESS") eraseJob(service, job);
}

/** Removes a job with all its executions. Inside a transaction. */
function eraseJob(service: JobsService, job: JobRecord): void {
  for (const latest of [...service.store.latestExecutions(job.jobId)]) {
    const executions = [...service.store.executionsOfThing(latest.thingName, job.jobId)];
    for (const execution of executions.reverse()) removeExecution(service, execution);
  }
  service.timers.clear(`rollout/${job.jobId}`);
  service.timers.clear(`schedule/${job.jobId}`);
  service.timers.clear(`window/${job.jobId}`);
  service.store.removeJob(job.jobId);
  sendJobEvent(service, job, "deleted");
}

/** Milliseconds of a schedule's `startTime` or `endTime`, which are ISO 8601 texts, in UTC when they name no zone. */
export function scheduleTime(text: string, name: string): number {
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text.replace(" ", "T")}Z`;
  const at = Date.parse(zoned);
  if (Number.isNaN(at)) throw invalidRequest(`schedulingConfig.${name} is not a time`);
  return at;
}

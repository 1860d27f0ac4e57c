import { closingTime, openingTime } from "./maintenance.js";
import { changingQueues } from "./queue.js";
import type { JobRecord } from "./records.js";
import { startRollout } from "./rollout.js";
import type { JobsService } from "./service.js";

/**
 * Opens and closes the maintenance windows of a job as time passes, from now on: in between no execution is handed out,
 * and devices do not see those that are QUEUED. Inside a transaction.
 */
export function armWindows(service: JobsService, jobId: string): void {
  const job = service.store.job(jobId);
  const windows = job?.schedulingConfig?.maintenanceWindows;
  if (job?.status !== "IN_PROGRESS" || windows === undefined) return;
  const closesAt = closingTime(windows, service.now);
  turn(service, job, closesAt !== undefined);
  const next = closesAt ?? openingTime(windows, service.now);
  if (next === undefined) return;
  service.timers.set(`window/${jobId}`, next, () => service.transaction(() => armWindows(service, jobId)));
}

function turn(service: JobsService, job: JobRecord, windowOpen: boolean): void {
  const queued = [...service.store.latestExecutions(job.jobId)].filter(({ status }) => status === "QUEUED");
  const thingNames = job.windowOpen === windowOpen ? [] : queued.map(({ thingName }) => thingName);
  changingQueues(service, thingNames, () => service.store.putJob({ ...job, windowOpen }));
  if (windowOpen) startRollout(service, job.jobId, service.now);
}

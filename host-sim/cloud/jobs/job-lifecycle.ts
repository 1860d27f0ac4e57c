import { definedMembers } from "../context/fields.js";
import { sendJobEvent } from "./events.js";
import type { JobRecord } from "./records.js";
import type { JobsService } from "./service.js";

/** Ends a job and what it has not handed out yet; its executions stay as they are. Inside a transaction. */
export function endJob(
  service: JobsService,
  job: JobRecord,
  status: "CANCELED" | "COMPLETED",
  why: {
    readonly reasonCode?: string | undefined;
    readonly comment?: string | undefined;
    readonly forceCanceled?: boolean | undefined;
  } = {},
): JobRecord {
  const now = service.now;
  const ended = { ...job, ...definedMembers(why), status, lastUpdatedAt: now, completedAt: now };
  service.store.putJob(ended);
  service.store.clearWaiting(job.jobId);
  service.timers.clear(`rollout/${job.jobId}`);
  service.timers.clear(`schedule/${job.jobId}`);
  service.timers.clear(`window/${job.jobId}`);
  if (status === "CANCELED") sendJobEvent(service, ended, "cancellation_in_progress");
  sendJobEvent(service, ended, status === "CANCELED" ? "canceled" : "completed");
  return ended;
}

/**
 * A SNAPSHOT job is complete once everything is handed out and every execution is terminal. CONTINUOUS jobs never
 * complete so.
 */
export function completeWhenDone(service: JobsService, jobId: string): void {
  const job = service.store.job(jobId);
  if (job?.status !== "IN_PROGRESS" || job.targetSelection === "CONTINUOUS") return;
  const counts = service.store.counts(jobId);
  if ((counts.QUEUED ?? 0) + (counts.IN_PROGRESS ?? 0) > 0 || service.store.waiting(jobId).length > 0) return;
  endJob(service, job, "COMPLETED");
}

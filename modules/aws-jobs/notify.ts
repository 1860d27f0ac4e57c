/**
 * JobExecutionsChanged: `$aws/things/T/jobs/notify`, sent when the list of pending executions changes. [AWS Jobs: ListNotification]
 *
 * Message: `jobs` (lists of JobExecutionSummary by status; empty when nothing is pending), `timestamp`.
 */
import { decodeStatus, decodeSummaries, malformed } from "./decode.js";
import { isObject, type JsonObject } from "./json.js";
import type { JobExecutionSummary, JobStatus, PendingByStatus } from "./model.js";

/** Statuses that are not known are left out. Throws {@link AwsJobsError} `malformed-response`. */
export function decodeNotify({ jobs }: JsonObject): PendingByStatus {
  if (jobs === undefined || jobs === null) return {};
  if (!isObject(jobs)) throw malformed("jobs");
  const pending: Partial<Record<JobStatus, readonly JobExecutionSummary[]>> = {};
  for (const [key, list] of Object.entries(jobs)) {
    const status = decodeStatus(key);
    if (status !== undefined) pending[status] = decodeSummaries(list);
  }
  return pending;
}

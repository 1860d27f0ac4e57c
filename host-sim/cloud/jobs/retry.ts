import type { ExecutionRecord, JobRecord } from "./records.js";

/**
 * Whether the service queues another execution after this one FAILED or TIMED_OUT. REJECTED and the rest are never
 * retried.
 */
export function retryAllowed(job: JobRecord, execution: ExecutionRecord): boolean {
  const { status, failedRetries, timedOutRetries } = execution;
  if (status !== "FAILED" && status !== "TIMED_OUT") return false;
  const criteria = job.jobExecutionsRetryConfig?.criteriaList ?? [];
  const own = criteria.find((criterion) => criterion.failureType === status);
  if (own !== undefined) return (status === "FAILED" ? failedRetries : timedOutRetries) < own.numberOfRetries;
  const all = criteria.find((criterion) => criterion.failureType === "ALL");
  return all !== undefined && failedRetries + timedOutRetries < all.numberOfRetries;
}

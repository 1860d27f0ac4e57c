/**
 * GetPendingJobExecutions: `$aws/things/T/jobs/get`. [AWS Jobs: GetPendingJobExecutions]
 *
 * Request: `clientToken`.
 * Response: `inProgressJobs`, `queuedJobs` (JobExecutionSummary lists, up to 10 entries, 15 with maintenance windows), `timestamp`,
 * `clientToken`. There are no job documents in it and so no URLs.
 */
import { decodeSummaries } from "./decode.js";
import type { JobExecutionSummary } from "./model.js";
import type { JobsRequest } from "./request.js";

/** Executions that are not at their end, those under way first. */
export type PendingJobs = {
  readonly inProgressJobs: readonly JobExecutionSummary[];
  readonly queuedJobs: readonly JobExecutionSummary[];
};

export function getPendingRequest(): JobsRequest<PendingJobs> {
  return {
    operation: "get-pending",
    fields: {},
    decode: ({ inProgressJobs, queuedJobs }) => ({
      inProgressJobs: decodeSummaries(inProgressJobs),
      queuedJobs: decodeSummaries(queuedJobs),
    }),
  };
}

/**
 * StartNextPendingJobExecution: `$aws/things/T/jobs/start-next`. [AWS Jobs: StartNextPendingJobExecution]
 *
 * Request: `statusDetails` (used only when the execution goes from QUEUED to IN_PROGRESS), `stepTimeoutInMinutes` (1 to 10 080),
 * `clientToken`.
 * Response: `execution` (a JobExecution with its document; absent when nothing is pending), `timestamp`, `clientToken`.
 *
 * An execution that is IN_PROGRESS already is returned unchanged.
 */
import { decodeOptionalExecution } from "./decode.js";
import type { JobExecution, StatusDetails } from "./model.js";
import { checkStepTimeout, type JobsRequest } from "./request.js";
import { checkStatusDetails } from "./status-details.js";

/** What the execution begins with. */
export type StartNextOptions = {
  readonly statusDetails?: StatusDetails;
  /** 1 to 10 080. Default: no step timer. */
  readonly stepTimeoutInMinutes?: number;
};

/** Throws {@link AwsJobsError} `invalid-argument`. */
export function startNextRequest(
  options: StartNextOptions,
  maxStatusValueLength?: number,
): JobsRequest<JobExecution | undefined> {
  const { statusDetails, stepTimeoutInMinutes } = options;
  if (statusDetails !== undefined) checkStatusDetails(statusDetails, maxStatusValueLength);
  checkStepTimeout(stepTimeoutInMinutes, false);
  return {
    operation: "start-next",
    fields: {
      ...(statusDetails === undefined ? {} : { statusDetails }),
      ...(stepTimeoutInMinutes === undefined ? {} : { stepTimeoutInMinutes }),
    },
    decode: ({ execution }) => decodeOptionalExecution(execution),
  };
}

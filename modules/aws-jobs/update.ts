/**
 * UpdateJobExecution: `$aws/things/T/jobs/J/update`. [AWS Jobs: UpdateJobExecution]
 *
 * Request: `status` (IN_PROGRESS, SUCCEEDED, FAILED, REJECTED; always needed), `statusDetails` (replaces the stored
 * map; absent keeps it), `expectedVersion`, `executionNumber`, `stepTimeoutInMinutes` (1 to 10 080, or -1 to remove the
 * timer), `includeJobExecutionState`, `includeJobDocument`, `clientToken`. Response: `executionState`, `jobDocument`
 * (each only when asked for), `timestamp`, `clientToken`.
 */
import { decodeDocument, decodeState, decodeTimestamp } from "./decode.js";
import { AwsJobsError } from "./errors.js";
import { DEVICE_JOB_STATUSES, type DeviceJobStatus, type JobExecutionState, type StatusDetails } from "./model.js";
import { isJobId } from "./names.js";
import { checkInteger, type JobsRequest } from "./request.js";
import { checkStatusDetails } from "./status-details.js";

/** What is to change of an execution. */
export type UpdateOptions = {
  readonly status: DeviceJobStatus;
  /** Replaces what the service has; absent keeps it. */
  readonly statusDetails?: StatusDetails;
  /** `versionNumber` of the service's last answer, never one that was counted (R3). Absent: no check. */
  readonly expectedVersion?: number;
  /** Default: the latest execution. */
  readonly executionNumber?: number;
  /** 1 to 10 080 restarts the step timer, -1 removes it, absent leaves it running. */
  readonly stepTimeoutInMinutes?: number;
  /** Default false. */
  readonly includeJobExecutionState?: boolean;
  /** Default false. */
  readonly includeJobDocument?: boolean;
};

/** What the service answers; the execution and its document only where they were asked for. */
export type UpdateResult = {
  readonly executionState?: JobExecutionState;
  readonly jobDocument?: unknown;
  /** The service's time, seconds since 1970. */
  readonly timestamp?: number;
};

/** [AWS Jobs: UpdateJobExecution] 1 minute to 7 days. */
const MAX_STEP_MINUTES = 10_080;
const REMOVE_STEP_TIMER = -1;

/** Throws {@link AwsJobsError} `invalid-argument`. */
export function updateRequest(jobId: string, options: UpdateOptions): JobsRequest<UpdateResult> {
  const { status, statusDetails, expectedVersion, executionNumber, stepTimeoutInMinutes } = options;
  const { includeJobExecutionState, includeJobDocument } = options;
  if (!isJobId(jobId)) throw new AwsJobsError("invalid-argument", "not a job id");
  if (!DEVICE_JOB_STATUSES.includes(status)) throw new AwsJobsError("invalid-argument", "not a status for devices");
  if (statusDetails !== undefined) checkStatusDetails(statusDetails);
  checkInteger("expectedVersion", expectedVersion, 0, Number.MAX_SAFE_INTEGER);
  checkInteger("executionNumber", executionNumber, 0, Number.MAX_SAFE_INTEGER);
  checkInteger("stepTimeoutInMinutes", stepTimeoutInMinutes, 1, MAX_STEP_MINUTES, REMOVE_STEP_TIMER);
  return {
    operation: "update",
    jobId,
    fields: {
      status,
      ...(statusDetails === undefined ? {} : { statusDetails }),
      ...(expectedVersion === undefined ? {} : { expectedVersion }),
      ...(executionNumber === undefined ? {} : { executionNumber }),
      ...(stepTimeoutInMinutes === undefined ? {} : { stepTimeoutInMinutes }),
      ...(includeJobExecutionState === undefined ? {} : { includeJobExecutionState }),
      ...(includeJobDocument === undefined ? {} : { includeJobDocument }),
    },
    decode(accepted) {
      const { executionState, jobDocument } = accepted;
      const timestamp = decodeTimestamp(accepted);
      return {
        ...(executionState === undefined || executionState === null
          ? {}
          : { executionState: decodeState(executionState) }),
        ...(jobDocument === undefined || jobDocument === null ? {} : { jobDocument: decodeDocument(jobDocument) }),
        ...(timestamp === undefined ? {} : { timestamp }),
      };
    },
  };
}

/**
 * DescribeJobExecution: `$aws/things/T/jobs/J/get`, where J is a job id or `$next`. [AWS Jobs: DescribeJobExecution]
 *
 * Request: `executionNumber` (default: the latest), `includeJobDocument` (default true), `clientToken`.
 * Response: `execution` (a JobExecution; absent for `$next` when nothing is pending), `timestamp`, `clientToken`.
 *
 * Looking does not change anything: no state, no version. Each answer carries freshly signed URLs.
 */
import { decodeOptionalExecution } from "./decode.js";
import { AwsJobsError } from "./errors.js";
import type { JobExecution } from "./model.js";
import { isJobId } from "./names.js";
import { checkInteger, type JobsRequest } from "./request.js";
import { NEXT } from "./topics.js";

/** Which execution is described, and how much of it. */
export type DescribeOptions = {
  /** Default: the latest execution of the job on this thing. */
  readonly executionNumber?: number;
  /** Default true. */
  readonly includeJobDocument?: boolean;
};

/** @param jobId a job id or `$next`. Throws {@link AwsJobsError} `invalid-argument` */
export function describeRequest(jobId: string, options: DescribeOptions = {}): JobsRequest<JobExecution | undefined> {
  if (jobId !== NEXT && !isJobId(jobId)) throw new AwsJobsError("invalid-argument", "not a job id");
  const { executionNumber, includeJobDocument } = options;
  checkInteger("executionNumber", executionNumber, 0, Number.MAX_SAFE_INTEGER);
  return {
    operation: "describe",
    jobId,
    fields: {
      ...(executionNumber === undefined ? {} : { executionNumber }),
      ...(includeJobDocument === undefined ? {} : { includeJobDocument }),
    },
    decode: ({ execution }) => decodeOptionalExecution(execution),
  };
}

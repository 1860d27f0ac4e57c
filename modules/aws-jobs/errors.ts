import type { JobExecutionState } from "./model.js";

/** Codes of the service's rejections. [AWS Jobs: ErrorResponse] */
export type JobsRejectionCode =
  | "InvalidTopic"
  | "InvalidJson"
  | "InvalidRequest"
  | "InvalidStateTransition"
  | "ResourceNotFound"
  | "VersionMismatch"
  | "InternalError"
  | "RequestThrottled"
  | "TerminalStateReached";

/** Why a request to AWS IoT Jobs failed: the service's own codes, then ours. Stable. */
export type AwsJobsErrorCode =
  | JobsRejectionCode
  /** No answer within `requestTimeoutMs`. */
  | "timeout"
  /** The connection ended before the answer, or is not ready. */
  | "disconnected"
  /** The answer, or a notification, is not what the service documents. */
  | "malformed-response"
  /** The request is longer than the service allows, or the answer longer than the session delivers. */
  | "payload-too-large"
  /** A job id, number or statusDetails breaks the service's limits; nothing was sent. */
  | "invalid-argument"
  /** More requests are outstanding than allowed. */
  | "too-many-requests"
  /** The broker refused one of the Jobs subscriptions. */
  | "subscribe-refused";

export const REJECTION_CODES: readonly JobsRejectionCode[] = Object.freeze([
  "InvalidTopic",
  "InvalidJson",
  "InvalidRequest",
  "InvalidStateTransition",
  "ResourceNotFound",
  "VersionMismatch",
  "InternalError",
  "RequestThrottled",
  "TerminalStateReached",
] satisfies JobsRejectionCode[]);

/** Codes after which the same request may succeed when it is sent again later. */
const RETRYABLE: readonly AwsJobsErrorCode[] = Object.freeze([
  "InternalError",
  "RequestThrottled",
  "timeout",
  "disconnected",
  "too-many-requests",
] satisfies AwsJobsErrorCode[]);

/** A request that was not sent, not answered, or refused; `code` says which, see `docs/errors.md`. */
export class AwsJobsError extends Error {
  override readonly name = "AwsJobsError";
  constructor(
    readonly code: AwsJobsErrorCode,
    message: string,
    /** The execution as the service holds it; with VersionMismatch, InvalidStateTransition and sometimes TerminalStateReached. */
    readonly executionState?: JobExecutionState,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }

  get retryable(): boolean {
    return RETRYABLE.includes(this.code);
  }
}

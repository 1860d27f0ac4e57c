import { EITHER, NEVER, type Retry, SAME_REQUEST } from "../foundation/retry.js";
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
  /** No answer within 15 seconds. */
  | "timeout"
  /** The connection ended before the answer, or is not ready. */
  | "disconnected"
  /** The answer, or a notification, is not what the service documents. */
  | "malformed-response"
  /** The answer, or a notification, is longer than the session delivers. */
  | "payload-too-large"
  /** A job id, number or statusDetails breaks the service's limits; nothing was sent. */
  | "invalid-argument"
  /** More requests are outstanding than allowed. */
  | "too-many-requests"
  /** The broker refused the subscription to `notify-next`, or one to answers that did not come by themselves. */
  | "subscribe-refused";

/** What may be tried again after each code. */
export const AWS_JOBS_RETRY: Readonly<Record<AwsJobsErrorCode, Retry>> = Object.freeze({
  InvalidTopic: NEVER,
  InvalidJson: NEVER,
  InvalidRequest: NEVER,
  InvalidStateTransition: NEVER,
  ResourceNotFound: NEVER,
  VersionMismatch: NEVER,
  InternalError: SAME_REQUEST,
  RequestThrottled: SAME_REQUEST,
  TerminalStateReached: NEVER,
  timeout: SAME_REQUEST,
  disconnected: EITHER,
  "malformed-response": NEVER,
  "payload-too-large": NEVER,
  "invalid-argument": NEVER,
  "too-many-requests": SAME_REQUEST,
  "subscribe-refused": NEVER,
});

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

/** A request that was not sent, not answered, or refused; `code` says which, see `docs/errors.md`. */
export class AwsJobsError extends Error {
  override readonly name = "AwsJobsError";
  constructor(
    readonly code: AwsJobsErrorCode,
    message: string,
    /**
     * The execution as the service holds it; with VersionMismatch, InvalidStateTransition and sometimes
     * TerminalStateReached.
     */
    readonly executionState?: JobExecutionState,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }

  get repeatable(): boolean {
    return AWS_JOBS_RETRY[this.code].repeatable;
  }

  get retryable(): boolean {
    return AWS_JOBS_RETRY[this.code].retryable;
  }
}

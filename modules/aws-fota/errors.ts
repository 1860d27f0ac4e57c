import { AwsJobsError, type AwsJobsErrorCode } from "../aws-jobs/index.js";
import { FotaDownloadError, type FotaDownloadErrorCode } from "../fota-download/index.js";
import { OtaPartitionError, type OtaPartitionErrorCode } from "../ota-partition/index.js";

/** The agent's own codes. They are stored, traced and sent in statusDetails: never rename or reuse one. */
export type AgentErrorCode =
  // the job document
  | "document-invalid"
  | "document-unsupported"
  | "url-too-long"
  | "insecure-url"
  | "signature-missing"
  | "signature-unsupported"
  // policy
  | "same-version"
  | "downgrade"
  | "quarantined"
  | "project-mismatch"
  | "image-too-large"
  | "refused"
  | "canceled-by-application"
  // the image
  | "version-mismatch"
  | "digest-mismatch"
  | "signature-invalid"
  | "install-failed"
  | "install-interrupted"
  // first boot
  | "self-test-failed"
  | "self-test-timeout"
  | "rolled-back"
  | "boot-refused"
  | "mark-valid-failed"
  | "rollback-impossible"
  | "rollback-disabled"
  // the job's life
  | "job-canceled"
  | "job-timed-out"
  | "job-removed"
  | "job-deleted"
  | "job-replaced"
  | "job-ended"
  | "update-refused"
  // the record
  | "record-damaged"
  | "record-store-failed"
  // the application and the agent itself
  | "application-error"
  | "unexpected-event"
  | "internal-error"
  | "bad-option"
  | "not-installed";

/** Every code that can reach `onError` or a job's statusDetails: the agent's and those of the modules below it, unchanged. */
export type FotaErrorCode = AgentErrorCode | FotaDownloadErrorCode | OtaPartitionErrorCode | AwsJobsErrorCode;

/**
 * What a code does to the job it ends. FAILED may be retried by the service's retry configuration, REJECTED never is: so
 * REJECTED is for what the same document on the same device can only repeat. "none": the code does not end a job.
 */
export type TerminalStatus = "FAILED" | "REJECTED";
/** What a code does to the job: its terminal status, and whether the same job may be tried again. */
export type Disposition = { readonly status: TerminalStatus | "none"; readonly retryable: boolean };

const FAILED: Disposition = Object.freeze({ status: "FAILED", retryable: true });
const FAILED_FOR_GOOD: Disposition = Object.freeze({ status: "FAILED", retryable: false });
const REJECTED: Disposition = Object.freeze({ status: "REJECTED", retryable: false });
const NONE: Disposition = Object.freeze({ status: "none", retryable: false });

const AGENT: Readonly<Record<AgentErrorCode, Disposition>> = Object.freeze({
  "document-invalid": REJECTED,
  "document-unsupported": REJECTED,
  "url-too-long": REJECTED,
  "insecure-url": REJECTED,
  "signature-missing": REJECTED,
  "signature-unsupported": REJECTED,
  "same-version": REJECTED,
  downgrade: REJECTED,
  quarantined: REJECTED,
  "project-mismatch": REJECTED,
  "image-too-large": REJECTED,
  refused: REJECTED,
  "canceled-by-application": FAILED,
  "version-mismatch": REJECTED,
  "digest-mismatch": FAILED,
  "signature-invalid": REJECTED,
  "install-failed": FAILED,
  "install-interrupted": FAILED,
  "self-test-failed": FAILED_FOR_GOOD,
  "self-test-timeout": FAILED_FOR_GOOD,
  "rolled-back": FAILED_FOR_GOOD,
  "boot-refused": FAILED_FOR_GOOD,
  "mark-valid-failed": FAILED_FOR_GOOD,
  "rollback-impossible": NONE,
  "rollback-disabled": NONE,
  "job-canceled": NONE,
  "job-timed-out": NONE,
  "job-removed": NONE,
  "job-deleted": NONE,
  "job-replaced": NONE,
  "job-ended": NONE,
  "update-refused": NONE,
  "record-damaged": NONE,
  "record-store-failed": FAILED,
  "application-error": FAILED,
  "unexpected-event": NONE,
  "internal-error": FAILED,
  "bad-option": NONE,
  "not-installed": NONE,
});

const DOWNLOAD: Readonly<Record<FotaDownloadErrorCode, Disposition>> = Object.freeze({
  "bad-option": NONE,
  closed: NONE,
  "bad-url": REJECTED,
  "insecure-url": REJECTED,
  dns: FAILED,
  connect: FAILED,
  tls: FAILED,
  disconnected: FAILED,
  "response-timeout": FAILED,
  "idle-timeout": FAILED,
  "too-slow": FAILED,
  "total-timeout": FAILED,
  throttled: FAILED,
  "server-error": FAILED,
  "bad-response": FAILED,
  redirect: FAILED,
  "url-expired": FAILED,
  "access-denied": FAILED,
  "not-found": FAILED,
  "request-refused": FAILED,
  "range-not-satisfiable": FAILED,
  "content-changed": FAILED,
  "size-mismatch": REJECTED,
  "too-large": REJECTED,
  "sink-failed": FAILED,
  "retries-exhausted": FAILED,
});

const PARTITION: Readonly<Record<OtaPartitionErrorCode, Disposition>> = Object.freeze({
  "image-magic": REJECTED,
  "image-chip": REJECTED,
  "image-revision": REJECTED,
  "image-no-digest": REJECTED,
  "image-no-descriptor": REJECTED,
  "image-no-segments": REJECTED,
  "image-structure": REJECTED,
  "image-truncated": FAILED,
  "image-checksum": FAILED,
  "image-digest": FAILED,
  "image-too-small": REJECTED,
  "image-too-large": REJECTED,
  "image-invalid": FAILED,
  "flash-read-failed": FAILED,
  "flash-write-failed": FAILED,
  "flash-erase-failed": FAILED,
  "running-unconfirmed": FAILED,
  "no-slot": REJECTED,
  "slot-conflict": FAILED,
  "not-confirmable": FAILED_FOR_GOOD,
  "rollback-failed": NONE,
  "boot-control-failed": FAILED,
  "bad-option": NONE,
  closed: NONE,
  "callback-failed": FAILED,
});

const JOBS: Readonly<Record<AwsJobsErrorCode, Disposition>> = Object.freeze({
  InvalidTopic: NONE,
  InvalidJson: NONE,
  InvalidRequest: NONE,
  InvalidStateTransition: NONE,
  ResourceNotFound: NONE,
  VersionMismatch: NONE,
  InternalError: NONE,
  RequestThrottled: NONE,
  TerminalStateReached: NONE,
  timeout: NONE,
  disconnected: FAILED,
  "malformed-response": NONE,
  "payload-too-large": NONE,
  "invalid-argument": NONE,
  "too-many-requests": NONE,
  "subscribe-refused": NONE,
});

/** The one table of what a code means for a job. `docs/errors.md` prints it. A code that two modules use means the same in both. */
export const DISPOSITIONS: Readonly<Record<FotaErrorCode, Disposition>> = Object.freeze({
  ...JOBS,
  ...PARTITION,
  ...DOWNLOAD,
  ...AGENT,
});

export function dispositionOf(code: FotaErrorCode): Disposition {
  return DISPOSITIONS[code];
}

export type FotaErrorOptions = { readonly cause?: unknown };

/**
 * The one error class of this module. `message` may be traced and reported as it is: it never holds a URL's path or query, a key or a
 * certificate (design rule R11).
 */
export class FotaError extends Error {
  // A field, not an assignment: preload makes Error's own name read-only.
  override readonly name = "FotaError";
  readonly code: FotaErrorCode;

  constructor(code: FotaErrorCode, detail = "", options: FotaErrorOptions = {}) {
    super(
      detail === "" ? code : `${code}: ${detail}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
  }

  /** What follows the code in `message`. */
  get detail(): string {
    return this.message.startsWith(`${this.code}: `) ? this.message.slice(this.code.length + 2) : "";
  }

  /** True when trying the same again may succeed. */
  get retryable(): boolean {
    return dispositionOf(this.code).retryable;
  }
}

/** An exception of a lower module as ours, its code kept; anything else gets `fallback`. */
export function asFotaError(cause: unknown, fallback: AgentErrorCode): FotaError {
  if (cause instanceof FotaError) return cause;
  if (cause instanceof FotaDownloadError) {
    // The sink's exception is the reason, not that the sink threw.
    if (cause.code === "sink-failed" && cause.cause !== undefined) return asFotaError(cause.cause, "internal-error");
    return new FotaError(cause.code, withoutCode(cause), { cause });
  }
  if (cause instanceof OtaPartitionError || cause instanceof AwsJobsError)
    return new FotaError(cause.code, withoutCode(cause), { cause });
  return new FotaError(fallback, cause instanceof Error ? cause.message : String(cause), { cause });
}

function withoutCode({ code, message }: { readonly code: string; readonly message: string }): string {
  if (message === code) return "";
  return message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message;
}

import { AWS_JOBS_RETRY, AwsJobsError, type AwsJobsErrorCode, type TerminalStatus } from "../aws-jobs/index.js";
import { FOTA_DOWNLOAD_RETRY, FotaDownloadError, type FotaDownloadErrorCode } from "../fota-download/index.js";
import { FOTA_PATCH_RETRY, FotaPatchError, type FotaPatchErrorCode } from "../fota-patch/index.js";
import { EITHER, NEVER, NEW_EXECUTION, type Retry, SAME_REQUEST } from "../foundation/retry.js";
import { OTA_PARTITION_RETRY, OtaPartitionError, type OtaPartitionErrorCode } from "../ota-partition/index.js";

/** The agent's own codes. They are stored, traced and sent in statusDetails: never rename or reuse one. */
export type AgentErrorCode =
  // the job document
  | "document-invalid"
  | "document-unsupported"
  | "url-too-long"
  | "insecure-url"
  | "signature-missing"
  | "signature-unsupported"
  | "signing-key-unknown"
  | "no-signing-key"
  // policy
  | "same-version"
  | "downgrade"
  | "version-unordered"
  | "quarantined"
  | "project-mismatch"
  | "image-too-large"
  | "image-expired"
  | "refused"
  | "canceled-by-application"
  // the image
  | "version-mismatch"
  | "digest-mismatch"
  | "signature-invalid"
  | "patch-mismatch"
  | "install-failed"
  | "install-interrupted"
  // first boot
  | "signing-key-missing"
  | "memory-short"
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

/**
 * Every code that can reach `onError` or a job's statusDetails: the agent's and those of the modules below it,
 * unchanged.
 */
export type FotaErrorCode =
  | AgentErrorCode
  | FotaDownloadErrorCode
  | FotaPatchErrorCode
  | OtaPartitionErrorCode
  | AwsJobsErrorCode;

/**
 * What a code does to the job it ends. FAILED may be retried by the service's retry configuration, REJECTED never is:
 * so REJECTED is for documents and policy, what the same document on the same device can only repeat, and FAILED for
 * what a server, a network or this device's flash did. "none": the code does not end a job.
 */
export type Disposition = Retry & { readonly status: Exclude<TerminalStatus, "SUCCEEDED"> | "none" };

/** The codes that a module below knows, too, have their row there. */
type OwnErrorCode = Exclude<
  AgentErrorCode,
  FotaDownloadErrorCode | FotaPatchErrorCode | OtaPartitionErrorCode | AwsJobsErrorCode
>;

const AGENT_RETRY: Readonly<Record<OwnErrorCode, Retry>> = Object.freeze({
  "document-invalid": NEVER,
  "document-unsupported": NEVER,
  "url-too-long": NEVER,
  "signature-missing": NEVER,
  "signature-unsupported": NEVER,
  "signing-key-unknown": NEVER,
  "no-signing-key": NEVER,
  "same-version": NEVER,
  downgrade: NEVER,
  "version-unordered": NEVER,
  quarantined: NEVER,
  "project-mismatch": NEVER,
  "image-expired": NEVER,
  refused: NEVER,
  "canceled-by-application": NEW_EXECUTION,
  "version-mismatch": NEVER,
  "digest-mismatch": NEW_EXECUTION,
  "signature-invalid": NEVER,
  "patch-mismatch": NEVER,
  "install-failed": NEW_EXECUTION,
  "install-interrupted": NEW_EXECUTION,
  "signing-key-missing": NEVER,
  "memory-short": NEVER,
  "self-test-failed": NEVER,
  "self-test-timeout": NEVER,
  "rolled-back": NEVER,
  "boot-refused": NEVER,
  "mark-valid-failed": NEVER,
  "rollback-impossible": NEVER,
  "rollback-disabled": NEVER,
  "job-canceled": NEVER,
  "job-timed-out": NEVER,
  "job-removed": NEVER,
  "job-deleted": NEVER,
  "job-replaced": NEVER,
  "job-ended": NEVER,
  "update-refused": NEVER,
  "record-damaged": NEVER,
  "record-store-failed": EITHER,
  "application-error": NEW_EXECUTION,
  "unexpected-event": NEVER,
  "internal-error": NEW_EXECUTION,
  "not-installed": SAME_REQUEST,
});

const RETRY: Readonly<Record<FotaErrorCode, Retry>> = Object.freeze({
  ...AWS_JOBS_RETRY,
  ...OTA_PARTITION_RETRY,
  ...FOTA_DOWNLOAD_RETRY,
  ...FOTA_PATCH_RETRY,
  ...AGENT_RETRY,
});

const FAILED = "FAILED";
const REJECTED = "REJECTED";

/**
 * The ends of a job that a new execution can only repeat. A code that may be retried ends a job as FAILED; any other
 * ends none.
 */
const FINAL: Readonly<Partial<Record<FotaErrorCode, Disposition["status"]>>> = Object.freeze({
  "document-invalid": REJECTED,
  "document-unsupported": REJECTED,
  "url-too-long": REJECTED,
  "insecure-url": REJECTED,
  "signature-missing": REJECTED,
  "signature-unsupported": REJECTED,
  "signing-key-unknown": REJECTED,
  "no-signing-key": REJECTED,
  "same-version": REJECTED,
  downgrade: REJECTED,
  "version-unordered": REJECTED,
  quarantined: REJECTED,
  "project-mismatch": REJECTED,
  "image-expired": REJECTED,
  "image-too-large": REJECTED,
  refused: REJECTED,
  "version-mismatch": REJECTED,
  "signature-invalid": REJECTED,
  "bad-url": REJECTED,
  "host-refused": REJECTED,
  "too-large": REJECTED,
  "image-magic": REJECTED,
  "image-chip": REJECTED,
  "image-revision": REJECTED,
  "image-no-digest": REJECTED,
  "image-no-descriptor": REJECTED,
  "image-no-segments": REJECTED,
  "secure-version": REJECTED,
  "image-structure": REJECTED,
  "image-too-small": REJECTED,
  "no-slot": REJECTED,
  "signing-key-missing": FAILED,
  "memory-short": FAILED,
  "self-test-failed": FAILED,
  "self-test-timeout": FAILED,
  "rolled-back": FAILED,
  "boot-refused": FAILED,
  "mark-valid-failed": FAILED,
  "not-confirmable": FAILED,
});

/**
 * The one table of what a code means for a job: the module's own row with the job's status. `docs/errors.md` prints it.
 */
export const DISPOSITIONS: Readonly<Record<FotaErrorCode, Disposition>> = compose();

function compose(): Record<FotaErrorCode, Disposition> {
  const table: Partial<Record<FotaErrorCode, Disposition>> = {};
  for (const code of Object.keys(RETRY) as FotaErrorCode[]) {
    const status = FINAL[code] ?? (RETRY[code].retryable ? FAILED : "none");
    table[code] = Object.freeze({ ...RETRY[code], status });
  }
  return Object.freeze(table as Record<FotaErrorCode, Disposition>);
}

export function dispositionOf(code: FotaErrorCode): Disposition {
  return DISPOSITIONS[code];
}

export type FotaErrorOptions = { readonly cause?: unknown };

/**
 * The one error class of this module. `message` may be traced and reported as it is: it never holds a URL's path or
 * query, a key or a certificate (design rule R11).
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

  get repeatable(): boolean {
    return dispositionOf(this.code).repeatable;
  }

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
  if (cause instanceof OtaPartitionError || cause instanceof FotaPatchError || cause instanceof AwsJobsError)
    return new FotaError(cause.code, withoutCode(cause), { cause });
  return new FotaError(fallback, cause instanceof Error ? cause.message : String(cause), { cause });
}

function withoutCode({ code, message }: { readonly code: string; readonly message: string }): string {
  if (message === code) return "";
  return message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message;
}

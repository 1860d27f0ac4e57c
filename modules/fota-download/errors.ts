import { EITHER, NEVER, NEW_EXECUTION, type Retry } from "../foundation/retry.js";

/**
 * What can end or interrupt a download. The codes are stored, traced and sent in a job's statusDetails:
 * never rename or reuse one. "total-timeout" was one.
 */
export type FotaDownloadErrorCode =
  | "bad-option" // thrown by the constructor
  | "closed" // thrown by start() of an instance that was started or closed before
  | "bad-url"
  | "insecure-url"
  | "host-refused" // not in allowedHosts, or an address of a local network
  | "dns"
  | "connect"
  | "tls"
  | "disconnected"
  | "response-timeout"
  | "idle-timeout"
  | "too-slow"
  | "throttled"
  | "server-error"
  | "bad-response"
  | "redirect"
  | "url-expired"
  | "access-denied"
  | "not-found"
  | "request-refused"
  | "range-not-satisfiable"
  | "content-changed"
  | "size-mismatch"
  | "too-large"
  | "sink-failed"
  | "retries-exhausted";

/** What may be tried again after each code. */
export const FOTA_DOWNLOAD_RETRY: Readonly<Record<FotaDownloadErrorCode, Retry>> = Object.freeze({
  "bad-option": NEVER,
  closed: NEVER,
  "bad-url": NEVER,
  "insecure-url": NEVER,
  "host-refused": NEVER,
  dns: EITHER,
  connect: EITHER,
  tls: EITHER, // also what a clock that was not set yet looks like
  disconnected: EITHER,
  "response-timeout": EITHER,
  "idle-timeout": EITHER,
  "too-slow": EITHER,
  throttled: EITHER,
  "server-error": EITHER,
  "bad-response": EITHER,
  redirect: NEW_EXECUTION,
  "url-expired": NEW_EXECUTION,
  "access-denied": NEW_EXECUTION,
  "not-found": NEW_EXECUTION,
  "request-refused": NEW_EXECUTION,
  "range-not-satisfiable": NEW_EXECUTION,
  "content-changed": NEW_EXECUTION,
  "size-mismatch": NEW_EXECUTION,
  "too-large": NEVER,
  "sink-failed": NEW_EXECUTION,
  "retries-exhausted": EITHER,
});

export type FotaDownloadErrorOptions = {
  /** For "retries-exhausted": the code of the last failure. */
  reason?: FotaDownloadErrorCode | undefined;
  /** HTTP status, when a response was the reason. */
  status?: number | undefined;
  cause?: unknown;
};

/**
 * The one error class of this module. The message names at most scheme and host of the server, never a path or a query
 * string (design rule R11), so that it may be traced and reported as it is.
 */
export class FotaDownloadError extends Error {
  // A field, not an assignment: preload freezes Error.prototype, and assigning over its read-only name would throw.
  override readonly name = "FotaDownloadError";
  readonly code: FotaDownloadErrorCode;
  /** The underlying code: equal to `code`, except for "retries-exhausted", where it is the last failure's code. */
  readonly reason: FotaDownloadErrorCode;
  readonly status: number | undefined;

  constructor(code: FotaDownloadErrorCode, detail = "", options: FotaDownloadErrorOptions = {}) {
    super(
      detail === "" ? code : `${code}: ${detail}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.reason = options.reason ?? code;
    this.status = options.status;
  }

  /** Network and server trouble: the same URL may work later. */
  get repeatable(): boolean {
    return FOTA_DOWNLOAD_RETRY[this.code].repeatable;
  }

  get retryable(): boolean {
    return FOTA_DOWNLOAD_RETRY[this.code].retryable;
  }

  /** True when a fresh presigned URL for the same object may help; the offset stays valid. */
  get needsNewUrl(): boolean {
    return this.code === "url-expired" || this.code === "access-denied";
  }
}

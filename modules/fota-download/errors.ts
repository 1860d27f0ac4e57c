/**
 * What can end or interrupt a download. The codes are stored, traced and sent in a job's statusDetails:
 * never rename or reuse one.
 */
export type FotaDownloadErrorCode =
  | "bad-option" // thrown by the constructor
  | "closed" // thrown by start() of an instance that was started or closed before
  | "bad-url"
  | "insecure-url"
  | "dns"
  | "connect"
  | "tls"
  | "disconnected"
  | "response-timeout"
  | "idle-timeout"
  | "too-slow"
  | "total-timeout"
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

/** How the downloader itself answers a code: ask again (with back-off, within the limits), or give up at once. */
export type FotaDownloadReaction = "retry" | "fail";

const REACTIONS: Readonly<Record<FotaDownloadErrorCode, FotaDownloadReaction>> = Object.freeze({
  "bad-option": "fail",
  closed: "fail",
  "bad-url": "fail",
  "insecure-url": "fail",
  dns: "retry",
  connect: "retry",
  tls: "retry", // also what a clock that was not set yet looks like
  disconnected: "retry",
  "response-timeout": "retry",
  "idle-timeout": "retry",
  "too-slow": "retry",
  "total-timeout": "fail",
  throttled: "retry",
  "server-error": "retry",
  "bad-response": "retry",
  redirect: "fail",
  "url-expired": "fail",
  "access-denied": "fail",
  "not-found": "fail",
  "request-refused": "fail",
  "range-not-satisfiable": "fail",
  "content-changed": "fail",
  "size-mismatch": "fail",
  "too-large": "fail",
  "sink-failed": "fail",
  "retries-exhausted": "fail",
});

export function reactionTo(code: FotaDownloadErrorCode): FotaDownloadReaction {
  return REACTIONS[code];
}

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

  /** True when the same request may succeed later without a new URL or a new document (network and server trouble). */
  get retryable(): boolean {
    return this.code === "total-timeout" || reactionTo(this.reason) === "retry";
  }

  /** True when a fresh presigned URL for the same object may help; the offset stays valid. */
  get needsNewUrl(): boolean {
    return this.code === "url-expired" || this.code === "access-denied";
  }
}

import type { FotaDownloadErrorCode } from "./errors.js";

/** What a response without content says about the request. */
export type StatusVerdict = {
  readonly code: FotaDownloadErrorCode;
  /** The service's own name for it, when it gave one: "SlowDown", "NoSuchKey" ... */
  readonly detail: string;
};

/** How much of an error body is looked at. S3 puts Code and Message first. */
export const ERROR_BODY_LIMIT = 1024;

// By the service's code, whatever the status: it is more precise. [S3: List of error codes]
const BY_SERVICE_CODE: Readonly<Record<string, FotaDownloadErrorCode>> = Object.freeze({
  ExpiredToken: "url-expired",
  TokenRefreshRequired: "url-expired",
  RequestTimeout: "server-error",
  InternalError: "server-error",
  ServiceUnavailable: "throttled",
  SlowDown: "throttled",
  Throttling: "throttled",
  TooManyRequests: "throttled",
  NoSuchKey: "not-found",
  NoSuchBucket: "not-found",
  NoSuchVersion: "not-found",
  AccessDenied: "access-denied",
  SignatureDoesNotMatch: "access-denied",
  InvalidAccessKeyId: "access-denied",
  RequestTimeTooSkewed: "access-denied",
  PermanentRedirect: "redirect",
});

const BY_STATUS: Readonly<Record<number, FotaDownloadErrorCode>> = Object.freeze({
  401: "access-denied",
  403: "access-denied",
  404: "not-found",
  408: "server-error",
  410: "not-found",
  425: "server-error",
  429: "throttled",
  503: "throttled",
});

/**
 * The text of an XML element, if it is plain text. No XML parser: whatever the body holds, the result is a text or
 * `undefined`, no exception.
 */
function element(body: string, name: string): string | undefined {
  const start = body.indexOf(`<${name}>`);
  if (start < 0) return undefined;
  const from = start + name.length + 2;
  const end = body.indexOf("<", from);
  return end < 0 ? undefined : body.slice(from, end).trim();
}

/**
 * Tells the reasons for a refusal apart.
 * @param body the beginning of the error body, possibly empty or cut
 */
export function classifyError(status: number, body: string): StatusVerdict {
  const serviceCode = element(body, "Code") ?? "";
  const known = Object.hasOwn(BY_SERVICE_CODE, serviceCode) ? BY_SERVICE_CODE[serviceCode] : undefined;
  // Only names are repeated in messages: a server's free text could quote the URL (design rule R11).
  const detail = known === undefined ? `status ${status}` : `status ${status} ${serviceCode}`;
  if (serviceCode === "AccessDenied" && /expired/i.test(element(body, "Message") ?? "")) {
    return { code: "url-expired", detail: `${detail}, request has expired` };
  }
  if (known !== undefined) return { code: known, detail };
  return { code: byStatus(status), detail };
}

function byStatus(status: number): FotaDownloadErrorCode {
  const known = BY_STATUS[status];
  if (known !== undefined) return known;
  if (status >= 500 && status <= 599) return "server-error";
  if (status >= 300 && status <= 399) return "redirect";
  return status >= 400 && status <= 499 ? "request-refused" : "bad-response";
}

/** The content's length out of an S3 InvalidRange error, for answers without Content-Range. */
export function actualObjectSize(body: string): number | undefined {
  const text = element(body, "ActualObjectSize") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Brings the bytes of one image over HTTP, in ranges, through failures, expired URLs and changes of content. @module */
export { FotaDownloadError, type FotaDownloadErrorCode } from "./errors.js";
export { FotaDownload } from "./fota-download.js";
export type {
  FotaDownloadHeaders,
  FotaDownloadOptions,
  FotaDownloadResult,
  FotaDownloadSink,
  FotaDownloadStats,
} from "./fota-download-options.js";
export type { ClockPort, HttpEndpoint, TimerPort } from "./http-port.js";
export { hasExpired, type PresignedLifetime, presignedLifetime } from "./presigned-url.js";
export type { BackoffOptions } from "./retry-plan.js";
export { type DownloadUrl, parseUrl, redactUrl } from "./url.js";

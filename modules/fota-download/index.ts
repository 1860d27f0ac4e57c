export { MAX_IMAGES_RECEIVED, mayStartOver } from "./effort.js";
export { FOTA_DOWNLOAD_RETRY, FotaDownloadError, type FotaDownloadErrorCode } from "./errors.js";
export { FotaDownload } from "./fota-download.js";
export type {
  FotaDownloadHeaders,
  FotaDownloadOptions,
  FotaDownloadResult,
  FotaDownloadSink,
  FotaDownloadStats,
} from "./fota-download-options.js";
export { type AllowedHosts, HOST_REFUSED, isHostAllowed, parseAllowedHosts } from "./host-rules.js";
export { hasExpired, type PresignedLifetime, presignedLifetime } from "./presigned-url.js";
export { type DownloadUrl, parseUrl, redactUrl } from "./url.js";

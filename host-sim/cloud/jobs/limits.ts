/** Limits of the Jobs API. [AWS IoT Jobs quotas; AWS IoT API Reference] */
export const JOB_ID = /^[a-zA-Z0-9_-]{1,64}$/;
export const STATUS_DETAILS_KEY = /^[a-zA-Z0-9:_-]{1,128}$/;
/** At least one character, none of them a control, format, private or unassigned one. */
export const STATUS_DETAILS_VALUE = /^[^\p{C}]+$/u;
export const REASON_CODE = /^[A-Z0-9_]{1,128}$/;

export const MAX_STATUS_DETAILS = 10;
export const MAX_DOCUMENT_BYTES = 32_768;
export const MAX_DOCUMENT_DEPTH = 200; // none is documented; a device reads far less
export const MAX_DOCUMENT_SOURCE_LENGTH = 1350;
export const MAX_SUBSTITUTIONS = 10;
export const MAX_TEXT_LENGTH = 2028; // description and comment
export const MAX_TARGETS = 100;
export const MAX_TIMEOUT_MINUTES = 10_080;
export const MAX_ROLLOUT_PER_MINUTE = 1000;
export const MIN_EXPIRES_SECONDS = 60;
export const MAX_EXPIRES_SECONDS = 3600;
export const MAX_RETRIES = 10;
export const MAX_DELETIONS_IN_PROGRESS = 10;
export const MIN_SCHEDULE_AHEAD_MS = 30 * 60_000;
export const MAX_SCHEDULE_AHEAD_MS = 365 * 24 * 60 * 60_000;
export const MAX_SCHEDULE_LENGTH_MS = 2 * MAX_SCHEDULE_AHEAD_MS;

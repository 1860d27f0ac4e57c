import { EITHER, NEVER, NEW_EXECUTION, type Retry } from "../foundation/retry.js";

/**
 * What can be wrong with an image, a slot or the boot flag. Wire format: codes reach `statusDetails` and are never
 * renamed or reused.
 */
export type OtaPartitionErrorCode =
  // the image, from its first bytes
  | "image-magic" // does not begin with 0xE9
  | "image-chip" // built for another chip
  | "image-revision" // needs another revision of this chip
  | "image-no-digest" // no SHA-256 appended: only an 8-bit sum would protect it
  | "image-no-descriptor" // no application descriptor in the first segment
  | "secure-version" // below what the eFuse of the chip allows
  | "image-no-segments" // none, or more than 16
  // the image as a whole
  | "image-structure" // a segment's length or address is impossible
  | "image-truncated" // ends before its last segment, checksum or digest
  | "image-checksum" // XOR of the segment data differs
  | "image-digest" // appended SHA-256 differs
  | "image-too-small" // shorter than header and descriptor
  | "image-too-large" // does not fit the smaller slot
  | "image-invalid" // ESP-IDF refused it when the boot flag was to be set
  // flash
  | "flash-read-failed"
  | "flash-write-failed"
  | "flash-erase-failed"
  // boot control
  | "running-unconfirmed" // the running image has not been marked valid: no update may begin
  | "no-slot" // the partition table has no second slot or no otadata
  | "slot-conflict" // the slot to write is the one that runs
  | "not-confirmable" // mark valid, but the running image is not the one otadata selects, or was rejected
  | "rollback-failed" // no other image to return to
  | "boot-control-failed" // any other ESP-IDF error, number in `espError`
  // use
  | "bad-option"
  | "closed"
  | "callback-failed"; // a callback of the caller threw

/** What may be tried again after each code. */
export const OTA_PARTITION_RETRY: Readonly<Record<OtaPartitionErrorCode, Retry>> = Object.freeze({
  "image-magic": NEVER,
  "image-chip": NEVER,
  "image-revision": NEVER,
  "image-no-digest": NEVER,
  "image-no-descriptor": NEVER,
  "image-no-segments": NEVER,
  "secure-version": NEVER,
  "image-structure": NEVER,
  "image-truncated": NEW_EXECUTION,
  "image-checksum": NEW_EXECUTION,
  "image-digest": NEW_EXECUTION,
  "image-too-small": NEVER,
  "image-too-large": NEVER,
  "image-invalid": NEW_EXECUTION,
  "flash-read-failed": EITHER,
  "flash-write-failed": EITHER,
  "flash-erase-failed": EITHER,
  "running-unconfirmed": EITHER,
  "no-slot": NEVER,
  "slot-conflict": NEW_EXECUTION,
  "not-confirmable": NEVER,
  "rollback-failed": NEVER,
  "boot-control-failed": EITHER,
  "bad-option": NEVER,
  closed: NEVER,
  "callback-failed": NEW_EXECUTION,
});

/** The only error class this module throws or reports. */
export class OtaPartitionError extends Error {
  // A field, not an assignment: preload makes Error's own name read-only.
  override readonly name = "OtaPartitionError";
  readonly code: OtaPartitionErrorCode;
  /** ESP-IDF's number, where one was returned. */
  readonly espError?: number;

  constructor(code: OtaPartitionErrorCode, message: string, options: { cause?: unknown; espError?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.espError !== undefined) this.espError = options.espError;
  }

  /**
   * The same call may succeed later: the flash driver or ESP-IDF failed for the moment, or the running image is still
   * on trial.
   */
  get repeatable(): boolean {
    return OTA_PARTITION_RETRY[this.code].repeatable;
  }

  /**
   * The same image may succeed when it is fetched and written again: the fault may lie in the transfer or the flash.
   */
  get retryable(): boolean {
    return OTA_PARTITION_RETRY[this.code].retryable;
  }
}

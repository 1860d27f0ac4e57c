import { NEVER, type Retry, SAME_REQUEST } from "../foundation/retry.js";

/**
 * What can be wrong with a patch or its base. Wire format: codes reach `statusDetails` and are never renamed or reused.
 */
export type FotaPatchErrorCode =
  | "patch-invalid" // no patch, or a damaged or hostile one
  | "patch-unsupported" // of a later version, or with flags that this version does not know
  | "patch-truncated" // ended before the image was complete
  | "patch-size" // gives an image of another size than was announced
  | "base-mismatch" // made for another image than the one that runs
  | "base-read-failed" // flash did not give the base
  // use
  | "bad-option"
  | "closed";

/** What may be tried again after each code. None ends a job: the whole image is taken instead. */
export const FOTA_PATCH_RETRY: Readonly<Record<FotaPatchErrorCode, Retry>> = Object.freeze({
  "patch-invalid": NEVER,
  "patch-unsupported": NEVER,
  "patch-truncated": NEVER,
  "patch-size": NEVER,
  "base-mismatch": NEVER,
  "base-read-failed": SAME_REQUEST,
  "bad-option": NEVER,
  closed: NEVER,
});

/** The only error class this module throws. */
export class FotaPatchError extends Error {
  // A field, not an assignment: preload makes Error's own name read-only.
  override readonly name = "FotaPatchError";
  readonly code: FotaPatchErrorCode;

  constructor(code: FotaPatchErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }

  /** The same call may succeed later: flash failed for the moment. */
  get repeatable(): boolean {
    return FOTA_PATCH_RETRY[this.code].repeatable;
  }

  /** A new execution of the job may succeed: of none, as none ends a job. */
  get retryable(): boolean {
    return FOTA_PATCH_RETRY[this.code].retryable;
  }
}

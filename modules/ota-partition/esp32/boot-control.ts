import type { BootControl, ImageState, NextSlot, RunningSlot } from "../boot-control.js";
import { OtaPartitionError, type OtaPartitionErrorCode } from "../errors.js";
import { type ResetReason, resetReasonOf } from "../reset-reason.js";
import type { FotaBootFunctions } from "./fota-boot-functions.js";

const RUNNING = 0;
const NEXT = 1;
/**
 * What `fota_state` returns, from -2 on. "UNDEFINED" is also what ESP-IDF does not define: the bootloader starts such
 * an image, but nobody ever confirmed it.
 */
const STATES: readonly ImageState[] = Object.freeze([
  "NONE",
  "UNDEFINED",
  "NEW",
  "PENDING_VERIFY",
  "VALID",
  "INVALID",
  "ABORTED",
  "UNDEFINED",
]);
const LOWEST_STATE = -2;

/** ESP-IDF numbers that have a code of their own. [ESP-IDF esp_err.h, esp_ota_ops.h] */
const CODES: Readonly<Record<number, OtaPartitionErrorCode>> = Object.freeze({
  259: "not-confirmable",
  261: "no-slot",
  262: "no-slot",
  5377: "slot-conflict",
  5379: "image-invalid",
  5380: "secure-version",
  5381: "rollback-failed",
  5382: "running-unconfirmed",
  5384: "image-invalid",
});

/** In a begin it is the running image that does not verify, not the new one. */
const BEGIN_CODES: Readonly<Record<number, OtaPartitionErrorCode>> = Object.freeze({
  ...CODES,
  5379: "boot-control-failed",
});

/**
 * The same numbers as results of marking the running image: there 0x105 and 0x106 do not say that a second slot is
 * missing.
 */
const MARK_CODES: Readonly<Record<number, OtaPartitionErrorCode>> = Object.freeze({
  [-1]: "not-confirmable",
  259: "not-confirmable",
  261: "not-confirmable",
  262: "not-confirmable",
  5381: "rollback-failed",
});

/** `BootControl` over the functions of `fota_boot.c`: `new FFI` of `mc/ffi` on the device. */
export class Esp32BootControl implements BootControl {
  #ffi: FotaBootFunctions;

  constructor(ffi: FotaBootFunctions) {
    this.#ffi = ffi;
  }

  running(): RunningSlot {
    const ffi = this.#ffi;
    return {
      label: ffi.fota_label(RUNNING),
      size: ffi.fota_size(RUNNING),
      state: this.state(RUNNING),
      version: ffi.fota_version(RUNNING),
      project: ffi.fota_project(RUNNING),
      chipId: ffi.fota_chip_id(),
      chipRevision: ffi.fota_chip_revision(),
      secureVersion: ffi.fota_secure_version(),
    };
  }

  /** @throws OtaPartitionError "no-slot" also when the only slot is the running one */
  next(): NextSlot {
    const ffi = this.#ffi;
    const label = ffi.fota_label(NEXT);
    if (label === "" || ffi.fota_address(NEXT) === ffi.fota_address(RUNNING)) {
      throw new OtaPartitionError("no-slot", "the partition table has no slot for an update");
    }
    const version = ffi.fota_version(NEXT);
    return { label, size: ffi.fota_size(NEXT), state: this.state(NEXT), ...(version !== "" && { version }) };
  }

  /**
   * The build's setting. But when the running image is still NEW, the bootloader on the board has no rollback: it would
   * have made it PENDING_VERIFY.
   */
  rollbackEnabled(): boolean {
    return this.#ffi.fota_rollback_enabled() !== 0 && this.state(RUNNING) !== "NEW";
  }

  resetReason(): ResetReason {
    return resetReasonOf(this.#ffi.fota_reset_reason());
  }

  lowestFreeMemory(): number | undefined {
    const bytes = this.#ffi.fota_lowest_free_memory();
    return bytes > 0 ? bytes : undefined;
  }

  begin(): void {
    check("begin", this.#ffi.fota_begin(), BEGIN_CODES);
  }

  setBoot(): void {
    check("set boot", this.#ffi.fota_set_boot());
  }

  unsetBoot(): void {
    check("unset boot", this.#ffi.fota_unset_boot());
  }

  markValid(): void {
    check("mark valid", this.#ffi.fota_mark_valid(), MARK_CODES);
  }

  markInvalidAndRestart(): void {
    check("mark invalid", this.#ffi.fota_mark_invalid_and_restart(), MARK_CODES);
  }

  restart(): void {
    this.#ffi.fota_restart();
  }

  private state(which: number): ImageState {
    return STATES[this.#ffi.fota_state(which) - LOWEST_STATE] ?? "UNDEFINED";
  }
}

function check(what: string, error: number, codes = CODES): void {
  if (error === 0) return;
  const code = codes[error] ?? "boot-control-failed";
  throw new OtaPartitionError(code, `${what}: ESP-IDF error 0x${(error >>> 0).toString(16)}`, { espError: error });
}

import type { ResetReason } from "./reset-reason.js";

/**
 * State of a slot's otadata entry. "NONE": no entry selects the slot. "UNDEFINED" also stands for a number ESP-IDF does
 * not define. [ESP-IDF esp_ota_img_states_t]
 */
export type ImageState = "NEW" | "PENDING_VERIFY" | "VALID" | "INVALID" | "ABORTED" | "UNDEFINED" | "NONE";

/**
 * A slot as flash. Offsets and sizes in bytes, erase in blocks of `blockLength` (4096). All calls block and throw when
 * the driver fails. [ECMA-419 Flash, as the SDK ships it]
 */
export type SlotFlash = {
  status(): { size: number; blockLength: number };
  /** Fills the whole array. */
  read(buffer: Uint8Array, byteOffset: number): void;
  /** Programs; the bytes must have been erased. */
  write(bytes: Uint8Array, byteOffset: number): void;
  /** Erases blocks `start` to `end` - 1; `end` defaults to `start` + 1. */
  eraseBlock(start: number, end?: number): void;
  close(): void;
};

/** A slot that is only read, as the one whose code runs. */
export type SlotReader = Pick<SlotFlash, "status" | "read" | "close">;

/** The slot whose code runs. `version` and `project` are those of its application descriptor. */
export type RunningSlot = {
  label: string;
  size: number;
  state: ImageState;
  version: string;
  project: string;
  /** Chip id an image must carry; absent: ESP32 (0). */
  chipId?: number;
  /** Chip revision, major * 100 + minor; absent: not checked. */
  chipRevision?: number;
  /** Lowest secure version that the bootloader starts; absent or 0: any. [CONFIG_BOOTLOADER_APP_ANTI_ROLLBACK] */
  secureVersion?: number;
};

/** The slot an update goes to. `version` is absent when it holds no descriptor. */
export type NextSlot = { label: string; size: number; state: ImageState; version?: string };

/** Boot flag and image states of the device. Errors are `OtaPartitionError`s. */
export interface BootControl {
  running(): RunningSlot;
  /** @throws "no-slot" */
  next(): NextSlot;
  /** True when a new image starts on probation and a crash brings the old one back. */
  rollbackEnabled(): boolean;
  /** Why this start happened. */
  resetReason(): ResetReason;
  /** Least free memory since this start, bytes. Absent or undefined: the platform does not tell. */
  lowestFreeMemory?(): number | undefined;
  /**
   * To be called before the first erase of a slot: makes the slot unselectable through otadata, and the running one
   * selected by an entry of its own, so that there is something to return to.
   * @throws "running-unconfirmed", "no-slot", "slot-conflict", "boot-control-failed"
   */
  begin(): void;
  /**
   * Selects the slot that does not run for the next boot, after ESP-IDF verified its image.
   * @throws "image-invalid", "secure-version", "no-slot", "slot-conflict", "boot-control-failed"
   */
  setBoot(): void;
  /**
   * Takes {@link setBoot} back before a restart: the entry that selects the other slot is marked INVALID. Does nothing
   * when the running slot is selected. @throws "no-slot", "rollback-failed", "boot-control-failed"
   */
  unsetBoot(): void;
  /**
   * Ends the probation of the running image. Does nothing when it is over already.
   * @throws "not-confirmable", "boot-control-failed"
   */
  markValid(): void;
  /**
   * Rejects the running image and restarts into the other. Returns only by throwing.
   * @throws "rollback-failed", "not-confirmable", "boot-control-failed"
   */
  markInvalidAndRestart(): void;
  restart(): void;
}

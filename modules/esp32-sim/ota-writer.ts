import {
  type AppContext,
  countSlots,
  erasePartition,
  findSlot,
  readOtadata,
  verifyPartition,
  writePartition,
} from "./app-context.js";
import { ESP_ERR } from "./esp-err.js";
import { SECTOR_SIZE } from "./flash-device.js";
import { IMAGE_MAGIC } from "./image-layout.js";
import { statePartition } from "./ota-state.js";
import { activeEntry, entryIsInitial, OTA_STATE, slotOfSeq } from "./otadata.js";
import { eraseOtaEntry } from "./otadata-store.js";
import { isOtaSlot, PARTITION_TYPE, type Partition } from "./partition-table.js";

/** Size for `begin`: erase the whole partition. */
export const OTA_SIZE_UNKNOWN = 0xffffffff;
/** Size for `begin`: erase sector by sector as bytes are written. */
export const OTA_WITH_SEQUENTIAL_WRITES = 0xfffffffe;

type Handle = { partition: Partition; sequential: boolean; written: number };

/**
 * esp_ota_begin, write, end, abort and resume, as in v6.0. Handles live in memory only. Later versions refuse a second
 * handle for a partition (0x1507), and resume as begin does while the running image is unconfirmed (0x1506).
 */
export class OtaWriter {
  #context: AppContext;
  #handles = new Map<number, Handle>();
  #lastHandle = 0;

  constructor(context: AppContext) {
    this.#context = context;
  }

  /** esp_ota_begin. `handle` is 0 unless one was created; it can be one even when the erase failed. */
  begin(partition: Partition | undefined, size: number): { error: number; handle: number } {
    const error = this.refuse(partition);
    if (error !== ESP_ERR.ESP_OK || !partition) return { error, handle: 0 };
    const sequential = size === OTA_WITH_SEQUENTIAL_WRITES;
    const handle = this.open({ partition, sequential, written: 0 });
    if (!sequential) {
      const whole = size === 0 || size === OTA_SIZE_UNKNOWN;
      const length = whole ? partition.size : Math.ceil(size / SECTOR_SIZE) * SECTOR_SIZE;
      const erased = erasePartition(this.#context, partition, 0, length);
      if (erased !== ESP_ERR.ESP_OK) return { error: erased, handle };
    }
    if (this.#context.rollback && isOtaSlot(partition)) invalidateInactiveEntry(this.#context);
    return { error: ESP_ERR.ESP_OK, handle };
  }

  /** esp_ota_resume. Erases nothing itself and leaves otadata alone. */
  resume(partition: Partition | undefined, eraseSize: number, offset: number): { error: number; handle: number } {
    if (!partition || offset > partition.size) return { error: ESP_ERR.ESP_ERR_INVALID_ARG, handle: 0 };
    const error = this.refusePlace(partition);
    if (error !== ESP_ERR.ESP_OK) return { error, handle: 0 };
    if (partition === this.#context.running) return { error: ESP_ERR.ESP_ERR_OTA_PARTITION_CONFLICT, handle: 0 };
    const sequential = eraseSize === OTA_WITH_SEQUENTIAL_WRITES;
    return { error, handle: this.open({ partition, sequential, written: offset }) };
  }

  /** esp_ota_write. */
  write(handle: number, bytes: Uint8Array): number {
    if (bytes.length === 0) return ESP_ERR.ESP_OK; // whatever the handle
    const open = this.#handles.get(handle);
    if (!open) return ESP_ERR.ESP_ERR_INVALID_ARG;
    if (open.sequential) {
      // Sectors the write enters; the one it continues in was erased when it was entered.
      const first = Math.ceil(open.written / SECTOR_SIZE) * SECTOR_SIZE;
      const end = Math.ceil((open.written + bytes.length) / SECTOR_SIZE) * SECTOR_SIZE;
      if (end > first) {
        const erased = erasePartition(this.#context, open.partition, first, end - first);
        if (erased !== ESP_ERR.ESP_OK) return erased;
      }
    }
    if (open.written === 0 && bytes[0] !== IMAGE_MAGIC && open.partition.type === PARTITION_TYPE.app) {
      return ESP_ERR.ESP_ERR_OTA_VALIDATE_FAILED;
    }
    const error = writePartition(this.#context, open.partition, open.written, bytes);
    if (error === ESP_ERR.ESP_OK) open.written += bytes.length;
    return error;
  }

  /** esp_ota_write_with_offset. Order, gaps and overlaps are the caller's business. */
  writeWithOffset(handle: number, bytes: Uint8Array, offset: number): number {
    const open = this.#handles.get(handle);
    if (!open) return ESP_ERR.ESP_ERR_INVALID_ARG;
    if (open.sequential) throw new RangeError("esp_ota_write_with_offset asserts that the handle is not sequential");
    const error = writePartition(this.#context, open.partition, offset, bytes);
    if (error === ESP_ERR.ESP_OK) open.written += bytes.length;
    return error;
  }

  /** esp_ota_end: verifies; the handle is gone whatever the result. */
  end(handle: number): number {
    const open = this.#handles.get(handle);
    if (!open) return ESP_ERR.ESP_ERR_NOT_FOUND;
    this.#handles.delete(handle);
    if (open.written === 0) return ESP_ERR.ESP_ERR_INVALID_ARG;
    if (open.partition.type !== PARTITION_TYPE.app) return ESP_ERR.ESP_OK;
    const { error } = verifyPartition(this.#context, open.partition);
    return error === ESP_ERR.ESP_OK ? ESP_ERR.ESP_OK : ESP_ERR.ESP_ERR_OTA_VALIDATE_FAILED;
  }

  /** esp_ota_abort: writes nothing. */
  abort(handle: number): number {
    return this.#handles.delete(handle) ? ESP_ERR.ESP_OK : ESP_ERR.ESP_ERR_NOT_FOUND;
  }

  private open(handle: Handle): number {
    this.#lastHandle += 1;
    this.#handles.set(this.#lastHandle, handle);
    return this.#lastHandle;
  }

  private refuse(partition: Partition | undefined): number {
    const context = this.#context;
    const error = this.refusePlace(partition);
    if (error !== ESP_ERR.ESP_OK || partition?.type !== PARTITION_TYPE.app) return error;
    if (partition === context.running) return ESP_ERR.ESP_ERR_OTA_PARTITION_CONFLICT;
    const running = statePartition(context, context.running);
    const unconfirmed = running.error === ESP_ERR.ESP_OK && running.state === OTA_STATE.PENDING_VERIFY;
    return context.rollback && unconfirmed ? ESP_ERR.ESP_ERR_OTA_ROLLBACK_INVALID_STATE : ESP_ERR.ESP_OK;
  }

  private refusePlace(partition: Partition | undefined): number {
    if (!partition) return ESP_ERR.ESP_ERR_INVALID_ARG;
    if (!this.#context.partitions.includes(partition)) return ESP_ERR.ESP_ERR_NOT_FOUND;
    const isOther = partition.type === PARTITION_TYPE.app && !isOtaSlot(partition);
    return isOther ? ESP_ERR.ESP_ERR_INVALID_ARG : ESP_ERR.ESP_OK;
  }
}

/**
 * Erases the entry that is not active, unless it is blank, broken, or selects the running slot. Its state does not
 * matter. [esp_ota_invalidate_inactive_ota_data_slot]
 */
export function invalidateInactiveEntry(context: AppContext): number {
  const otadata = readOtadata(context);
  const slots = countSlots(context);
  if (!otadata || slots === 0) return ESP_ERR.ESP_FAIL;
  const active = activeEntry(otadata.entries);
  if (active === -1) return ESP_ERR.ESP_FAIL;
  const index = active === 0 ? 1 : 0;
  const entry = otadata.entries[index];
  if (entryIsInitial(entry)) return ESP_ERR.ESP_FAIL;
  const slot = findSlot(context, slotOfSeq(entry.seq, slots));
  if (!slot || slot === context.running) return ESP_ERR.ESP_FAIL;
  return eraseOtaEntry(context.flash, otadata.partition, index);
}

import {
  type AppContext,
  countSlots,
  describePartition,
  erasePartition,
  findSlot,
  readOtadata,
} from "./app-context.js";
import type { AppDescriptor } from "./app-descriptor.js";
import { ESP_ERR } from "./esp-err.js";
import { markInvalidRollback, markValid, setBootPartition } from "./ota-boot.js";
import {
  bootPartition,
  lastInvalidPartition,
  nextUpdatePartition,
  rollbackIsPossible,
  statePartition,
} from "./ota-state.js";
import { invalidateInactiveEntry, OtaWriter } from "./ota-writer.js";
import { activeEntry, entryIsInitial, slotOfSeq } from "./otadata.js";
import { PARTITION_TYPE, type Partition } from "./partition-table.js";

/**
 * The esp_ota_* calls a running application makes. Results are ESP-IDF numbers, 0 is success. [ESP-IDF esp_ota_ops.h]
 */
export class OtaApi extends OtaWriter {
  #context: AppContext;

  constructor(context: AppContext) {
    super(context);
    this.#context = context;
  }

  runningPartition(): Partition {
    return this.#context.running;
  }

  bootPartition(): Partition | undefined {
    return bootPartition(this.#context);
  }

  nextUpdatePartition(start?: Partition): Partition | undefined {
    return nextUpdatePartition(this.#context, start);
  }

  /** `state` is meaningful only with error 0. */
  statePartition(partition: Partition | undefined): { error: number; state: number } {
    return statePartition(this.#context, partition);
  }

  partitionDescription(partition: Partition | undefined): { error: number; descriptor?: AppDescriptor } {
    if (!partition) return { error: ESP_ERR.ESP_ERR_INVALID_ARG };
    if (partition.type !== PARTITION_TYPE.app) return { error: ESP_ERR.ESP_ERR_NOT_SUPPORTED };
    const descriptor = describePartition(this.#context, partition);
    return descriptor ? { error: ESP_ERR.ESP_OK, descriptor } : { error: ESP_ERR.ESP_ERR_NOT_FOUND };
  }

  setBootPartition(partition: Partition | undefined): number {
    return setBootPartition(this.#context, partition);
  }

  markValid(): number {
    return markValid(this.#context);
  }

  /** Without the restart that esp_ota_mark_app_invalid_rollback_and_reboot adds when the result is 0. */
  markInvalidRollback(): number {
    return markInvalidRollback(this.#context);
  }

  rollbackIsPossible(): boolean {
    return rollbackIsPossible(this.#context);
  }

  lastInvalidPartition(): Partition | undefined {
    return lastInvalidPartition(this.#context);
  }

  /** Erases the whole slot the inactive entry selects, then the entry. */
  eraseLastBootAppPartition(): number {
    const otadata = readOtadata(this.#context);
    const slots = countSlots(this.#context);
    if (!otadata || slots === 0) return ESP_ERR.ESP_FAIL;
    const active = activeEntry(otadata.entries);
    const entry = otadata.entries[active === 0 ? 1 : 0];
    if (active === -1 || entryIsInitial(entry)) return ESP_ERR.ESP_FAIL;
    const slot = findSlot(this.#context, slotOfSeq(entry.seq, slots));
    if (!slot || slot === this.#context.running) return ESP_ERR.ESP_FAIL;
    const erased = erasePartition(this.#context, slot, 0, slot.size);
    return erased === ESP_ERR.ESP_OK ? invalidateInactiveEntry(this.#context) : erased;
  }

  invalidateInactiveOtaDataSlot(): number {
    return invalidateInactiveEntry(this.#context);
  }
}

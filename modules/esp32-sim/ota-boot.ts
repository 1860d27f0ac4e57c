import {
  type AppContext,
  countSlots,
  describePartition,
  erasePartition,
  findFirst,
  readOtadata,
  verifyPartition,
} from "./app-context.js";
import { ESP_ERR } from "./esp-err.js";
import { rollbackIsPossible } from "./ota-state.js";
import { activeEntry, nextSeq, OTA_STATE, type OtaEntry, otaCrc, slotOfSeq } from "./otadata.js";
import { rewriteOtaEntry } from "./otadata-store.js";
import { APP_SUBTYPE, DATA_SUBTYPE, PARTITION_TYPE, type Partition, slotIndex } from "./partition-table.js";

/** esp_ota_set_boot_partition. Later versions than v6.0 have a variant that does not look at the image. */
export function setBootPartition(context: AppContext, partition: Partition | undefined): number {
  if (!partition) return ESP_ERR.ESP_ERR_INVALID_ARG;
  if (verifyPartition(context, partition).error !== ESP_ERR.ESP_OK) return ESP_ERR.ESP_ERR_OTA_VALIDATE_FAILED;
  if (partition.type !== PARTITION_TYPE.app) return ESP_ERR.ESP_ERR_INVALID_ARG;
  if (partition.subtype === APP_SUBTYPE.factory) {
    const otadata = findFirst(context, PARTITION_TYPE.data, DATA_SUBTYPE.ota);
    return otadata ? erasePartition(context, otadata, 0, otadata.size) : ESP_ERR.ESP_ERR_NOT_FOUND;
  }
  if (context.antiRollback) {
    const descriptor = describePartition(context, partition);
    if (!descriptor) return ESP_ERR.ESP_ERR_NOT_FOUND;
    if (descriptor.secureVersion < context.antiRollback.level()) {
      const erased = erasePartition(context, partition, 0, partition.size);
      return erased === ESP_ERR.ESP_OK ? ESP_ERR.ESP_ERR_OTA_SMALL_SEC_VER : erased;
    }
  }
  return selectSlot(context, slotIndex(partition));
}

function selectSlot(context: AppContext, slot: number): number {
  const otadata = readOtadata(context);
  if (!otadata) return ESP_ERR.ESP_ERR_NOT_FOUND;
  const slots = countSlots(context);
  if (slot >= slots) return ESP_ERR.ESP_ERR_INVALID_ARG;
  const { partition, entries } = otadata;
  const state = context.rollback ? OTA_STATE.NEW : OTA_STATE.UNDEFINED;
  const active = activeEntry(entries);
  if (active === -1) {
    return rewriteOtaEntry(context.flash, partition, 0, withSeq(entries[0], slot + 1, state));
  }
  const { seq } = entries[active];
  if (slotOfSeq(seq, slots) === slot) {
    return rewriteOtaEntry(context.flash, partition, active, withSeq(entries[active], seq, state));
  }
  const other = active === 0 ? 1 : 0;
  return rewriteOtaEntry(context.flash, partition, other, withSeq(entries[other], nextSeq(slot, slots, seq), state));
}

/** The entry as found, label included, with a new sequence and state. */
function withSeq(entry: OtaEntry, seq: number, state: number): OtaEntry {
  return { ...entry, seq, state, crc: otaCrc(seq) };
}

/** esp_ota_mark_app_valid_cancel_rollback. Acts on the active entry, whoever runs. */
export function markValid(context: AppContext): number {
  return markActive(context, {
    needed: (entry) => entry.state !== OTA_STATE.VALID,
    state: OTA_STATE.VALID,
    afterwards: () => raiseLevel(context),
  });
}

/**
 * To the secure version of what runs, which may be another slot's than the one that was marked.
 * [esp_ota_set_anti_rollback]
 */
function raiseLevel(context: AppContext): number {
  if (!context.antiRollback) return ESP_ERR.ESP_OK;
  const descriptor = describePartition(context, context.running);
  return descriptor ? context.antiRollback.raise(descriptor.secureVersion) : ESP_ERR.ESP_ERR_NOT_FOUND;
}

/** esp_ota_mark_app_invalid_rollback, without a restart. */
export function markInvalidRollback(context: AppContext): number {
  return markActive(context, {
    state: OTA_STATE.INVALID,
    permission: () => (rollbackIsPossible(context) ? ESP_ERR.ESP_OK : ESP_ERR.ESP_ERR_OTA_ROLLBACK_FAILED),
  });
}

type Marking = {
  state: number;
  /** Whether an entry is rewritten at all. Default: always. */
  needed?: (entry: OtaEntry) => boolean;
  permission?: () => number;
  /** After a rewrite that succeeded, and only then. */
  afterwards?: () => number;
};

function markActive(context: AppContext, { state, needed, permission, afterwards }: Marking): number {
  const otadata = readOtadata(context);
  if (!otadata) return ESP_ERR.ESP_ERR_NOT_FOUND;
  const active = activeEntry(otadata.entries);
  if (active === -1 || countSlots(context) === 0) return ESP_ERR.ESP_FAIL;
  const entry = otadata.entries[active];
  const permitted = permission?.() ?? ESP_ERR.ESP_OK;
  if (permitted !== ESP_ERR.ESP_OK) return permitted;
  if (needed?.(entry) === false) return ESP_ERR.ESP_OK;
  const error = rewriteOtaEntry(context.flash, otadata.partition, active, withSeq(entry, entry.seq, state));
  return error === ESP_ERR.ESP_OK ? (afterwards?.() ?? error) : error;
}

import { type AppContext, countSlots, findFirst, findSlot, readOtadata, verifyPartition } from "./app-context.js";
import { ESP_ERR } from "./esp-err.js";
import {
  activeEntry,
  entryCrcOk,
  entryIsUnusable,
  entryIsUsable,
  OTA_STATE,
  type OtaEntry,
  slotOfSeq,
} from "./otadata.js";
import { APP_SUBTYPE, isOtaSlot, PARTITION_TYPE, type Partition, slotIndex } from "./partition-table.js";

/**
 * esp_ota_get_state_partition: the first entry with a right CRC that selects the slot; larger sequences get no
 * preference.
 */
export function statePartition(
  context: AppContext,
  partition: Partition | undefined,
): { error: number; state: number } {
  const none = (error: number) => ({ error, state: OTA_STATE.UNDEFINED });
  if (!partition) return none(ESP_ERR.ESP_ERR_INVALID_ARG);
  if (!isOtaSlot(partition)) return none(ESP_ERR.ESP_ERR_NOT_SUPPORTED);
  const slots = countSlots(context);
  const otadata = readOtadata(context);
  if (!otadata || slots === 0) return none(ESP_ERR.ESP_ERR_NOT_FOUND);
  const entry = otadata.entries.find(
    (candidate) => entryCrcOk(candidate) && slotOfSeq(candidate.seq, slots) === slotIndex(partition),
  );
  return entry ? { error: ESP_ERR.ESP_OK, state: entry.state } : none(ESP_ERR.ESP_ERR_NOT_FOUND);
}

/** esp_ota_get_boot_partition: what otadata selects, without a look at images or the running application. */
export function bootPartition(context: AppContext): Partition | undefined {
  const otadata = readOtadata(context);
  if (!otadata) return undefined;
  const slots = countSlots(context);
  const { entries } = otadata;
  if (slots === 0 || (entryIsUnusable(entries[0]) && entryIsUnusable(entries[1]))) return defaultBoot(context);
  const active = activeEntry(entries);
  return active === -1 ? defaultBoot(context) : findSlot(context, slotOfSeq(entries[active].seq, slots));
}

function defaultBoot(context: AppContext): Partition | undefined {
  const factory = findFirst(context, PARTITION_TYPE.app, APP_SUBTYPE.factory);
  return factory ?? otaSlots(context)[0] ?? findFirst(context, PARTITION_TYPE.app, APP_SUBTYPE.test);
}

/** All OTA slots in the order of their numbers, gaps left out. */
export function otaSlots(context: AppContext): Partition[] {
  const slots: Partition[] = [];
  for (let index = 0; index < 16; index += 1) {
    const slot = findSlot(context, index);
    if (slot) slots.push(slot);
  }
  return slots;
}

/**
 * esp_ota_get_next_update_partition: the slot after `start` (default: the running one), else the first. With one slot
 * that slot, even when it runs.
 */
export function nextUpdatePartition(context: AppContext, start: Partition = context.running): Partition | undefined {
  const slots = otaSlots(context);
  const at = slots.indexOf(start);
  return (at >= 0 ? slots[at + 1] : undefined) ?? slots[0];
}

/**
 * esp_ota_get_last_invalid_partition: of the rejected entries the one with the smaller sequence, if its image still
 * verifies.
 */
export function lastInvalidPartition(context: AppContext): Partition | undefined {
  const otadata = readOtadata(context);
  const slots = countSlots(context);
  if (!otadata || slots === 0) return undefined;
  const rejected = otadata.entries.filter(isRejected).sort((a, b) => a.seq - b.seq);
  const entry = rejected[0];
  const partition = entry && findSlot(context, slotOfSeq(entry.seq, slots));
  return partition && verifyPartition(context, partition).error === ESP_ERR.ESP_OK ? partition : undefined;
}

function isRejected(entry: OtaEntry): boolean {
  const rejected = entry.state === OTA_STATE.INVALID || entry.state === OTA_STATE.ABORTED;
  return rejected && entry.seq !== 0xffffffff && entryCrcOk(entry);
}

/**
 * esp_ota_check_rollback_is_possible. Only the other entry counts: an intact old image whose entry was erased does not.
 */
export function rollbackIsPossible(context: AppContext): boolean {
  const otadata = readOtadata(context);
  const slots = countSlots(context);
  if (!otadata || slots === 0) return false;
  const active = activeEntry(otadata.entries);
  if (active === -1) return false;
  const other = otadata.entries[active === 0 ? 1 : 0];
  if (!entryIsUsable(other)) {
    const factory = context.antiRollback ? undefined : findFirst(context, PARTITION_TYPE.app, APP_SUBTYPE.factory);
    return factory !== undefined && verifyPartition(context, factory).error === ESP_ERR.ESP_OK;
  }
  const partition = findSlot(context, slotOfSeq(other.seq, slots));
  if (!partition) return false;
  const image = verifyPartition(context, partition);
  if (image.error !== ESP_ERR.ESP_OK) return false;
  return !context.antiRollback || (image.descriptor?.secureVersion ?? -1) >= context.antiRollback.level();
}

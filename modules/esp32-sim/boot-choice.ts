import { FACTORY_INDEX } from "./boot-table.js";
import {
  activeEntry,
  entryIsInitial,
  entryIsUnusable,
  OTA_STATE,
  type OtaEntries,
  type OtaEntry,
  slotOfSeq,
} from "./otadata.js";

/** An otadata sector the bootloader rewrites before it looks at any image. */
export type EntryRewrite = { index: 0 | 1; entry: OtaEntry };

/** Where the bootloader starts looking, and what it writes. Pure result of the two entries and the layout. */
export type BootChoice = {
  start: number;
  rewrites: readonly EntryRewrite[];
  /** The first record is written once an OTA slot has been loaded. */
  initialContents: boolean;
  /** The entry that was chosen, as it is after the rewrites. */
  active: OtaEntry | undefined;
};

export type ChoiceOptions = {
  rollback: boolean;
  slots: number;
  hasFactory: boolean;
  /** With anti-rollback: whether the image in a slot may run at the device's secure version. */
  secureVersionAllows?: (slot: number) => boolean;
};

/** Entries to ABORTED: an application that was started once and not confirmed, whatever its sequence and CRC say. */
function abortUnconfirmed(entries: OtaEntries): { entries: OtaEntries; rewrites: EntryRewrite[] } {
  const rewrites: EntryRewrite[] = [];
  const abort = (entry: OtaEntry, index: 0 | 1): OtaEntry => {
    if (entry.state !== OTA_STATE.PENDING_VERIFY) return entry;
    const aborted = { ...entry, state: OTA_STATE.ABORTED };
    rewrites.push({ index, entry: aborted });
    return aborted;
  };
  return { entries: [abort(entries[0], 0), abort(entries[1], 1)], rewrites };
}

/** The bootloader's choice. [ESP-IDF bootloader_utility: selected boot partition] */
export function chooseBoot(stored: OtaEntries, options: ChoiceOptions): BootChoice {
  const { entries, rewrites } = options.rollback ? abortUnconfirmed(stored) : { entries: stored, rewrites: [] };
  const initial = entryIsInitial(entries[0]) && entryIsInitial(entries[1]);
  const none = { start: FACTORY_INDEX, rewrites, initialContents: false, active: undefined };
  const allows = options.secureVersionAllows;
  if (allows) {
    if (initial) return { ...none, initialContents: true };
  } else if ((entryIsUnusable(entries[0]) && entryIsUnusable(entries[1])) || options.slots === 0) {
    if (options.hasFactory) return none;
    return { ...none, start: 0, initialContents: initial };
  }
  const index = activeEntry(
    entries,
    allows && options.slots > 0 ? (entry) => allows(slotOfSeq(entry.seq, options.slots)) : undefined,
  );
  if (index === -1) return none;
  let active = entries[index];
  const start = slotOfSeq(active.seq, options.slots);
  if (options.rollback && active.state === OTA_STATE.NEW) {
    // Written before the image is looked at: an image that does not even load has had its one boot.
    active = { ...active, state: OTA_STATE.PENDING_VERIFY };
    rewrites.push({ index, entry: active });
  }
  return { start, rewrites, initialContents: false, active };
}

/**
 * Slot numbers in the order the bootloader tries them: from the start down to factory, then upward. The test
 * application comes after all of them.
 */
export function searchOrder(start: number, slots: number): number[] {
  const order: number[] = [];
  for (let index = start; index >= FACTORY_INDEX; index -= 1) order.push(index);
  for (let index = start + 1; index < slots; index += 1) order.push(index);
  return order;
}

import { isErased, readU32, writeU32 } from "./bytes.js";

/** Image states as stored. [ESP-IDF esp_ota_img_states_t] */
export const OTA_STATE = Object.freeze({
  NEW: 0,
  PENDING_VERIFY: 1,
  VALID: 2,
  INVALID: 3,
  ABORTED: 4,
  UNDEFINED: 0xffffffff,
});

/** Bytes of one entry; entry i stands at the start of sector i of the otadata partition. */
export const OTA_ENTRY_SIZE = 32;
/** Sequence number of a blank entry. */
export const BLANK_SEQ = 0xffffffff;

/** One otadata entry. `crc` covers `seq` alone. */
export type OtaEntry = { seq: number; label: Uint8Array; state: number; crc: number };
/** Both entries of otadata, one for each of its sectors. */
export type OtaEntries = readonly [OtaEntry, OtaEntry];

/**
 * The CRC stored in an entry: reflected polynomial 0xEDB88320, register starting at 0, final inversion. Not zlib's
 * crc32 of the same bytes, which starts with all ones.
 */
export function otaCrc(seq: number): number {
  let crc = seq >>> 0;
  for (let bit = 0; bit < 32; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return (crc ^ 0xffffffff) >>> 0;
}

/** `bytes`: 32 of them, from the start of the sector. */
export function decodeOtaEntry(bytes: Uint8Array): OtaEntry {
  return { seq: readU32(bytes, 0), label: bytes.slice(4, 24), state: readU32(bytes, 24), crc: readU32(bytes, 28) };
}

/** The 32 bytes of an entry. */
export function encodeOtaEntry(entry: OtaEntry): Uint8Array {
  const bytes = new Uint8Array(OTA_ENTRY_SIZE);
  writeU32(bytes, 0, entry.seq);
  bytes.set(entry.label.subarray(0, 20), 4);
  writeU32(bytes, 24, entry.state);
  writeU32(bytes, 28, entry.crc);
  return bytes;
}

/** An entry with a blank label and the right CRC. */
export function makeOtaEntry(seq: number, state: number): OtaEntry {
  return { seq, label: new Uint8Array(20).fill(0xff), state, crc: otaCrc(seq) };
}

/** An entry of erased flash. */
export function blankOtaEntry(): OtaEntry {
  return { seq: BLANK_SEQ, label: new Uint8Array(20).fill(0xff), state: OTA_STATE.UNDEFINED, crc: 0xffffffff };
}

/** Whether nothing was written since the sector was erased. */
export function entryIsBlank(entry: OtaEntry): boolean {
  return isErased(encodeOtaEntry(entry));
}

/** Whether the CRC is that of the sequence number; it covers nothing else. */
export function entryCrcOk(entry: OtaEntry): boolean {
  return entry.crc === otaCrc(entry.seq);
}

/** By sequence and state only: ESP-IDF decides "no usable entry at all" without looking at the CRC. */
export function entryIsUnusable(entry: OtaEntry): boolean {
  return entry.seq === BLANK_SEQ || entry.state === OTA_STATE.INVALID || entry.state === OTA_STATE.ABORTED;
}

/** What the bootloader may choose by. */
export function entryIsUsable(entry: OtaEntry): boolean {
  return !entryIsUnusable(entry) && entryCrcOk(entry);
}

/** Sequence blank or CRC wrong: what the bootloader calls initial contents when both entries are so. */
export function entryIsInitial(entry: OtaEntry): boolean {
  return entry.seq === BLANK_SEQ || !entryCrcOk(entry);
}

/**
 * The usable entry with the larger sequence, entry 0 on a tie, -1 when none is usable. `allowed` adds the anti-rollback
 * condition.
 */
export function activeEntry(entries: OtaEntries, allowed: (entry: OtaEntry) => boolean = () => true): 0 | 1 | -1 {
  const first = entryIsUsable(entries[0]) && allowed(entries[0]);
  const second = entryIsUsable(entries[1]) && allowed(entries[1]);
  if (first && second) return entries[0].seq >= entries[1].seq ? 0 : 1;
  if (first) return 0;
  return second ? 1 : -1;
}

/** The slot an entry selects, in the unsigned arithmetic of the bootloader: sequence 0 with two slots is slot 1. */
export function slotOfSeq(seq: number, slots: number): number {
  return ((seq - 1) >>> 0) % slots;
}

/** The smallest sequence that selects `slot` and is not below `activeSeq`, cut to 32 bits as ESP-IDF's counter is. */
export function nextSeq(slot: number, slots: number, activeSeq: number): number {
  const base = (slot + 1) % slots;
  const rounds = activeSeq > base ? Math.ceil((activeSeq - base) / slots) : 0;
  return (base + rounds * slots) >>> 0;
}

/** The state's name as ESP-IDF spells it; a number that has none reads "state 7". */
export function otaStateName(state: number): string {
  for (const [name, value] of Object.entries(OTA_STATE)) if (value === state) return name;
  return `state ${state}`;
}

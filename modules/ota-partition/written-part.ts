import type { SlotFlash } from "./boot-control.js";
import { SECTOR_LENGTH } from "./write-plan.js";

const BLANK_WORD = -1;
const BLANK_BYTE = 0xff;

/**
 * How far a writer came, read out of flash: the start of the last sector that holds anything, because only that one can
 * be half written. `from`: everything below is in flash. `erasedTo`: everything between was erased for this image
 * before it was written, so that what is there is part of it and nothing of an earlier one. Both multiples of 4096.
 *
 * An image whose sectors are blank themselves hides how far it came: what is found is then earlier than what is there,
 * never later.
 * @throws what the driver throws
 */
export function writtenPart(flash: SlotFlash, from: number, erasedTo: number): number {
  const sector = new Uint8Array(SECTOR_LENGTH);
  for (let at = erasedTo - SECTOR_LENGTH; at > from; at -= SECTOR_LENGTH) {
    flash.read(sector, at);
    if (!isBlank(sector)) return at;
  }
  return from;
}

/**
 * Whether the sector at `at` reads as erased flash does; not so under flash encryption.
 * @throws what the driver throws
 */
export function readsBlank(flash: SlotFlash, at: number): boolean {
  const sector = new Uint8Array(SECTOR_LENGTH);
  flash.read(sector, at);
  return isBlank(sector);
}

/** Words first: on the device each step costs a microsecond. */
export function isBlank(bytes: Uint8Array): boolean {
  const words = bytes.byteOffset % 4 === 0 ? Math.floor(bytes.length / 4) : 0;
  const view = new Int32Array(bytes.buffer, words === 0 ? 0 : bytes.byteOffset, words);
  for (let index = 0; index < words; index++) if (view[index] !== BLANK_WORD) return false;
  for (let index = words * 4; index < bytes.length; index++) if (bytes[index] !== BLANK_BYTE) return false;
  return true;
}

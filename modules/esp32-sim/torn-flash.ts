import { type FlashMemory, SECTOR_SIZE } from "./flash-device.js";

/**
 * What a power cut leaves of a write: `cut` whole bytes are programmed, and of the next byte some of the bits that had
 * to become 0. `random` gives numbers in [0, 1).
 */
export function tearWrite(
  memory: FlashMemory,
  offset: number,
  bytes: Uint8Array,
  cut: number,
  random: () => number,
): void {
  memory.write(offset, bytes.subarray(0, cut));
  const torn = bytes[cut];
  if (torn !== undefined) memory.write(offset + cut, Uint8Array.of(torn | Math.floor(random() * 256)));
}

/**
 * What a power cut leaves of an erase: sectors before the one that holds byte `cut` are blank, in that sector the bytes
 * before `cut` are blank and the others have some of their 0 bits raised, later sectors are untouched. No order of bits
 * is promised by any data sheet, so any subset can be left. `share` of the bytes are reached at all, by default every
 * one: with few of them single fields of a record change and the rest still reads right.
 */
export function tearErase(
  memory: FlashMemory,
  offset: number,
  length: number,
  cut: number,
  random: () => number,
  share = 1,
): void {
  const whole = Math.floor(cut / SECTOR_SIZE) * SECTOR_SIZE;
  if (whole > 0) memory.erase(offset, whole);
  if (whole >= length) return;
  const sector = memory.read(offset + whole, SECTOR_SIZE).slice();
  const blank = cut - whole;
  sector.fill(0xff, 0, blank);
  for (let index = blank; index < SECTOR_SIZE; index += 1) {
    if (share < 1 && random() >= share) continue;
    sector[index] = (sector[index] ?? 0xff) | Math.floor(random() * 256);
  }
  memory.load(offset + whole, sector);
}

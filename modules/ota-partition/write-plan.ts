/** Unit of erase, of buffering and of resume. */
export const SECTOR_LENGTH = 4096;
/** Bytes of a flash block. Slots begin at multiples of it, so offsets in a slot align as flash addresses do. */
export const BLOCK_LENGTH = 65536;
/** Sectors from which one block erase is quicker than erasing them one by one: 150-250 ms against about 50 ms each. */
const BLOCK_ERASE_WORTH = 4;

/** From `start` up to but not including `end`, bytes of the slot, multiples of {@link SECTOR_LENGTH}. */
export type EraseRange = { start: number; end: number };

/**
 * What to erase next so that a write up to `needed` lands on blank flash, or undefined when `erasedTo` suffices. A
 * whole 64 KiB block where one starts here and lies inside the slot, as long as the image uses enough of it; otherwise
 * the sectors up to the next block boundary or the image's end. Never beyond the slot. All offsets in bytes of the
 * slot; `erasedTo` is a multiple of 4096.
 */
export function nextErase(plan: {
  erasedTo: number;
  needed: number;
  imageSize: number;
  slotSize: number;
}): EraseRange | undefined {
  const { erasedTo: start, needed, imageSize, slotSize } = plan;
  if (needed <= start) return undefined;
  const imageEnd = Math.min(Math.ceil(imageSize / SECTOR_LENGTH) * SECTOR_LENGTH, slotSize);
  const blockEnd = (Math.floor(start / BLOCK_LENGTH) + 1) * BLOCK_LENGTH;
  const wantedSectors = (Math.min(blockEnd, imageEnd) - start) / SECTOR_LENGTH;
  if (start % BLOCK_LENGTH === 0 && blockEnd <= slotSize && wantedSectors >= BLOCK_ERASE_WORTH) {
    return { start, end: blockEnd };
  }
  return { start, end: Math.min(blockEnd, imageEnd) };
}

/**
 * How far to erase when `needed` bytes are to be blank: the last block of an image goes with the one before it, so that
 * one note of what is blank serves for both. Bytes of the slot.
 */
export function eraseGoal(needed: number, imageSize: number): number {
  const blockEnd = Math.ceil(needed / BLOCK_LENGTH) * BLOCK_LENGTH;
  return imageSize - blockEnd <= BLOCK_LENGTH ? Math.max(needed, imageSize) : needed;
}

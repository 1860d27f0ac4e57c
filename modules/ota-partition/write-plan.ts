/**
 * Unit of erase, of buffering and of resume. Slots begin at multiples of `RESUME_UNIT`, so offsets in a slot align as
 * flash addresses do.
 */
export const SECTOR_LENGTH = 4096;
/** Bytes of a flash block: a download goes on at a multiple of it. */
export const RESUME_UNIT = 65536;
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
  const blockEnd = (Math.floor(start / RESUME_UNIT) + 1) * RESUME_UNIT;
  const wantedSectors = (Math.min(blockEnd, imageEnd) - start) / SECTOR_LENGTH;
  if (start % RESUME_UNIT === 0 && blockEnd <= slotSize && wantedSectors >= BLOCK_ERASE_WORTH) {
    return { start, end: blockEnd };
  }
  return { start, end: Math.min(blockEnd, imageEnd) };
}

/** Largest offset a later run may resume at when everything below `written` is in flash. */
export function resumePointOf(written: number): number {
  return Math.floor(written / RESUME_UNIT) * RESUME_UNIT;
}

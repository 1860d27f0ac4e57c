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

/** Where erasing ends that begins at `erasedTo` and makes everything up to `needed` blank. Bytes of the slot. */
export function eraseEnd(plan: Parameters<typeof nextErase>[0]): number {
  let { erasedTo } = plan;
  for (let range = nextErase(plan); range !== undefined; range = nextErase({ ...plan, erasedTo })) erasedTo = range.end;
  return erasedTo;
}

/**
 * One command's worth of an erase that goes on to `end`: a block where one begins, or no more sectors than take as
 * long.
 */
export function eraseStep(erasedTo: number, end: number): EraseRange {
  if (erasedTo % BLOCK_LENGTH === 0 && end - erasedTo >= BLOCK_LENGTH)
    return { start: erasedTo, end: erasedTo + BLOCK_LENGTH };
  return { start: erasedTo, end: Math.min(end, erasedTo + BLOCK_ERASE_WORTH * SECTOR_LENGTH) };
}

/** How far ahead of the last byte received the slot is blank, if there was time to erase it. */
export const ERASE_LEAD = BLOCK_LENGTH;

/** What a writer knows when it asks what to do next. Bytes of the slot. */
export type WriterSituation = {
  readonly written: number;
  /** Received and not written. */
  readonly buffered: number;
  readonly erasedTo: number;
  readonly imageSize: number;
  /** Bytes wait that the buffer has no room for: their sender hears nothing until they are read. */
  readonly pressed: boolean;
};

/**
 * What to do next with the flash. A sector that is complete is written; before that the slot is erased ahead, as soon
 * as everything that came was read: then a round trip passes in any case before more can come.
 */
export function nextStep(situation: WriterSituation): "write" | "erase" | undefined {
  const { written, buffered, erasedTo, imageSize, pressed } = situation;
  const position = written + buffered;
  const isComplete = buffered >= SECTOR_LENGTH || (buffered > 0 && position === imageSize);
  const end = Math.min(written + SECTOR_LENGTH, position);
  if (isComplete && end > erasedTo) return "erase";
  if (!pressed && position > 0 && erasedTo < Math.min(imageSize, position + ERASE_LEAD)) return "erase";
  return isComplete ? "write" : undefined;
}

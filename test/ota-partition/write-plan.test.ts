import assert from "node:assert/strict";
import { BLOCK_LENGTH, eraseGoal, nextErase, SECTOR_LENGTH } from "../../modules/ota-partition/index.js";

/** All erases while an image is written sector by sector. */
function plan(imageSize: number, slotSize: number, offset = 0): string[] {
  const erases: string[] = [];
  let erasedTo = offset;
  for (let at = offset; at < imageSize; at += SECTOR_LENGTH) {
    const needed = Math.min(at + SECTOR_LENGTH, imageSize);
    for (;;) {
      const range = nextErase({ erasedTo, needed, imageSize, slotSize });
      if (!range) break;
      assert.equal(range.start, erasedTo, "erases follow one another");
      assert.ok(range.end > range.start && range.end <= slotSize, "inside the slot");
      erases.push(`${range.start / 4096}-${range.end / 4096}`);
      erasedTo = range.end;
    }
    assert.ok(erasedTo >= needed, "blank before written");
  }
  return erases;
}

describe("write plan", () => {
  it("erases 64 KiB blocks ahead of a long image", () => {
    assert.deepEqual(plan(3 * BLOCK_LENGTH, 0x100000), ["0-16", "16-32", "32-48"]);
  });

  it("erases a whole block at the end when the image uses enough of it", () => {
    assert.deepEqual(plan(BLOCK_LENGTH + 4 * SECTOR_LENGTH, 0x100000), ["0-16", "16-32"]);
  });

  it("erases only the sectors needed when the image uses little of the last block", () => {
    assert.deepEqual(plan(BLOCK_LENGTH + 3 * SECTOR_LENGTH, 0x100000), ["0-16", "16-19"]);
    assert.deepEqual(plan(BLOCK_LENGTH + 1, 0x100000), ["0-16", "16-17"]);
  });

  it("falls back to sectors at the unaligned end of a slot", () => {
    assert.deepEqual(plan(0x1e8000, 0x1e8000).slice(-2), ["464-480", "480-488"]);
  });

  it("goes on at a resume point", () => {
    assert.deepEqual(plan(3 * BLOCK_LENGTH, 0x100000, BLOCK_LENGTH), ["16-32", "32-48"]);
  });

  it("keeps its promises for every image size around a block and slot end", () => {
    for (let imageSize = 288; imageSize <= 0x21000; imageSize += 1013) plan(imageSize, 0x21000);
  });

  it("asks for nothing that is erased already", () => {
    const state = { erasedTo: 8192, needed: 8192, imageSize: 99999, slotSize: 0x100000 };
    assert.equal(nextErase(state), undefined);
  });

  it("erases the last block of an image with the one before it", () => {
    const size = 3 * BLOCK_LENGTH + 1000;
    assert.equal(eraseGoal(1, size), 1);
    assert.equal(eraseGoal(2 * BLOCK_LENGTH, size), 2 * BLOCK_LENGTH);
    assert.equal(eraseGoal(2 * BLOCK_LENGTH + 1, size), size);
    assert.equal(eraseGoal(size, size), size);
    assert.equal(eraseGoal(BLOCK_LENGTH + 1, 3 * BLOCK_LENGTH), 3 * BLOCK_LENGTH);
    assert.equal(eraseGoal(4096, 5000), 5000);
  });
});

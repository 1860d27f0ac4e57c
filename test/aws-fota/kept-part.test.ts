import assert from "node:assert/strict";
import { KeptPart } from "../../modules/aws-fota/kept-part.js";

const KIB = 1024;
const BLOCK = 64 * KIB;
const SECTOR = 4 * KIB;
const NOTHING = { offset: 0, erasedTo: 0 };
const READABLE = { size: 16 * BLOCK, readable: true };

const kept = (resumed: boolean, from = NOTHING, storeIntervalBytes = BLOCK) =>
  new KeptPart({ resumed, storeIntervalBytes }, from);

/** Stores while an image is written whose sectors are blank from `blankFrom` on; returns the offsets stored. */
function run(part: KeptPart, size: number, { from = 0, blankFrom = size, readable = true } = {}): number[] {
  const stores: number[] = [];
  let erasedTo = Math.ceil(from / BLOCK) * BLOCK;
  for (let written = from; written < size; written += SECTOR) {
    if (written >= erasedTo) {
      erasedTo += BLOCK;
      if (size - erasedTo <= BLOCK) erasedTo = size; // the last block goes with the one before it
      if (part.erased(erasedTo, written, { size, readable })) stores.push(written);
    }
    const next = written + SECTOR;
    if (next < size && part.written(next, Math.max(0, next - Math.max(blankFrom, from)))) stores.push(next);
  }
  return stores;
}

describe("kept part of a download", () => {
  it("is stored once for each erase while nothing interrupts", () => {
    assert.deepEqual(run(kept(false), 4 * BLOCK), [0, BLOCK, 2 * BLOCK]);
    assert.deepEqual(run(kept(false), 4 * BLOCK, { readable: false }), [0, BLOCK, 2 * BLOCK]);
    assert.deepEqual(run(kept(false, NOTHING, 2 * BLOCK), 4 * BLOCK), [BLOCK]);
  });
  it("is not worth a store for an image of one block, before it was interrupted", () => {
    assert.deepEqual(run(kept(false), BLOCK), []);
    assert.deepEqual(run(kept(true), BLOCK), [0]);
  });
  it("needs no store of its own after a restart where flash can be read back", () => {
    assert.deepEqual(run(kept(true, { offset: 0, erasedTo: BLOCK }), 2 * BLOCK, { from: 12 * KIB }), [BLOCK]);
  });
  it("is stored after 4, 8, 16 and 32 KiB where sectors of the image are blank themselves", () => {
    const part = kept(true, { offset: 0, erasedTo: BLOCK });
    assert.deepEqual(
      run(part, 4 * BLOCK, { blankFrom: 0 }).map((offset) => offset / KIB),
      [0, 4, 12, 28, 60, 64, 128, 192],
    );
  });
  it("is stored likewise after a restart where blank flash does not read as blank", () => {
    const stores = run(kept(true), 4 * BLOCK, { readable: false }).map((offset) => offset / KIB);
    assert.deepEqual(stores, [0, 4, 12, 28, 60, 64, 128, 192]);
  });
  it("tells what a restart would not find", () => {
    const part = kept(false);
    assert.equal(part.atRisk(8192, 0), 8192);
    part.erased(BLOCK, 0, READABLE);
    assert.equal(part.atRisk(8192, 0), 0);
    assert.equal(part.atRisk(8192, 4096), 4096);
    assert.equal(part.atRisk(BLOCK + 4096, 0), BLOCK + 4096);
    assert.equal(part.erasedTo, BLOCK);
  });
  it("forgets everything when other content begins, and says whether the record has to", () => {
    const part = kept(false);
    assert.equal(part.restart(), false);
    part.erased(BLOCK, 0, READABLE);
    assert.equal(part.restart(), true);
    assert.deepEqual([part.erasedTo, part.atRisk(4096, 0), part.restart()], [0, 4096, false]);
  });
});

import assert from "node:assert/strict";
import { SlotWriter, writtenPart } from "../../modules/ota-partition/index.js";
import { isBlank, readsBlank } from "../../modules/ota-partition/written-part.js";
import { imageOfSize } from "./support/images.js";
import { StrictFlash } from "./support/strict-flash.js";

const SLOT = 0x40000;
const SECTOR = 4096;
const image = imageOfSize(150000);

/** A run of the writer that power ends after so many bytes: how far flash was noted to be blank, and what is there. */
function interrupted(flash: StrictFlash, bytes: number, from = 0, erasedTo = 0): number {
  let noted = erasedTo;
  const writer = new SlotWriter({
    flash,
    size: image.length,
    limit: SLOT,
    offset: from,
    erasedTo,
    onErased: (to) => {
      noted = to;
    },
  });
  for (let at = from; at < from + bytes; at += 1000)
    writer.write(image.subarray(at, Math.min(at + 1000, from + bytes, image.length)));
  return noted;
}

describe("written part", () => {
  it("is everything but the last sector that holds anything", () => {
    const flash = new StrictFlash(SLOT);
    const noted = interrupted(flash, 50_000);
    assert.equal(noted, 65536);
    assert.equal(writtenPart(flash, 0, noted), 11 * SECTOR);
  });
  it("is what was known before when nothing was written since", () => {
    const flash = new StrictFlash(SLOT);
    flash.eraseBlock(0, 16);
    assert.equal(writtenPart(flash, 0, 65536), 0);
    assert.equal(writtenPart(flash, 8192, 65536), 8192);
  });
  it("is never looked for where nothing was erased for this image", () => {
    const flash = new StrictFlash(SLOT); // full of an old image
    assert.equal(writtenPart(flash, 0, 0), 0);
    assert.equal(writtenPart(flash, 65536, 65536), 65536);
    assert.equal(writtenPart(flash, 65536, 0), 65536);
  });
  it("does not take a sector that was half erased for a whole one", () => {
    const flash = new StrictFlash(SLOT);
    const noted = interrupted(flash, 5 * SECTOR);
    flash.bytes.fill(0xff, 4 * SECTOR, 4 * SECTOR + 2000); // what a cut in the erase of the doubtful sector leaves
    assert.equal(writtenPart(flash, 0, noted), 4 * SECTOR);
  });
  it("knows blank bytes by each of their bits, wherever they begin and end", () => {
    for (const length of [0, 1, 3, 4, 5, 4095, SECTOR])
      for (const start of [0, 1, 2, 4]) {
        const bytes = new Uint8Array(length + start).subarray(start).fill(0xff);
        assert.equal(isBlank(bytes), true);
        for (const at of [0, length >> 1, length - 1].filter((index) => index >= 0 && index < length)) {
          bytes[at] = 0xfe;
          assert.equal(isBlank(bytes), false, `${length} ${start} ${at}`);
          bytes[at] = 0xff;
        }
      }
  });
  it("tells whether erased flash reads as blank", () => {
    const flash = new StrictFlash(SLOT);
    assert.equal(readsBlank(flash, 0), false);
    flash.eraseBlock(0);
    assert.equal(readsBlank(flash, 0), true);
  });
});

describe("a slot writer over what an interrupted one left", () => {
  for (const window of [2 * SECTOR, 3 * SECTOR + 100, 20_000, 61_000])
    it(`completes the image in windows of ${window} bytes, and erases at most two sectors more for each`, () => {
      const flash = new StrictFlash(SLOT);
      let offset = 0;
      let noted = 0;
      let windows = 0;
      for (; offset + window < image.length; windows += 1) {
        noted = interrupted(flash, window, offset, noted);
        const reached = writtenPart(flash, offset, noted);
        assert.ok(reached > offset, `window ${windows} at ${offset} leads no further`);
        offset = reached;
      }
      const last = new SlotWriter({ flash, size: image.length, limit: SLOT, offset, erasedTo: noted });
      last.write(image.subarray(offset));
      last.finish();
      assert.deepEqual(flash.bytes.subarray(0, image.length), image);
      const erased = flash.log.reduce((sum, { kind, start, end }) => sum + (kind === "erase" ? end - start : 0), 0);
      assert.ok(erased <= 3 * 65536 + windows * 2 * SECTOR, `${erased} bytes erased in ${windows} windows`);
    });
  it("erases only the sectors in doubt, each just before it is written", () => {
    const flash = new StrictFlash(SLOT);
    const noted = interrupted(flash, 50_000);
    flash.log.length = 0;
    const offset = writtenPart(flash, 0, noted);
    interrupted(flash, 4 * SECTOR, offset, noted);
    assert.deepEqual(
      flash.log.map(({ kind, start }) => `${kind} ${start / SECTOR}`),
      ["erase 11", "write 11", "erase 12", "write 12", "write 13", "write 14"],
    );
  });
  it("notes what is blank before anything is written there, the last block with the one before it", () => {
    const flash = new StrictFlash(SLOT);
    const notes: string[] = [];
    const writer = new SlotWriter({
      flash,
      size: image.length,
      limit: SLOT,
      onErased: (to, written, readable) => {
        assert.ok(flash.bytes.subarray(written, to).every((byte) => byte === 0xff));
        notes.push(`${to} ${written} ${readable}`);
      },
    });
    writer.write(image);
    writer.finish();
    assert.deepEqual(notes, ["65536 0 true", "196608 65536 true"]);
  });
  it("says where erased flash does not read as blank", () => {
    const flash = new StrictFlash(SLOT);
    flash.read = (buffer) => buffer.fill(0x17); // flash encryption deciphers blank bytes to noise
    const readables: boolean[] = [];
    const writer = new SlotWriter({
      flash,
      size: image.length,
      limit: SLOT,
      onErased: (_to, _written, readable) => readables.push(readable),
    });
    writer.write(image);
    assert.deepEqual(readables, [false, false]);
  });
  it("tells how many bytes at its end cannot be told from blank flash", () => {
    const flash = new StrictFlash(SLOT);
    const writer = new SlotWriter({ flash, size: image.length, limit: SLOT });
    const bytes = image.slice();
    bytes.fill(0xff, SECTOR, 3 * SECTOR);
    writer.write(bytes.subarray(0, 3 * SECTOR));
    assert.equal(writer.blankTail, 2 * SECTOR);
    writer.write(bytes.subarray(3 * SECTOR, 4 * SECTOR));
    assert.equal(writer.blankTail, 0);
  });
});

import assert from "node:assert/strict";
import { OtaPartitionError, SlotWriter, type SlotWriterOptions } from "../../modules/ota-partition/index.js";
import { VirtualTimer } from "../support/virtual-timer.js";
import { failure, imageOfSize } from "./support/images.js";
import { StrictFlash } from "./support/strict-flash.js";

const SLOT = 0x40000;
const SECTOR = 4096;
const BUFFER = 4 * SECTOR;
const image = imageOfSize(200_000);

class Rig {
  readonly flash = new StrictFlash(SLOT);
  readonly timer = new VirtualTimer();
  /** Commands to the flash, as letters, a word for each turn that had some. */
  readonly turns: string[] = [];
  readonly failures: unknown[] = [];
  readonly notes: string[] = [];
  readonly writer: SlotWriter;
  #seen = 0;

  constructor(options: Partial<SlotWriterOptions> = {}) {
    this.writer = new SlotWriter({
      flash: this.flash,
      size: image.length,
      limit: SLOT,
      timer: this.timer,
      bufferLength: BUFFER,
      onStep: () => this.#note(),
      onFailure: (error) => this.failures.push(error),
      onErased: (erasedTo, written) => this.notes.push(`${written} of ${erasedTo}`),
      ...options,
    });
  }

  /** All of the image, as a network brings it: as soon as there is space. */
  feed(piece = BUFFER): void {
    while (this.writer.position < image.length) {
      const { space } = this.writer;
      if (space !== undefined) {
        const { position } = this.writer;
        const part = image.subarray(position, position + Math.min(piece, space.length));
        space.set(part);
        this.writer.write(space.subarray(0, part.length), false);
      }
      this.timer.settle();
    }
  }

  #note(): void {
    const done = this.flash.log.slice(this.#seen).map(({ kind }) => kind.charAt(0));
    this.#seen = this.flash.log.length;
    if (done.length > 0) this.turns.push(done.join(""));
  }
}

describe("a slot writer with turns", () => {
  it("touches nothing before the call returned, and gives each command to the flash a turn of its own", () => {
    const rig = new Rig();
    rig.writer.write(image.subarray(0, BUFFER));
    assert.deepEqual(rig.flash.log, []);
    assert.equal(rig.writer.isBusy, true);
    rig.timer.settle();
    assert.deepEqual(rig.turns, ["e", "e", "w", "w", "w", "w"]);
    assert.equal(rig.writer.isBusy, false);
    assert.equal(rig.writer.written, BUFFER);
  });

  for (const piece of [1, 1000, SECTOR, 5000, BUFFER]) {
    it(`brings an image to flash that comes in pieces of ${piece} bytes into its own space`, () => {
      const rig = new Rig();
      rig.feed(piece === 1 ? 333 : piece);
      assert.equal(rig.writer.written, image.length);
      rig.writer.finish();
      assert.deepEqual(rig.flash.bytes.subarray(0, image.length), image);
      assert.ok(rig.turns.every((commands) => commands.length === 1));
    });
  }

  it("has no space while all of it waits for the flash, and then as much as was written", () => {
    const rig = new Rig();
    const space = () => rig.writer.space?.length ?? 0;
    assert.equal(space(), BUFFER);
    rig.writer.write(image.subarray(0, BUFFER - 10));
    assert.equal(space(), 10);
    rig.writer.write(image.subarray(BUFFER - 10, BUFFER));
    assert.equal(space(), 0);
    rig.timer.settle();
    assert.equal(space(), BUFFER);
  });

  it("takes more than there is space for all the same, and writes that much at once", () => {
    const rig = new Rig();
    rig.writer.write(image.subarray(0, BUFFER + 100));
    assert.equal(rig.writer.position, BUFFER + 100);
    assert.ok(rig.writer.written >= SECTOR);
    rig.timer.settle();
    assert.deepEqual(rig.flash.bytes.subarray(0, rig.writer.written), image.subarray(0, rig.writer.written));
  });

  it("erases nothing before the header was judged, and one block ahead from then on", () => {
    const rig = new Rig();
    rig.writer.write(image.subarray(0, 287));
    rig.timer.settle();
    assert.deepEqual(rig.flash.log, []);
    rig.writer.write(image.subarray(287, 300));
    rig.timer.settle();
    assert.deepEqual(rig.flash.erases(), ["0-65536", "65536-131072"]);
    assert.equal(rig.writer.written, 0);
    rig.writer.close();
    const refused = new Rig({
      onImage: () => {
        throw new RangeError("not this one");
      },
    });
    assert.throws(() => refused.writer.write(image.subarray(0, BUFFER)), RangeError);
    refused.timer.settle();
    assert.deepEqual(refused.flash.log, []);
  });

  it("erases ahead only when everything that came was read", () => {
    const rig = new Rig();
    rig.writer.write(image.subarray(0, BUFFER), true);
    rig.timer.settle();
    assert.deepEqual(rig.turns, ["e", "w", "w", "w", "w"]);
    rig.writer.write(image.subarray(BUFFER, BUFFER + 10), false);
    rig.timer.settle();
    assert.deepEqual(rig.turns.slice(5), ["e"]);
  });

  it("lets one turn pass after bytes came: TLS reads on by a timer of its own", () => {
    const rig = new Rig();
    const order: string[] = [];
    rig.writer.write(image.subarray(0, BUFFER));
    rig.timer.set(() => order.push(`others, ${rig.flash.log.length} commands done`));
    rig.timer.settle();
    assert.deepEqual(order, ["others, 0 commands done"]);
  });

  it("tells of what is blank once for the last two blocks, before anything is written there", () => {
    const rig = new Rig();
    rig.feed();
    assert.deepEqual(
      rig.notes.map((note) => note.slice(note.indexOf("of"))),
      ["of 65536", "of 131072", "of 200704"],
    );
    for (const note of rig.notes) {
      const [written = 0, erasedTo = 0] = note.split(" of ").map(Number);
      assert.ok(written < erasedTo);
    }
  });

  it("never erases more than a block's time in one turn, wherever it resumes", () => {
    const rig = new Rig({ offset: SECTOR });
    rig.flash.bytes.set(image.subarray(0, SECTOR));
    rig.writer.write(image.subarray(SECTOR, 2 * SECTOR));
    rig.timer.settle();
    assert.deepEqual(rig.flash.erases().slice(0, 4), ["4096-20480", "20480-36864", "36864-53248", "53248-65536"]);
    assert.deepEqual(rig.notes[0], "4096 of 65536");
  });

  it("erases doubtful sectors again, those that it erased itself not", () => {
    const rig = new Rig({ offset: 3 * SECTOR, erasedTo: 4 * SECTOR });
    rig.flash.bytes.set(image.subarray(0, 3 * SECTOR));
    rig.writer.write(image.subarray(3 * SECTOR, 6 * SECTOR));
    rig.timer.settle();
    const { log } = rig.flash;
    assert.equal(log.filter(({ kind, start }) => kind === "erase" && start === 3 * SECTOR).length, 1);
    assert.equal(log.filter(({ kind, start }) => kind === "erase" && start === 4 * SECTOR).length, 1);
    assert.deepEqual(rig.flash.bytes.subarray(0, 6 * SECTOR), image.subarray(0, 6 * SECTOR));
  });

  for (const [command, code] of [
    [1, "flash-erase-failed"],
    [3, "flash-write-failed"],
  ] as const)
    it(`reports ${code} once and later, and takes nothing more`, () => {
      const rig = new Rig();
      rig.flash.failAt = command;
      rig.writer.write(image.subarray(0, BUFFER));
      rig.timer.settle();
      assert.equal(rig.failures.length, 1);
      assert.ok(rig.failures[0] instanceof OtaPartitionError && rig.failures[0].code === code);
      assert.throws(() => rig.writer.write(image.subarray(0, 1)), failure("closed"));
      assert.equal(rig.writer.space, undefined);
      assert.equal(rig.timer.pending, 0);
    });

  it("reports what onErased throws", () => {
    const rig = new Rig({
      onErased: () => {
        throw new RangeError("store");
      },
    });
    rig.writer.write(image.subarray(0, BUFFER));
    rig.timer.settle();
    assert.ok(rig.failures[0] instanceof RangeError);
  });

  it("does nothing after close, also when it is closed by what it tells", () => {
    const rig = new Rig();
    rig.writer.write(image.subarray(0, BUFFER));
    rig.writer.close();
    rig.timer.settle();
    assert.deepEqual(rig.flash.log, []);
    const told = new Rig({ onStep: () => told.writer.close() });
    told.writer.write(image.subarray(0, BUFFER));
    told.timer.settle();
    assert.ok(told.flash.log.length <= 1);
    assert.equal(told.timer.pending, 0);
  });

  it("brings the rest to flash at once when it is finished early", () => {
    const rig = new Rig();
    rig.feed();
    rig.writer.finish();
    assert.deepEqual(rig.flash.bytes.subarray(0, image.length), image);
    const short = new Rig();
    short.writer.write(image.subarray(0, BUFFER));
    assert.throws(() => short.writer.finish(), failure("image-truncated"));
  });

  for (const bufferLength of [0, 1000, -4096, 4096.5])
    it(`refuses a buffer of ${bufferLength} bytes`, () => {
      assert.throws(() => new Rig({ bufferLength }), failure("bad-option"));
    });
});

import assert from "node:assert/strict";
import {
  buildBundleImage,
  encodeOtaEntry,
  MemoryFuse,
  makeOtaEntry,
  OTA_STATE,
} from "../../modules/esp32-sim/index.js";
import { type Chip, chipWith, OTADATA_OFFSET } from "./support/chip.js";
import { NodeDigest } from "./support/node-digest.js";

const other = (chip: Chip, label: string) => chip.esp32.partitions.find((partition) => partition.label === label);

describe("anti-rollback", () => {
  const secure = (level: number) =>
    buildBundleImage({ bundle: new Uint8Array(4), version: `1.${level}.0`, secureVersion: level, Digest: NodeDigest });

  it("boots only images at or above the fuse", () => {
    const antiRollback = new MemoryFuse(2);
    const chip = chipWith({
      images: { ota_0: secure(1), ota_1: secure(2) },
      entries: ["3 VALID", "2 VALID"],
      antiRollback,
    });
    const result = chip.esp32.boot();
    assert.equal(result.outcome === "app" && result.label, "ota_1");
  });

  it("raises the fuse when the active entry is VALID or becomes so", () => {
    const antiRollback = new MemoryFuse(0);
    const chip = chipWith({
      images: { ota_0: secure(1), ota_1: secure(3) },
      entries: ["1 VALID", "2 NEW"],
      antiRollback,
    });
    chip.esp32.boot();
    assert.equal(antiRollback.level(), 0);
    assert.equal(chip.esp32.ota.markValid(), 0);
    assert.equal(antiRollback.level(), 3);
  });

  it("raises before it looks at the image: a confirmed slot that does not load locks the older one out", () => {
    const antiRollback = new MemoryFuse(1);
    const broken = secure(3);
    broken[broken.length - 1] = (broken[broken.length - 1] ?? 0) ^ 1;
    const chip = chipWith({
      images: { ota_0: secure(1), ota_1: broken },
      entries: ["1 VALID", "2 VALID"],
      antiRollback,
    });
    const result = chip.esp32.boot();
    assert.equal(antiRollback.level(), 3);
    assert.equal(result.outcome, "reset-loop");
    assert.deepEqual(result.steps.slice(0, 1), ["secure version raised to 3"]);
  });

  it("takes the level from the selected slot, not from the one that is started instead", () => {
    const antiRollback = new MemoryFuse(1);
    const broken = secure(2);
    broken[broken.length - 1] = (broken[broken.length - 1] ?? 0) ^ 1;
    const chip = chipWith({
      images: { ota_0: secure(4), ota_1: broken },
      entries: ["1 VALID", "2 VALID"],
      antiRollback,
    });
    const result = chip.esp32.boot();
    assert.equal(result.outcome === "app" && result.label, "ota_0");
    assert.equal(antiRollback.level(), 2);
  });

  it("leaves the fuse alone while the selected entry is on trial", () => {
    const antiRollback = new MemoryFuse(0);
    const chip = chipWith({
      images: { ota_0: secure(1), ota_1: secure(3) },
      entries: ["1 VALID", "2 PENDING"],
      antiRollback,
    });
    chip.esp32.boot();
    assert.equal(antiRollback.level(), 1, "the entry on trial is ABORTED, so that the other one is selected");
  });

  it("reads a slot's level from its descriptor, whatever chip the image is for", () => {
    const foreign = secure(5);
    foreign[12] = 9;
    const antiRollback = new MemoryFuse(1);
    const chip = chipWith({
      images: { ota_0: secure(5), ota_1: foreign },
      entries: ["1 VALID", "2 VALID"],
      antiRollback,
    });
    const result = chip.esp32.boot();
    assert.equal(antiRollback.level(), 5);
    assert.equal(result.outcome === "app" && result.label, "ota_0");
    assert.match(result.steps.join("; "), /ota_1 refused: .*chip/);
  });

  it("writes the first record and raises the fuse by the slot that was loaded", () => {
    const antiRollback = new MemoryFuse(0);
    const chip = chipWith({ images: { ota_0: secure(2) }, antiRollback });
    chip.esp32.boot();
    assert.deepEqual(chip.entries(), ["1 VALID", "blank"]);
    assert.equal(antiRollback.level(), 2);
  });

  it("marks a VALID entry without a look at the fuse", () => {
    const antiRollback = new MemoryFuse(0);
    const chip = chipWith({
      images: { ota_0: secure(0), ota_1: secure(3) },
      entries: ["1 VALID", "2 NEW"],
      antiRollback,
    });
    chip.esp32.boot();
    chip.memory.load(OTADATA_OFFSET + 0x1000, encodeOtaEntry(makeOtaEntry(2, OTA_STATE.VALID)));
    assert.equal(chip.esp32.ota.markValid(), 0);
    assert.equal(antiRollback.level(), 0);
  });

  it("gives what burning gives: beyond the field 0x102, below the fuse -1", () => {
    const marked = (level: number, fuse: MemoryFuse) => {
      const chip = chipWith({
        images: { ota_0: secure(1), ota_1: secure(level) },
        entries: ["1 VALID", "2 NEW"],
        antiRollback: fuse,
      });
      chip.esp32.boot();
      fuse.raise(3);
      return { result: chip.esp32.ota.markValid(), entries: chip.entries(), level: fuse.level() };
    };
    assert.deepEqual(marked(33, new MemoryFuse(0)), { result: 0x102, entries: ["1 VALID", "2 VALID"], level: 3 });
    assert.deepEqual(marked(2, new MemoryFuse(0)), { result: -1, entries: ["1 VALID", "2 VALID"], level: 3 });
    assert.deepEqual(marked(3, new MemoryFuse(0)), { result: 0, entries: ["1 VALID", "2 VALID"], level: 3 });
  });

  it("boots no image without a descriptor, and aborts an application that verifies one", () => {
    const nameless = secure(9);
    nameless[32] = 0;
    const chip = chipWith({
      images: { ota_0: secure(0), ota_1: nameless },
      entries: ["1 VALID", "blank"],
      antiRollback: new MemoryFuse(0),
    });
    chip.esp32.boot();
    assert.throws(() => chip.esp32.ota.setBootPartition(other(chip, "ota_1")), { code: "assertion" });
    const lone = chipWith({
      images: { ota_1: nameless },
      entries: ["2 VALID", "blank"],
      antiRollback: new MemoryFuse(0),
    });
    assert.equal(lone.esp32.boot().outcome, "reset-loop");
  });

  it("counts a slot below the fuse as no way back", () => {
    const chip = chipWith({
      images: { ota_0: secure(1), ota_1: secure(3) },
      entries: ["1 VALID", "2 NEW"],
      antiRollback: new MemoryFuse(1),
    });
    chip.esp32.boot();
    assert.equal(chip.esp32.ota.rollbackIsPossible(), true);
    assert.equal(chip.esp32.ota.markValid(), 0);
    assert.equal(chip.esp32.ota.rollbackIsPossible(), false);
    assert.equal(chip.esp32.ota.markInvalidRollback(), 0x1505);
    assert.equal(chip.esp32.secureVersion, 3);
    assert.equal(chipWith().esp32.secureVersion, 0, "without anti-rollback every level runs");
  });

  it("erases a slot that is too old and refuses to select it", () => {
    const chip = chipWith({
      images: { ota_0: secure(2), ota_1: secure(1) },
      entries: ["1 VALID", "blank"],
      antiRollback: new MemoryFuse(2),
    });
    chip.esp32.boot();
    const slot = other(chip, "ota_1");
    assert.equal(chip.esp32.ota.setBootPartition(slot), 0x1504);
    assert.equal(slot && chip.memory.read(slot.offset, 1)[0], 0xff);
  });

  it("boots nothing when every image is too old", () => {
    const images = { ota_0: secure(1), ota_1: secure(1) };
    const chip = chipWith({ images, entries: ["1 VALID", "2 VALID"], antiRollback: new MemoryFuse(5) });
    assert.equal(chip.esp32.boot().outcome, "reset-loop");
    assert.deepEqual(chip.entries(), ["1 VALID", "2 VALID"]);
  });
});

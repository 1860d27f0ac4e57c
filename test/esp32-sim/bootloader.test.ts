import assert from "node:assert/strict";
import {
  buildDescriptor,
  buildImage,
  Esp32,
  FlashFault,
  FlashMemory,
  MemoryStore,
} from "../../modules/esp32-sim/index.js";
import { chipWith, imageOf, TWO_SLOTS } from "./support/chip.js";
import { NodeDigest } from "./support/node-digest.js";

const GOOD = imageOf("1.0.0");
const BAD = new Uint8Array(64);
const WITH_TEST = `${TWO_SLOTS}test, app, test, , 0x10000\n`;

/** A segment that reaches over 0x80000000. */
const ASSERTS = buildImage({
  segments: [
    { address: 0x3f400020, data: buildDescriptor({ version: "1.0.1", project: "chip-test" }) },
    { address: 0x7fffff00, data: new Uint8Array(512) },
  ],
  Digest: NodeDigest,
});

/** The good image with one bit of its data flipped: refused unless the bootloader skips validation. */
const FLIPPED = GOOD.map((byte, index) => (index === 100 ? byte ^ 1 : byte));

function boots(chip: { esp32: Esp32 }): string {
  const result = chip.esp32.boot();
  return result.outcome === "app" ? result.label : result.reason;
}

describe("bootloader", () => {
  it("boots the test application only when nothing else loads, and writes no record for it", () => {
    const last = chipWith({ csv: WITH_TEST, images: { ota_0: BAD, ota_1: BAD, test: GOOD } });
    assert.equal(boots(last), "test");
    assert.deepEqual(last.entries(), ["blank", "blank"]);
    assert.equal(boots(chipWith({ csv: WITH_TEST, images: { ota_0: BAD, ota_1: GOOD, test: GOOD } })), "ota_1");
  });

  it("starts at factory without otadata", () => {
    const csv = "factory, app, factory, 0x10000, 0x10000\nota_0, app, ota_0, , 0x10000\n";
    assert.equal(boots(chipWith({ csv, images: { factory: GOOD, ota_0: GOOD } })), "factory");
    assert.equal(boots(chipWith({ csv, images: { ota_0: GOOD } })), "ota_0");
  });

  it("boots a factory application with otadata and no slots", () => {
    const csv = "otadata, data, ota, 0xd000, 0x2000\nfactory, app, factory, 0x10000, 0x10000\n";
    const chip = chipWith({ csv, images: { factory: GOOD }, entries: ["1 VALID", "blank"] });
    assert.equal(boots(chip), "factory");
    assert.equal(chip.writes(), 0);
  });

  it("works through three slots downward and then upward", () => {
    const csv = `${TWO_SLOTS}ota_2, app, ota_2, , 0x10000\n`;
    const entries: [string, string] = ["2 VALID", "blank"];
    assert.equal(boots(chipWith({ csv, entries, images: { ota_0: GOOD, ota_2: GOOD } })), "ota_0");
    assert.equal(boots(chipWith({ csv, entries, images: { ota_2: GOOD } })), "ota_2");
  });

  it("starts a damaged image when validation is skipped", () => {
    const images = { ota_0: GOOD, ota_1: FLIPPED };
    const entries: [string, string] = ["1 VALID", "2 VALID"];
    assert.equal(boots(chipWith({ images, entries })), "ota_0");
    assert.equal(boots(chipWith({ images, entries, skipValidate: true })), "ota_1");
  });

  it("starts 512 zero bytes and an image without its magic byte when validation is skipped", () => {
    for (const bytes of [new Uint8Array(512), GOOD.map((byte, index) => (index === 0 ? 0 : byte))]) {
      const images = { ota_0: GOOD, ota_1: bytes };
      const entries: [string, string] = ["1 VALID", "2 VALID"];
      assert.equal(boots(chipWith({ images, entries })), "ota_0");
      assert.equal(boots(chipWith({ images, entries, skipValidate: true })), "ota_1");
      const blank = { ota_0: GOOD, ota_1: new Uint8Array(0) };
      assert.equal(boots(chipWith({ images: blank, entries, skipValidate: true })), "ota_0");
    }
  });

  it("resets at an image that makes it assert, and takes the other one then", () => {
    const images = { ota_0: GOOD, ota_1: ASSERTS };
    const chip = chipWith({ images, entries: ["1 VALID", "2 NEW"] });
    assert.equal(boots(chip), "ota_0");
    assert.deepEqual(chip.entries(), ["1 VALID", "2 ABORTED"]);
    // Nothing is remembered of an image that was confirmed, or without rollback: it resets for ever.
    assert.equal(boots(chipWith({ images, entries: ["1 VALID", "2 VALID"] })), "assertion");
    assert.equal(boots(chipWith({ images, entries: ["1 VALID", "2 NEW"], rollback: false })), "assertion");
  });

  it("goes on with what it meant to write when the write fails", () => {
    const memory = chipWith({ images: { ota_0: GOOD, ota_1: GOOD }, entries: ["1 VALID", "2 PENDING"] }).memory;
    const fail = (): never => {
      throw new FlashFault();
    };
    const flash = { size: memory.size, read: memory.read.bind(memory), write: fail, erase: fail };
    const result = new Esp32({ flash, Digest: NodeDigest }).boot();
    assert.equal(result.outcome === "app" && result.label, "ota_0");
    assert.match(result.steps.join("\n"), /entry 1 set to 2 ABORTED, failed: ESP_ERR_FLASH_OP_FAIL/);
  });

  it("tells what it did", () => {
    const chip = chipWith({ images: { ota_0: GOOD, ota_1: BAD }, entries: ["1 VALID", "2 NEW"] });
    assert.deepEqual(chip.esp32.boot().steps, [
      "otadata entry 1 set to 2 PENDING_VERIFY",
      "ota_1 refused: magic byte is not 0xE9",
      "ota_0 booted",
    ]);
  });

  it("ends in a reset loop on an empty chip, and leaves no application behind", () => {
    const esp32 = new Esp32({ flash: new FlashMemory(new MemoryStore(0x10000)), Digest: NodeDigest });
    const result = esp32.boot();
    assert.equal(result.outcome === "reset-loop" && result.reason, "partition-table");
    assert.equal(esp32.running, undefined);
  });

  it("forgets the application that ran before when the next boot finds none", () => {
    const chip = chipWith({ images: { ota_0: GOOD } });
    assert.equal(boots(chip), "ota_0");
    chip.memory.write(0x8000, Uint8Array.of(0));
    assert.equal(boots(chip), "partition-table");
    assert.throws(() => chip.esp32.ota);
  });

  it("hides all partitions from an application built for an MD5 record the table lacks", () => {
    const chip = chipWith({ images: { ota_0: GOOD }, md5: false });
    assert.equal(boots(chip), "ota_0");
    assert.deepEqual(chip.esp32.partitions, []);
    assert.equal(chip.esp32.findPartition("nextota"), undefined);
    const without = chipWith({ images: { ota_0: GOOD }, md5: false, partitionTableMd5: false });
    assert.equal(boots(without), "ota_0");
    assert.equal(without.esp32.findPartition("nextota")?.label, "ota_1");
  });

  it("runs what flash holds now, not what was booted once", () => {
    const chip = chipWith({ images: { ota_0: GOOD } });
    assert.equal(boots(chip), "ota_0");
    assert.deepEqual(chip.esp32.readRunningBundle()?.bundle, Uint8Array.of(1, 2, 3));
    const at = Buffer.from(chip.store.bytes).indexOf("FWB1");
    chip.memory.write(at + 8, Uint8Array.of(0));
    assert.deepEqual(chip.esp32.readRunningBundle()?.bundle, Uint8Array.of(0, 2, 3));
  });
});

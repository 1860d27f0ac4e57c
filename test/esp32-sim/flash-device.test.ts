import assert from "node:assert/strict";
import {
  BLOCK_SIZE,
  Esp32,
  Esp32SimError,
  FlashFault,
  FlashMemory,
  MemoryStore,
  SECTOR_SIZE,
  tearErase,
  tearWrite,
} from "../../modules/esp32-sim/index.js";
import { chipWith, imageOf } from "./support/chip.js";
import { NodeDigest } from "./support/node-digest.js";

const refuses = (code: string) => (error: unknown) => error instanceof Esp32SimError && error.code === code;

describe("flash memory", () => {
  it("turns bits from 1 to 0 only", () => {
    const flash = new FlashMemory(new MemoryStore(SECTOR_SIZE));
    flash.write(10, Uint8Array.of(0xf0));
    flash.write(10, Uint8Array.of(0x3f));
    assert.equal(flash.read(10, 1)[0], 0x30);
  });

  it("erases whole sectors to ones and nothing beside them", () => {
    const flash = new FlashMemory(new MemoryStore(3 * SECTOR_SIZE));
    for (const at of [0, SECTOR_SIZE, 2 * SECTOR_SIZE]) flash.write(at, Uint8Array.of(0));
    flash.erase(SECTOR_SIZE, SECTOR_SIZE);
    assert.deepEqual(
      [0, 1, 2].map((index) => flash.read(index * SECTOR_SIZE, 1)[0]),
      [0, 0xff, 0],
    );
  });

  it("refuses an erase that is not whole sectors", () => {
    const flash = new FlashMemory(new MemoryStore(2 * SECTOR_SIZE));
    assert.throws(() => flash.erase(1, SECTOR_SIZE), refuses("flash-range"));
    assert.throws(() => flash.erase(0, 100), refuses("flash-range"));
  });

  it("refuses reads, writes and erases outside the chip", () => {
    const flash = new FlashMemory(new MemoryStore(SECTOR_SIZE));
    assert.throws(() => flash.read(SECTOR_SIZE - 1, 2), refuses("flash-range"));
    assert.throws(() => flash.read(-1, 1), refuses("flash-range"));
    assert.throws(() => flash.read(Number.NaN, 1), refuses("flash-range"));
    assert.throws(() => flash.write(SECTOR_SIZE, Uint8Array.of(0)), refuses("flash-range"));
    assert.throws(() => flash.erase(0, 2 * SECTOR_SIZE), refuses("flash-range"));
  });

  it("keeps the bytes before a torn write's cut and at most some bits of the next", () => {
    const flash = new FlashMemory(new MemoryStore(SECTOR_SIZE));
    tearWrite(flash, 0, Uint8Array.of(1, 2, 3, 4), 2, () => 0.5);
    assert.deepEqual([...flash.read(0, 4)], [1, 2, 3 | 0x80, 0xff]);
  });

  it("leaves a torn erase with raised bits only in the sector of the cut", () => {
    const store = new MemoryStore(new Uint8Array(3 * SECTOR_SIZE));
    const flash = new FlashMemory(store);
    tearErase(flash, 0, 3 * SECTOR_SIZE, SECTOR_SIZE + 2, () => 0.25);
    assert.equal(store.bytes[SECTOR_SIZE - 1], 0xff, "earlier sectors are blank");
    assert.equal(store.bytes[SECTOR_SIZE + 1], 0xff, "bytes before the cut are blank");
    assert.equal(store.bytes[SECTOR_SIZE + 2], 0x40, "later bytes have some bits raised");
    assert.equal(store.bytes[2 * SECTOR_SIZE], 0, "later sectors are untouched");
  });
});

describe("partition calls of the running application", () => {
  const booted = () => {
    const chip = chipWith({ images: { ota_0: imageOf("1.0.0") } });
    chip.esp32.boot();
    const slot = chip.esp32.findPartition("nextota");
    assert.ok(slot);
    return { chip, slot, esp32: chip.esp32 };
  };

  it("erases by 64 KiB block commands where aligned", () => {
    const { chip, slot, esp32 } = booted();
    const before = chip.writes();
    assert.equal(esp32.erasePartition(slot, 0, BLOCK_SIZE), 0);
    assert.equal(chip.writes() - before, 1);
    assert.equal(esp32.erasePartition(slot, SECTOR_SIZE, 3 * SECTOR_SIZE), 0);
    assert.equal(chip.writes() - before, 4);
  });

  it("answers with ESP-IDF's numbers outside the partition or its alignment", () => {
    const { slot, esp32 } = booted();
    assert.equal(esp32.erasePartition(slot, 1, SECTOR_SIZE), 0x102);
    assert.equal(esp32.erasePartition(slot, 0, 1), 0x104);
    assert.equal(esp32.erasePartition(slot, 0, slot.size + SECTOR_SIZE), 0x104);
    assert.equal(esp32.erasePartition(slot, 1, slot.size), 0x104, "the end is looked at before the alignment");
    assert.equal(esp32.erasePartition(slot, 1, 1), 0x104, "and the length's before the offset's");
    assert.equal(esp32.erasePartition(slot, slot.size + 1, 0), 0x102);
    assert.equal(esp32.erasePartition(slot, slot.size, 0), 0);
    assert.equal(esp32.writePartition(slot, slot.size + 1, Uint8Array.of(0)), 0x102);
    assert.equal(esp32.writePartition(slot, slot.size, Uint8Array.of(0)), 0x104);
    assert.equal(esp32.readPartition(slot, slot.size - 1, 2).error, 0x104);
    assert.equal(esp32.erasePartition({ ...slot, readOnly: true }, 0, SECTOR_SIZE), 0x10d);
    assert.equal(esp32.writePartition({ ...slot, readOnly: true }, 0, Uint8Array.of(0)), 0x10d);
  });

  it("reports a driver's error as a number and lets anything else through", () => {
    const { slot, chip } = booted();
    const chipThatFailsWith = (error: Error): Esp32 => {
      const fail = (): void => {
        throw error;
      };
      const flash = { size: chip.memory.size, read: chip.memory.read.bind(chip.memory), write: fail, erase: fail };
      const esp32 = new Esp32({ flash, Digest: NodeDigest });
      assert.equal(esp32.boot().outcome, "app");
      return esp32;
    };
    assert.equal(chipThatFailsWith(new FlashFault()).erasePartition(slot, 0, SECTOR_SIZE), 0x6001);
    assert.equal(chipThatFailsWith(new FlashFault("flash-timeout")).erasePartition(slot, 0, SECTOR_SIZE), 0x6002);
    const cut = chipThatFailsWith(new Error("power cut"));
    assert.throws(() => cut.writePartition(slot, 0, Uint8Array.of(0)), /power cut/);
  });

  it("finds partitions by the SDK's paths and by the labels of data partitions only", () => {
    const { esp32 } = booted();
    assert.equal(esp32.findPartition("running")?.label, "ota_0");
    assert.equal(esp32.findPartition("nextota")?.label, "ota_1");
    assert.equal(esp32.findPartition("nvs")?.label, "nvs");
    assert.equal(esp32.findPartition("ota_1"), undefined);
    assert.equal(esp32.findPartition("xs"), undefined);
  });

  it("refuses every call before a boot", () => {
    const { esp32 } = chipWith();
    assert.throws(() => esp32.ota, refuses("not-booted"));
    assert.throws(() => esp32.findPartition("running"), refuses("not-booted"));
    assert.throws(() => esp32.otadata(), refuses("not-booted"));
    assert.equal(esp32.running, undefined);
    assert.deepEqual(esp32.partitions, []);
  });
});

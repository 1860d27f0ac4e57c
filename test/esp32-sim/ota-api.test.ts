import assert from "node:assert/strict";
import {
  buildBundleImage,
  FlashFault,
  OTA_SIZE_UNKNOWN,
  OTA_WITH_SEQUENTIAL_WRITES,
} from "../../modules/esp32-sim/index.js";
import {
  type Chip,
  type ChipOptions,
  chipWith,
  FACTORY_AND_TWO_SLOTS,
  imageOf,
  OTADATA_OFFSET,
} from "./support/chip.js";
import { NodeDigest } from "./support/node-digest.js";

const BOTH = { ota_0: imageOf("1.0.0"), ota_1: imageOf("1.0.1") };

/**
 * A chip that booted `runs` out of the given entries, which are put in place after the boot so that any state can be
 * tried.
 */
function running(runs: "ota_0" | "ota_1" | "factory", entries: [string, string], options: ChipOptions = {}): Chip {
  const start: [string, string] =
    runs === "ota_1" ? ["blank", "2 VALID"] : runs === "ota_0" ? ["1 VALID", "blank"] : ["blank", "blank"];
  const chip = chipWith({ images: BOTH, entries: start, ...options });
  const result = chip.esp32.boot();
  assert.equal(result.outcome === "app" && result.label, runs);
  chip.memory.erase(OTADATA_OFFSET, 0x2000);
  const wanted = chipWith({ entries });
  chip.memory.load(OTADATA_OFFSET, wanted.memory.read(OTADATA_OFFSET, 0x2000));
  return chip;
}

const other = (chip: Chip, label: string) => chip.esp32.partitions.find((partition) => partition.label === label);

describe("esp_ota_set_boot_partition", () => {
  const CASES: readonly [
    title: string,
    slot: string,
    before: [string, string],
    after: [string, string],
    off: [string, string],
  ][] = [
    [
      "writes the other entry with the next sequence",
      "ota_1",
      ["1 VALID", "blank"],
      ["1 VALID", "2 NEW"],
      ["1 VALID", "2 UNDEFINED"],
    ],
    [
      "rewrites the active entry when it selects the slot already",
      "ota_1",
      ["1 VALID", "2 VALID"],
      ["1 VALID", "2 NEW"],
      ["1 VALID", "2 UNDEFINED"],
    ],
    ["replaces an older entry", "ota_0", ["1 VALID", "2 VALID"], ["3 NEW", "2 VALID"], ["3 UNDEFINED", "2 VALID"]],
    [
      "reuses the sequence of a failed update",
      "ota_0",
      ["3 ABORTED", "2 VALID"],
      ["3 NEW", "2 VALID"],
      ["3 UNDEFINED", "2 VALID"],
    ],
    [
      "starts at slot + 1 in sector 0 when nothing is active",
      "ota_1",
      ["blank", "2 ABORTED"],
      ["2 NEW", "2 ABORTED"],
      ["2 UNDEFINED", "2 ABORTED"],
    ],
    [
      "repairs a first record with a wrong CRC",
      "ota_0",
      ["1 VALID bad", "blank"],
      ["1 NEW", "blank"],
      ["1 UNDEFINED", "blank"],
    ],
  ];
  for (const [title, slot, before, after, off] of CASES) {
    it(`${title}: ${before.join(" / ")}`, () => {
      const chip = running("ota_0", before);
      assert.equal(chip.esp32.ota.setBootPartition(other(chip, slot)), 0);
      assert.deepEqual(chip.entries(), after);
      const without = running("ota_0", before, { rollback: false });
      assert.equal(without.esp32.ota.setBootPartition(other(without, slot)), 0);
      assert.deepEqual(without.entries(), off);
    });
  }

  it("is one erase and one write", () => {
    const chip = running("ota_0", ["1 VALID", "blank"]);
    const before = chip.writes();
    chip.esp32.ota.setBootPartition(other(chip, "ota_1"));
    assert.equal(chip.writes() - before, 2);
  });

  it("keeps the label bytes of the record it rewrites", () => {
    const chip = running("ota_0", ["1 VALID", "2 ABORTED"]);
    chip.memory.load(OTADATA_OFFSET + 0x1000 + 4, Uint8Array.of(1, 2, 3));
    chip.esp32.ota.setBootPartition(other(chip, "ota_1"));
    assert.deepEqual([...chip.memory.read(OTADATA_OFFSET + 0x1000 + 4, 4)], [1, 2, 3, 0xff]);
  });

  it("erases otadata for the factory application", () => {
    const chip = chipWith({
      csv: FACTORY_AND_TWO_SLOTS,
      images: { ...BOTH, factory: imageOf("0.9.0") },
      entries: ["1 VALID", "2 VALID"],
    });
    chip.esp32.boot();
    assert.equal(chip.esp32.ota.setBootPartition(other(chip, "factory")), 0);
    assert.deepEqual(chip.entries(), ["blank", "blank"]);
  });

  it("refuses nothing, a bad image and a data partition", () => {
    const chip = running("ota_0", ["1 VALID", "blank"], { images: { ota_0: BOTH.ota_0, ota_1: new Uint8Array(500) } });
    assert.equal(chip.esp32.ota.setBootPartition(undefined), 0x102);
    assert.equal(chip.esp32.ota.setBootPartition(other(chip, "ota_1")), 0x1503);
    assert.equal(chip.esp32.ota.setBootPartition(other(chip, "nvs")), 0x1503);
    assert.deepEqual(chip.entries(), ["1 VALID", "blank"]);
  });

  it("refuses without otadata", () => {
    const csv = "ota_0, app, ota_0, 0x20000, 0x10000\nota_1, app, ota_1, , 0x10000\nfactory, app, factory, , 0x10000\n";
    const chip = chipWith({ csv, images: { ...BOTH, factory: imageOf("0.9.0") } });
    assert.equal(chip.esp32.boot().outcome, "app");
    assert.equal(chip.esp32.ota.setBootPartition(other(chip, "ota_1")), 0x105);
    assert.equal(chip.esp32.ota.markValid(), 0x105);
    assert.equal(chip.esp32.ota.bootPartition(), undefined);
  });

  it("reports a flash error", () => {
    const chip = running("ota_0", ["1 VALID", "blank"]);
    chip.memory.erase = () => {
      throw new FlashFault();
    };
    assert.equal(chip.esp32.ota.setBootPartition(other(chip, "ota_1")), 0x6001);
  });
});

describe("esp_ota_mark_app_valid_cancel_rollback", () => {
  it("makes the active entry VALID whoever runs", () => {
    const chip = running("ota_0", ["1 VALID", "2 PENDING"]);
    assert.equal(chip.esp32.ota.markValid(), 0);
    assert.deepEqual(chip.entries(), ["1 VALID", "2 VALID"]);
  });

  it("writes nothing when it is VALID already", () => {
    const chip = running("ota_1", ["1 VALID", "2 VALID"]);
    const before = chip.writes();
    assert.equal(chip.esp32.ota.markValid(), 0);
    assert.equal(chip.writes(), before);
  });

  it("fails without an active entry", () => {
    assert.equal(running("ota_0", ["blank", "2 ABORTED"]).esp32.ota.markValid(), -1);
    assert.equal(running("ota_0", ["1 VALID bad", "blank"]).esp32.ota.markValid(), -1);
  });
});

describe("esp_ota_mark_app_invalid_rollback", () => {
  it("rejects the active entry when the other one can take over", () => {
    const chip = running("ota_1", ["1 VALID", "2 PENDING"]);
    assert.equal(chip.esp32.ota.rollbackIsPossible(), true);
    assert.equal(chip.esp32.ota.markInvalidRollback(), 0);
    assert.deepEqual(chip.entries(), ["1 VALID", "2 INVALID"]);
  });

  for (const [title, entries, ota_0] of [
    ["the other entry was erased", ["blank", "2 PENDING"], BOTH.ota_0],
    ["the other entry was rejected", ["1 ABORTED", "2 PENDING"], BOTH.ota_0],
    ["the other image is broken", ["1 VALID", "2 PENDING"], new Uint8Array(100)],
  ] as const) {
    it(`changes nothing when ${title}`, () => {
      const chip = running("ota_1", [...entries], { images: { ota_1: BOTH.ota_1, ota_0 } });
      assert.equal(chip.esp32.ota.markInvalidRollback(), 0x1505);
      assert.deepEqual(chip.entries(), entries);
    });
  }

  it("falls back to a factory application", () => {
    const chip = chipWith({
      csv: FACTORY_AND_TWO_SLOTS,
      images: { ...BOTH, factory: imageOf("0.9.0") },
      entries: ["1 NEW", "blank"],
    });
    chip.esp32.boot();
    assert.equal(chip.esp32.ota.markInvalidRollback(), 0);
    assert.deepEqual(chip.entries(), ["1 INVALID", "blank"]);
  });

  it("fails without an active entry", () => {
    assert.equal(running("ota_0", ["blank", "blank"]).esp32.ota.markInvalidRollback(), -1);
  });
});

describe("esp_ota_begin", () => {
  const ERASES: readonly [title: string, runs: "ota_0" | "ota_1", before: [string, string], after: [string, string]][] =
    [
      ["erases the inactive entry of the other slot", "ota_1", ["1 VALID", "2 VALID"], ["blank", "2 VALID"]],
      ["erases a rejected entry with a higher sequence", "ota_1", ["3 ABORTED", "2 VALID"], ["blank", "2 VALID"]],
      ["leaves a blank entry", "ota_0", ["1 VALID", "blank"], ["1 VALID", "blank"]],
      ["leaves an entry with a wrong CRC", "ota_0", ["1 VALID", "2 VALID bad"], ["1 VALID", "2 VALID bad"]],
      ["leaves the entry of the running slot", "ota_0", ["1 VALID", "2 NEW"], ["1 VALID", "2 NEW"]],
      ["leaves both when none is active", "ota_0", ["1 ABORTED", "2 ABORTED"], ["1 ABORTED", "2 ABORTED"]],
    ];
  for (const [title, runs, before, after] of ERASES) {
    it(`${title}: ${before.join(" / ")}`, () => {
      const chip = running(runs, before);
      const slot = chip.esp32.ota.nextUpdatePartition();
      assert.equal(chip.esp32.ota.begin(slot, OTA_WITH_SEQUENTIAL_WRITES).error, 0);
      assert.deepEqual(chip.entries(), after);
    });
  }

  it("erases no entry with rollback off", () => {
    const chip = running("ota_1", ["1 VALID", "2 VALID"], { rollback: false });
    assert.equal(chip.esp32.ota.begin(other(chip, "ota_0"), OTA_WITH_SEQUENTIAL_WRITES).error, 0);
    assert.deepEqual(chip.entries(), ["1 VALID", "2 VALID"]);
  });

  it("refuses in ESP-IDF's order", () => {
    const chip = running("ota_0", ["1 VALID", "blank"], { csv: FACTORY_AND_TWO_SLOTS });
    const { ota } = chip.esp32;
    const slot = other(chip, "ota_1");
    assert.ok(slot);
    assert.equal(ota.begin(undefined, 0).error, 0x102);
    assert.equal(ota.begin({ ...slot }, 0).error, 0x105);
    assert.equal(ota.begin(other(chip, "factory"), 0).error, 0x102);
    assert.equal(ota.begin(chip.esp32.running, 0).error, 0x1501);
    const first = ota.begin(slot, OTA_WITH_SEQUENTIAL_WRITES);
    assert.deepEqual(first, { error: 0, handle: 1 });
    assert.deepEqual(ota.begin(slot, 0), { error: 0, handle: 2 }, "v6.0 does not mind a second handle");
    assert.equal(ota.abort(first.handle), 0);
    assert.equal(ota.abort(first.handle), 0x105);
    assert.equal(ota.begin(slot, 0).error, 0);
  });

  it("refuses while the running application is unconfirmed, with rollback only", () => {
    const chip = running("ota_1", ["1 VALID", "2 PENDING"]);
    assert.equal(chip.esp32.ota.begin(other(chip, "ota_0"), 0).error, 0x1506);
    const without = running("ota_1", ["1 VALID", "2 PENDING"], { rollback: false });
    assert.equal(without.esp32.ota.begin(other(without, "ota_0"), 0).error, 0);
  });

  it("keeps the handle when the size exceeds the slot", () => {
    const chip = running("ota_0", ["1 VALID", "blank"]);
    const slot = other(chip, "ota_1");
    const { error, handle } = chip.esp32.ota.begin(slot, 0x10001);
    assert.equal(error, 0x104);
    assert.equal(chip.esp32.ota.abort(handle), 0);
  });

  it("erases the whole slot for an unknown size and the sectors of a known one", () => {
    const chip = running("ota_0", ["1 VALID", "blank"]);
    const slot = other(chip, "ota_1");
    assert.ok(slot);
    chip.memory.write(slot.offset + 0x2000, Uint8Array.of(0));
    const { handle } = chip.esp32.ota.begin(slot, 0x1001);
    assert.equal(chip.memory.read(slot.offset, 1)[0], 0xff);
    assert.equal(chip.memory.read(slot.offset + 0x2000, 1)[0], 0);
    chip.esp32.ota.abort(handle);
    chip.esp32.ota.begin(slot, OTA_SIZE_UNKNOWN);
    assert.equal(chip.memory.read(slot.offset + 0x2000, 1)[0], 0xff);
  });
});

describe("esp_ota_write, end and resume", () => {
  const image = buildBundleImage({ bundle: new Uint8Array(20000).fill(3), version: "1.0.2", Digest: NodeDigest });
  const begun = (size = OTA_WITH_SEQUENTIAL_WRITES) => {
    const chip = running("ota_0", ["1 VALID", "blank"]);
    const slot = other(chip, "ota_1");
    assert.ok(slot);
    return { chip, slot, ota: chip.esp32.ota, handle: chip.esp32.ota.begin(slot, size).handle };
  };

  it("writes an image sequentially in pieces of any length and verifies it", () => {
    const { chip, slot, ota, handle } = begun();
    for (let at = 0; at < image.length; at += 777) assert.equal(ota.write(handle, image.subarray(at, at + 777)), 0);
    assert.equal(ota.end(handle), 0);
    assert.equal(ota.end(handle), 0x105);
    assert.equal(chip.esp32.describe(slot)?.version, "1.0.2");
  });

  it("erases on the way and leaves the rest of the slot as it was", () => {
    const { chip, slot, ota, handle } = begun();
    chip.memory.write(slot.offset + 0x3000, Uint8Array.of(0));
    ota.write(handle, image.subarray(0, 0x1001));
    assert.equal(chip.memory.read(slot.offset + 0x3000, 1)[0], 0);
  });

  it("refuses what is no image, an unknown handle, and more than the slot", () => {
    const { ota, handle, slot } = begun();
    assert.equal(ota.write(handle, Uint8Array.of(0x7f)), 0x1503);
    assert.equal(ota.write(99, image), 0x102);
    for (const any of [handle, 99, 0]) assert.equal(ota.write(any, new Uint8Array(0)), 0, "nothing is always written");
    assert.equal(ota.writeWithOffset(99, new Uint8Array(0), 0), 0x102);
    const long = new Uint8Array(slot.size + 1).fill(0xe9);
    assert.equal(ota.write(handle, long), 0x104);
    assert.equal(ota.end(handle), 0x102, "nothing was written");
  });

  it("fails the end of a damaged image and forgets the handle", () => {
    const { ota, handle } = begun();
    ota.write(handle, image.subarray(0, image.length - 1));
    assert.equal(ota.end(handle), 0x1503);
    assert.equal(ota.end(handle), 0x105);
  });

  it("resumes at an offset without erasing anything itself", () => {
    const { chip, slot, ota, handle } = begun();
    ota.write(handle, image.subarray(0, 0x2000));
    ota.abort(handle);
    const before = chip.writes();
    const resumed = ota.resume(slot, OTA_WITH_SEQUENTIAL_WRITES, 0x2000);
    assert.equal(resumed.error, 0);
    assert.equal(chip.writes(), before);
    assert.equal(ota.write(resumed.handle, image.subarray(0x2000)), 0);
    assert.equal(ota.end(resumed.handle), 0);
  });

  it("refuses to resume beyond the slot, without one, or on the running one", () => {
    const { ota, handle, slot, chip } = begun();
    ota.abort(handle);
    assert.equal(ota.resume(undefined, 0, 0).error, 0x102);
    assert.equal(ota.resume(slot, 0, slot.size + 1).error, 0x102);
    assert.equal(ota.resume(chip.esp32.running, 0, 0).error, 0x1501);
    assert.equal(ota.resume({ ...slot }, 0, 0).error, 0x105);
    assert.equal(ota.resume({ ...slot }, 0, slot.size + 1).error, 0x102, "the offset is looked at first");
  });

  it("resumes while the running application is unconfirmed, and beside another handle", () => {
    const chip = running("ota_1", ["1 VALID", "2 PENDING"]);
    const slot = other(chip, "ota_0");
    assert.equal(chip.esp32.ota.resume(slot, 0, 0).error, 0);
    assert.equal(chip.esp32.ota.resume(slot, 0, 0).error, 0);
  });

  it("writes at offsets after a bulk erase, and ANDs when the place is not blank", () => {
    const { chip, slot, ota, handle } = begun(0);
    assert.equal(ota.writeWithOffset(handle, image.subarray(0x1000), 0x1000), 0);
    assert.equal(ota.writeWithOffset(handle, image.subarray(0, 0x1000), 0), 0);
    assert.equal(ota.writeWithOffset(handle, Uint8Array.of(0), slot.size), 0x104);
    assert.equal(ota.end(handle), 0);
    assert.equal(chip.esp32.imageReport(slot).error, 0);
    const sequential = begun();
    assert.throws(() => sequential.ota.writeWithOffset(sequential.handle, image, 0), RangeError);
  });

  it("loses its handles in a restart", () => {
    const { chip, handle } = begun();
    chip.esp32.boot();
    assert.equal(chip.esp32.ota.write(handle, image), 0x102);
  });
});

describe("esp_ota queries", () => {
  it("take the state from the first entry that selects the slot", () => {
    const chip = running("ota_0", ["1 VALID", "3 NEW"]);
    const { ota } = chip.esp32;
    assert.deepEqual(ota.statePartition(other(chip, "ota_0")), { error: 0, state: 2 });
    assert.equal(ota.statePartition(other(chip, "ota_1")).error, 0x105);
    assert.equal(ota.statePartition(other(chip, "nvs")).error, 0x106);
    assert.equal(ota.statePartition(undefined).error, 0x102);
  });

  it("name the slot otadata selects, also when another one runs", () => {
    assert.equal(running("ota_0", ["1 VALID", "2 PENDING"]).esp32.ota.bootPartition()?.label, "ota_1");
    assert.equal(running("ota_1", ["blank", "blank"]).esp32.ota.bootPartition()?.label, "ota_0");
    assert.equal(running("ota_1", ["1 VALID bad", "blank"]).esp32.ota.bootPartition()?.label, "ota_0");
  });

  it("name the next update slot in a ring", () => {
    const chip = running("ota_1", ["1 VALID", "2 VALID"]);
    assert.equal(chip.esp32.ota.nextUpdatePartition()?.label, "ota_0");
    assert.equal(chip.esp32.ota.nextUpdatePartition(other(chip, "ota_0"))?.label, "ota_1");
    assert.equal(chip.esp32.ota.nextUpdatePartition(other(chip, "nvs"))?.label, "ota_0");
  });

  it("give the rejected image with the smaller sequence while it is whole", () => {
    assert.equal(running("ota_0", ["3 ABORTED", "2 INVALID"]).esp32.ota.lastInvalidPartition()?.label, "ota_1");
    assert.equal(running("ota_0", ["1 VALID", "blank"]).esp32.ota.lastInvalidPartition(), undefined);
    const broken = running("ota_0", ["1 VALID", "2 INVALID"], {
      images: { ota_0: BOTH.ota_0, ota_1: new Uint8Array(9) },
    });
    assert.equal(broken.esp32.ota.lastInvalidPartition(), undefined);
  });

  it("describe app partitions only", () => {
    const chip = running("ota_0", ["1 VALID", "blank"]);
    assert.equal(chip.esp32.ota.partitionDescription(other(chip, "ota_1")).descriptor?.version, "1.0.1");
    assert.equal(chip.esp32.ota.partitionDescription(other(chip, "nvs")).error, 0x106);
    assert.equal(chip.esp32.ota.partitionDescription(undefined).error, 0x102);
  });

  it("erase the last booted slot and its entry", () => {
    const chip = running("ota_1", ["1 VALID", "2 VALID"]);
    assert.equal(chip.esp32.ota.eraseLastBootAppPartition(), 0);
    assert.deepEqual(chip.entries(), ["blank", "2 VALID"]);
    assert.equal(chip.esp32.ota.partitionDescription(other(chip, "ota_0")).error, 0x105);
    assert.equal(chip.esp32.ota.invalidateInactiveOtaDataSlot(), -1);
  });
});

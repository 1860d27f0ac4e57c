import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  buildPartitionTable,
  Esp32SimError,
  type Partition,
  partitionsFromCsv,
  readPartitionTable,
  verifyPartitionTable,
} from "../../modules/esp32-sim/index.js";
import { chipWith, imageOf, TWO_SLOTS } from "./support/chip.js";
import { NodeDigest } from "./support/node-digest.js";

const FLASH_SIZE = 0x400000;
/** [esp32-ota 2.5] */
const MODDABLE_OTA = `
# Name, Type, SubType, Offset, Size, Flags
nvs,      data, nvs,   0x9000,  0x4000
otadata,  data, ota,   0xd000,  0x2000
phy_init, data, phy,   0xf000,  0x1000
ota_0,    app,  ota_0, 0x10000, 0x1E8000
ota_1,    app,  ota_1, ,        0x1E8000
xs,       0x40, 1,     ,        0x8000
settings, data, 1,     ,        0x8000
`;
const OUR_TABLE = readFileSync(new URL("../../modules/ota-partition/esp32/partitions.csv", import.meta.url), "utf8");

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const table = (csv: string, md5 = true): Uint8Array =>
  buildPartitionTable(partitionsFromCsv(csv), md5 ? { md5: NodeDigest } : {});
const loader = (bytes: Uint8Array, flashSize = FLASH_SIZE) =>
  verifyPartitionTable(bytes, { flashSize, Digest: NodeDigest });
const application = (bytes: Uint8Array, md5Required: boolean) =>
  readPartitionTable(bytes, { md5Required, Digest: NodeDigest });

describe("partition table builder", () => {
  it("makes the check table to the byte", () => {
    const bytes = table(MODDABLE_OTA);
    assert.equal(bytes.length, 3072);
    assert.equal(Buffer.from(bytes.subarray(7 * 32 + 16, 8 * 32)).toString("hex"), "f6cd2a3b6ac5b949623d52213c0a7479");
    assert.equal(sha256(bytes), "7e24bb6913c3687bf83848f23047871aee8c56f4a1834c7dcab05b9bcd38ad58");
  });

  it("aligns blank offsets by type", () => {
    const offsets = partitionsFromCsv(MODDABLE_OTA).map(({ offset }) => offset);
    assert.deepEqual(offsets, [0x9000, 0xd000, 0xf000, 0x10000, 0x200000, 0x3e8000, 0x3f0000]);
  });

  it("makes the firmware's table to the byte of gen_esp32part", () => {
    assert.equal(sha256(table(OUR_TABLE)), "16f78deb46fa168ea3f8dcfa64e369e3cbae7489f54a6a362ffb8f3d3a1ae529");
  });

  it("gives the firmware two equal slots, otadata and room for NVS in 4 MB", () => {
    const partitions = partitionsFromCsv(OUR_TABLE, { flashSize: FLASH_SIZE });
    const slots = partitions.filter(({ type }) => type === 0);
    assert.deepEqual(
      slots.map(({ label, size }) => [label, size]),
      [
        ["ota_0", 0x1f0000],
        ["ota_1", 0x1f0000],
      ],
    );
    assert.equal(partitions.filter(({ type, subtype }) => type === 1 && subtype === 0).length, 1);
    const nvs = partitions.find(({ label }) => label === "nvs");
    assert.ok(nvs && nvs.size >= 0x6000);
  });

  for (const md5 of [true, false]) {
    it(`equals gen_esp32part ${md5 ? "with" : "without"} MD5 record (needs IDF_PATH and python3)`, function () {
      if (!process.env.IDF_PATH || spawnSync("python3", ["--version"]).status !== 0) this.skip();
      const script = fileURLToPath(new URL("./support/gen_table.py", import.meta.url));
      for (const csv of [
        MODDABLE_OTA,
        OUR_TABLE,
        TWO_SLOTS,
        "a, data, nvs, , 64K\nb, app, factory, , 1M, encrypted\nc, data, fat, , 0x3000, readonly\n",
      ]) {
        const run = spawnSync("python3", [script, md5 ? "md5" : "plain"], { input: csv });
        assert.equal(run.status, 0, run.stderr.toString());
        assert.deepEqual(Buffer.from(table(csv, md5)), run.stdout);
      }
    });
  }

  const REFUSALS: readonly (readonly [string, string])[] = [
    ["an app at an odd 4 KiB", "a, app, ota_0, 0x11000, 0x10000"],
    ["data off its sector", "a, data, nvs, 0x9100, 0x4000"],
    ["an app size that is not whole sectors", "a, app, ota_0, 0x10000, 0x10100"],
    ["an overlap", "a, data, nvs, 0x9000, 0x4000\nb, data, phy, 0xa000, 0x1000"],
    ["a place below the table's end", "a, data, nvs, 0x8000, 0x4000"],
    ["two equal labels", "a, data, nvs, , 0x4000\na, data, phy, , 0x1000"],
    ["two otadata", "a, data, ota, , 0x2000\nb, data, ota, , 0x2000"],
    ["otadata of another size", "a, data, ota, , 0x3000"],
    ["a read-only otadata", "a, data, ota, , 0x2000, readonly"],
    ["a small writable NVS", "a, data, nvs, , 0x2000"],
    ["a missing size", "a, data, nvs, ,"],
    ["an unknown type", "a, thing, nvs, , 0x4000"],
    ["an unknown subtype", "a, data, thing, , 0x4000"],
    ["a slot beyond ota_15", "a, app, ota_16, , 0x10000"],
    ["an app without subtype", "a, app, , , 0x10000"],
    ["an unknown flag", "a, data, nvs, , 0x4000, quick"],
    ["a word for a size", "a, data, nvs, , large"],
    ["a label of 17 characters", "abcdefghijklmnopq, data, nvs, , 0x4000"],
    ["a partition beyond the flash", "a, data, fat, 0x3f0000, 0x20000"],
  ];
  for (const [what, csv] of REFUSALS) {
    it(`refuses ${what}`, () => {
      const refused = (error: unknown) => error instanceof Esp32SimError && error.code === "partition-csv";
      assert.throws(() => partitionsFromCsv(csv, { flashSize: FLASH_SIZE }), refused);
    });
  }

  it("takes sizes in K and M, sizes up to an address, and a small read-only NVS", () => {
    const [a, b, c] = partitionsFromCsv(
      "a, data, nvs, , 8K, readonly\nb, app, factory, , 1M\nc, data, fat, , -0x200000",
    );
    assert.equal(a?.size, 0x2000);
    assert.equal(b?.size, 0x100000);
    assert.equal((c?.offset ?? 0) + (c?.size ?? 0), 0x200000);
  });

  it("refuses more records than a table holds", () => {
    const partition: Partition = {
      type: 1,
      subtype: 6,
      offset: 0x9000,
      size: 0x1000,
      label: "a",
      encrypted: false,
      readOnly: false,
    };
    assert.throws(() => buildPartitionTable(new Array(96).fill(partition)), /do not fit/);
    assert.throws(() => buildPartitionTable(new Array(95).fill(partition), { md5: NodeDigest }), /do not fit/);
    assert.equal(buildPartitionTable(new Array(94).fill(partition), { md5: NodeDigest }).length, 3072);
  });
});

describe("partition table check of the bootloader", () => {
  it("accepts a table with and without MD5 record", () => {
    assert.equal(loader(table(MODDABLE_OTA)).partitions.length, 7);
    assert.equal(loader(table(MODDABLE_OTA, false)).partitions.length, 7);
  });

  const damaged = (change: (bytes: Uint8Array) => void, md5 = true): Uint8Array => {
    const bytes = table(MODDABLE_OTA, md5).slice();
    change(bytes);
    return bytes;
  };
  const CASES: readonly (readonly [string, number, Uint8Array])[] = [
    ["a flipped bit under the MD5", 0x103, damaged((bytes) => bytes.set([0x30], 12))],
    ["a second MD5 record", 0x103, damaged((bytes) => bytes.copyWithin(8 * 32, 7 * 32, 8 * 32))],
    ["a bad magic", 0x103, damaged((bytes) => bytes.set([0], 32))],
    ["an empty table", 0x103, new Uint8Array(3072).fill(0xff)],
    ["zeros", 0x103, new Uint8Array(3072)],
    ["an offset beyond the chip", 0x104, damaged((bytes) => bytes.set([0, 0, 0x41, 0], 4), false)],
    ["a size beyond the chip", 0x104, damaged((bytes) => bytes.set([0, 0, 0x40, 0], 8), false)],
  ];
  for (const [what, error, bytes] of CASES) {
    it(`refuses ${what} with 0x${error.toString(16)}`, () => assert.equal(loader(bytes).error, error));
  }

  it("refuses a table without an end record", () => {
    const record = table(MODDABLE_OTA, false).subarray(0, 32);
    const bytes = new Uint8Array(3072);
    for (let at = 0; at < 3072; at += 32) bytes.set(record, at);
    assert.equal(loader(bytes).error, 0x103);
  });

  it("resets for ever on a refused table", () => {
    const chip = chipWith({ images: { ota_0: imageOf("1.0.0") } });
    chip.memory.write(0x8000, Uint8Array.of(0));
    const result = chip.esp32.boot();
    assert.equal(result.outcome === "reset-loop" && result.reason, "partition-table");
  });

  it("resets for ever when the chip in the bootloader's header is smaller than the table", () => {
    const chip = chipWith({ images: { ota_0: imageOf("1.0.0") }, flashSize: 0x20000 });
    const result = chip.esp32.boot();
    assert.equal(result.outcome === "reset-loop" && result.reason, "partition-table");
  });

  it("resets for ever when otadata is smaller than two sectors", () => {
    const chip = chipWith({ images: { ota_0: imageOf("1.0.0") }, md5: false });
    const size = Uint8Array.of(0, 0x10, 0, 0);
    chip.memory.load(0x8000 + 32 + 8, size);
    const result = chip.esp32.boot();
    assert.equal(result.outcome === "reset-loop" && result.reason, "otadata");
  });

  it("boots only slots whose number is below the count of slots", () => {
    const csv = TWO_SLOTS.replace("ota_1,   app,  ota_1", "ota_2,   app,  ota_2");
    const chip = chipWith({ csv, images: { ota_2: imageOf("1.0.0") } });
    assert.equal(chip.esp32.boot().outcome, "reset-loop");
  });
});

describe("partition table as the application sees it", () => {
  it("has no partition at all when its build wants an MD5 record that is missing or wrong", () => {
    assert.deepEqual(application(table(MODDABLE_OTA, false), true), { error: 0x105, partitions: [] });
    const wrong = table(MODDABLE_OTA).slice();
    wrong.set([0x30], 12);
    assert.deepEqual(application(wrong, true), { error: 0x103, partitions: [] });
  });

  it("looks at no MD5 when its build does not want one", () => {
    const wrong = table(MODDABLE_OTA).slice();
    wrong.set([0x30], 12);
    assert.equal(application(wrong, false).partitions.length, 7);
    assert.equal(application(table(MODDABLE_OTA, false), false).partitions.length, 7);
  });
});

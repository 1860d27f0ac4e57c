import assert from "node:assert/strict";
import fc from "fast-check";
import {
  buildPartitionTable,
  chooseBoot,
  createFlashImage,
  decodeOtaEntry,
  Esp32,
  Esp32SimError,
  encodeOtaEntry,
  FlashMemory,
  MemoryStore,
  makeOtaEntry,
  nextSeq,
  OTA_ENTRY_SIZE,
  OTA_STATE,
  type OtaEntries,
  PARTITION_TABLE_LENGTH,
  partitionsFromCsv,
  readPartitionTable,
  searchOrder,
  slotOfSeq,
  verifyPartitionTable,
} from "../../../modules/esp32-sim/index.js";
import { FACTORY_AND_TWO_SLOTS, imageOf, TWO_SLOTS } from "../../esp32-sim/support/chip.js";
import { NodeDigest } from "../../esp32-sim/support/node-digest.js";
import { bytesTarget, textTarget } from "../../support/fuzz/fuzz-target.js";
import { outcomeOf } from "../../support/fuzz/invariants.js";
import { mutatedBytes, mutatedText } from "../../support/fuzz/mutations.js";

const FLASH_SIZE = 0x50000;
const OTADATA_OFFSET = 0xd000;
const TABLE_OFFSET = 0x8000;

const states = fc.oneof(fc.constantFrom(...Object.values(OTA_STATE)), fc.nat(0xffff));
const entries = fc
  .record({ seq: fc.oneof(fc.nat(5), fc.constantFrom(0xffffffff, 0xfffffffe, 0x80000000)), state: states })
  .map(({ seq, state }) => encodeOtaEntry(makeOtaEntry(seq, state)));
const pairs = fc.tuple(entries, entries).map(([one, other]) => new Uint8Array(Buffer.concat([one, other])));

export const otadata = bytesTarget({
  name: "otadata",
  reads: "the two entries of otadata, from flash, torn or worn",
  reaches: ["chosen", "initial", "factory"],
  data: mutatedBytes(pairs, { most: 2 }),
  check: (bytes, salt) => {
    const stored = new Uint8Array(2 * OTA_ENTRY_SIZE).fill(0xff);
    stored.set(bytes.subarray(0, stored.length));
    const [one, other] = [stored.subarray(0, OTA_ENTRY_SIZE), stored.subarray(OTA_ENTRY_SIZE)];
    const decoded: OtaEntries = [decodeOtaEntry(one), decodeOtaEntry(other)];
    assert.deepEqual(encodeOtaEntry(decoded[0]), new Uint8Array(one), "read and written back it is the same");
    const slots = 1 + (salt % 4);
    const hasFactory = (salt & 16) !== 0;
    const allowed = (salt & 32) === 0 ? {} : { secureVersionAllows: (slot: number) => slot % 2 === 0 };
    const choice = chooseBoot(decoded, { rollback: (salt & 8) !== 0, slots, hasFactory, ...allowed });
    assert.ok(Number.isInteger(choice.start) && choice.start >= -1 && choice.start < slots, `start ${choice.start}`);
    assert.ok(choice.rewrites.length <= 3, "the bootloader's writes are few");
    for (const { entry } of choice.rewrites)
      assert.ok(entry.state === OTA_STATE.ABORTED || entry.state === OTA_STATE.PENDING_VERIFY);
    const order = searchOrder(choice.start, slots);
    assert.deepEqual([...order].sort(), Array.from({ length: slots + 1 }, (_, index) => index - 1).sort());
    for (let slot = 0; slot < slots; slot++) {
      const seq = nextSeq(slot, slots, 1 + (decoded[0].seq % 0x7fffffff));
      assert.equal(slotOfSeq(seq, slots), slot, "the next sequence number selects the slot");
    }
    if (choice.active === undefined) return choice.initialContents || choice.start === 0 ? "initial" : "factory";
    assert.equal(choice.start, slotOfSeq(choice.active.seq, slots));
    return "chosen";
  },
});

const tables = fc
  .record({ csv: fc.constantFrom(TWO_SLOTS, FACTORY_AND_TWO_SLOTS), md5: fc.boolean() })
  .map(({ csv, md5 }) => buildPartitionTable(partitionsFromCsv(csv), md5 ? { md5: NodeDigest } : {}));

export const partitionTable = bytesTarget({
  name: "partition-table",
  reads: "the partition table in flash",
  reaches: ["read by both", "read by neither"],
  data: mutatedBytes(tables.map((table) => table.slice(0, 0x120))),
  check: (bytes) => {
    const table = new Uint8Array(PARTITION_TABLE_LENGTH).fill(0xff);
    table.set(bytes.subarray(0, table.length));
    const loader = verifyPartitionTable(table, { flashSize: FLASH_SIZE, Digest: NodeDigest });
    const application = readPartitionTable(table, { md5Required: false, Digest: NodeDigest });
    if (loader.error !== 0) assert.equal(loader.partitions.length, 0);
    for (const { offset, size } of loader.partitions) assert.ok(offset + size <= FLASH_SIZE, "within the chip");
    if (loader.error === 0) {
      // As in ESP-IDF, the bootloader reads on behind an MD5 record and the application does not.
      const count = application.partitions.length;
      assert.deepEqual(application.partitions, loader.partitions.slice(0, count), "both read the same partitions");
    }
    return loader.error === 0 ? "read by both" : "read by neither";
  },
});

const IMAGES = { ota_0: imageOf("1.0.1"), ota_1: imageOf("1.0.2") };
/** Only what lies behind the table and before the images is kept of it, and what the images take. */
const GOOD_FLASH = createFlashImage({
  size: FLASH_SIZE,
  partitions: partitionsFromCsv(TWO_SLOTS),
  images: IMAGES,
  md5: true,
  Digest: NodeDigest,
});

/** Table, otadata and the beginnings of both slots, behind each other. */
const WINDOWS: readonly (readonly [from: number, length: number])[] = [
  [TABLE_OFFSET, 0xc0],
  [OTADATA_OFFSET, OTA_ENTRY_SIZE],
  [OTADATA_OFFSET + 0x1000, OTA_ENTRY_SIZE],
  [0x10000, 0x140],
  [0x20000, 0x140],
];
const windows = fc.tuple(entries, entries).map(([one, other]) => {
  const flash = GOOD_FLASH.slice();
  flash.set(one, OTADATA_OFFSET);
  flash.set(other, OTADATA_OFFSET + 0x1000);
  return new Uint8Array(Buffer.concat(WINDOWS.map(([from, length]) => flash.subarray(from, from + length))));
});

export const boot = bytesTarget({
  name: "boot",
  reads: "a whole flash: table, otadata and images, through the bootloader and the application's calls",
  reaches: ["app", "partition-table", "no-bootable-image"],
  cost: 4,
  data: mutatedBytes(windows),
  check: (bytes, salt) => {
    const flash = GOOD_FLASH.slice();
    let at = 0;
    for (const [from, length] of WINDOWS) {
      flash.set(bytes.subarray(at, at + length), from);
      at += length;
    }
    const chip = new Esp32({
      flash: new FlashMemory(new MemoryStore(flash)),
      Digest: NodeDigest,
      rollback: salt % 2 === 0,
    });
    const result = chip.boot();
    if (result.outcome !== "app") {
      assert.deepEqual(chip.boot().outcome, result.outcome, "a loop does not end by itself");
      return result.reason;
    }
    const { partition, image } = result;
    assert.ok(partition.offset + image.length <= FLASH_SIZE);
    assert.equal(image.error, 0, "what is booted was verified");
    return "app";
  },
});

export const partitionCsv = textTarget({
  name: "partition-csv",
  reads: "sources of partition tables, from whoever configures a simulated board",
  reaches: ["table", "partition-csv"],
  data: mutatedText(fc.constantFrom(TWO_SLOTS, FACTORY_AND_TWO_SLOTS), {
    tokens: [
      ",",
      "0x",
      "K",
      "M",
      "-",
      "ota_16",
      "ota_",
      "encrypted",
      "readonly",
      "factory",
      "0x1000",
      "constructor",
      "__proto__",
      "256",
    ],
  }),
  check: (text) => {
    const outcome = outcomeOf(
      () => partitionsFromCsv(text, { flashSize: 0x400000 }),
      (error) => (error instanceof Esp32SimError ? error.code : undefined),
    );
    if (outcome.kind === "error") return outcome.code;
    let end = 0;
    for (const { offset, size, type, subtype } of outcome.value) {
      assert.ok(Number.isSafeInteger(offset) && Number.isSafeInteger(size) && offset >= end && size > 0);
      assert.ok(Number.isInteger(type) && type >= 0 && type <= 0xff, `type ${type}`);
      assert.ok(Number.isInteger(subtype) && subtype >= 0 && subtype <= 0xff, `subtype ${subtype}`);
      end = offset + size;
    }
    return "table";
  },
});

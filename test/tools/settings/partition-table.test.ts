import assert from "node:assert/strict";
import { partitionsFromCsv } from "../../../modules/esp32-sim/index.js";
import {
  missingPlaces,
  partitionTable,
  slotSizeIn,
  slotSizeOf,
  tableProblems,
  tableSizeFor,
} from "../../../tools/settings/partition-table.mjs";

const MEGABYTE = 1024 * 1024;
const CHIP = { flashMegabytes: 4, tableOffset: 0x8000 };
const PLAIN = { mods: false, files: undefined };

describe("a table of the library", () => {
  for (const [megabytes, mods, files, slotKilobytes] of [
    [4, false, false, 1984],
    [4, true, false, 1856],
    [4, false, true, 1920],
    [4, true, true, 1792],
    [8, false, false, 4032],
    [8, true, false, 3904],
    [8, false, true, 3520],
    [8, true, true, 3392],
    [16, false, false, 8128],
    [16, true, false, 8000],
    [16, false, true, 6080],
    [16, true, true, 5952],
  ] as const) {
    const needs = { mods, files: files ? "storage" : undefined };
    const places = [...(mods ? ["mods"] : []), ...(files ? ["files"] : [])].join(" and ") || "nothing else";
    it(`for ${megabytes} MB and ${places} has two slots of ${slotKilobytes} KB and fills the flash`, () => {
      const csv = partitionTable(megabytes, needs);
      assert.deepEqual(tableProblems(csv, { ...CHIP, flashMegabytes: megabytes }), []);
      const partitions = partitionsFromCsv(csv, { flashSize: megabytes * MEGABYTE });
      const size = (label: string) => partitions.find((partition) => partition.label === label)?.size;
      assert.deepEqual([size("ota_0"), size("ota_1")], [slotKilobytes * 1024, slotKilobytes * 1024]);
      assert.equal(slotSizeOf(megabytes, needs), slotKilobytes * 1024);
      assert.equal(slotSizeIn(csv, 0x8000), slotKilobytes * 1024);
      const last = partitions.at(-1);
      assert.equal((last?.offset ?? 0) + (last?.size ?? 0), megabytes * MEGABYTE);
      assert.equal(size("xs"), mods ? 0x40000 : undefined);
      assert.equal(size("storage") !== undefined, files);
      assert.deepEqual(missingPlaces(csv, needs), []);
    });
  }

  it("is the largest that the flash holds", () => {
    const sizes = [1, 2, 4, 8, 16, 32, 64].map((megabytes) => tableSizeFor(megabytes));
    assert.deepEqual(sizes, [undefined, undefined, 4, 8, 16, 16, 16]);
  });

  it("names the partition for files as the application does", () => {
    assert.match(partitionTable(4, { mods: false, files: "pictures" }), /^pictures, data, +spiffs, /m);
  });
});

describe("a table of an application", () => {
  const SOUND = partitionTable(4, PLAIN);
  const changed = (from: string | RegExp, to: string): string => {
    assert.match(SOUND, new RegExp(from));
    return SOUND.replace(from, to);
  };

  for (const [title, csv, problem] of [
    [
      "slots of two sizes",
      changed("0x210000, 0x1f0000", "0x210000, 0x180000"),
      /"ota_0" of 0x1f0000 and "ota_1" of 0x180000/,
    ],
    ["no otadata", changed(/^otadata.*\n/m, ""), /lacks otadata/],
    [
      "an otadata that is too short",
      changed("0xf000,   0x2000", "0xf000,   0x1000"),
      /"otadata" must have 0x2000 bytes/,
    ],
    ["otadata twice", changed(/^phy_init.*\n/m, "more, data, ota, 0x12000, 0x2000,\n"), /otadata twice/],
    ["one slot", changed(/^ota_1.*\n/m, ""), /lacks two slots/],
    [
      "a factory application and no slot, as the SDK has it",
      "nvs, data, nvs, 0x9000, 0x6000\nfactory, app, factory, 0x10000, 0x3F0000\n",
      /lacks two slots/,
    ],
    [
      "slots that do not begin with ota_0",
      changed(/^ota_0.*\n/m, "").concat("ota_2, app, ota_2, , 0x10000\n"),
      /"ota_1" is ota_1 where ota_0 belongs/,
    ],
    ["no place for the record", changed(/^nvs.*\n/m, ""), /lacks "nvs"/],
    ["another name for that place", changed(/^nvs,/m, "settings,"), /lacks "nvs"/],
    ["too little of it", changed("0x9000,   0x6000", "0x9000,   0x2000"), /lacks "nvs"/],
    [
      "a slot that is not at 64 KB",
      changed("0x20000,  0x1f0000", "0x21000, 0x1e0000"),
      /"ota_0" begins at 0x21000, no multiple of 0x10000/,
    ],
    [
      "partitions that overlap",
      changed("0x210000, 0x1f0000", "0x200000, 0x1f0000"),
      /"ota_1" begins at 0x200000, before 0x210000/,
    ],
    [
      "a partition in the table's own place",
      changed("nvs,      data, nvs,     0x9000", "nvs, data, nvs, 0x8000"),
      /"nvs" begins at 0x8000, before 0x9000/,
    ],
    ["a line that cannot be read", changed("0xf000,   0x2000", "0xf000,   some"), /line \d+ of the table/],
    ["one name twice", `${SOUND}nvs, data, nvs, , 0x1000\n`, /"nvs" stands in the table twice/],
    ["more than the flash has", `${SOUND}more, data, fat, , 64K\n`, /ends at 0x410000, beyond the flash of 4 MB/],
  ] as const) {
    it(`is refused with ${title}`, () => {
      const problems = tableProblems(csv, CHIP);
      assert.ok(
        problems.some((text) => problem.test(text)),
        problems.join("\n"),
      );
    });
  }

  for (const [title, csv] of [
    ["lines of Windows", SOUND.replaceAll("\n", "\r\n")],
    [
      "sizes in K and M, types by number, places left to ESP-IDF",
      "nvs, 1, 2, , 24K\notadata, 1, 0, , 8K\nota_0, 0, 0x10, , 1M\nota_1, 0, 17, , 1M\n",
    ],
    [
      "three slots of one size",
      "nvs, data, nvs, , 24K\notadata, data, ota, , 8K\na, app, ota_0, , 1M\nb, app, ota_1, , 1M\nc, app, ota_2, , 1M\n",
    ],
    [
      "partitions of its own",
      `${SOUND.replaceAll("0x1f0000", "0x1e0000").replace("0x210000", "0x200000")}own, 0x50, 0, , 128K\n`,
    ],
  ] as const) {
    it(`is taken with ${title}`, () => assert.deepEqual(tableProblems(csv, CHIP), []));
  }

  it("must leave room before it where the table is not at its usual place", () => {
    assert.match(
      tableProblems(SOUND, { ...CHIP, tableOffset: 0xf000 }).join(),
      /"nvs" begins at 0x9000, before 0x10000/,
    );
  });

  it("is said to have no place for mods or files that the application has", () => {
    assert.deepEqual(missingPlaces(SOUND, PLAIN), []);
    assert.match(missingPlaces(SOUND, { mods: true, files: undefined }).join(), /no partition "xs"/);
    assert.match(missingPlaces(SOUND, { mods: false, files: "storage" }).join(), /no partition "storage"/);
  });
});

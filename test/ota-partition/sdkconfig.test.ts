import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { partitionTable } from "../../tools/settings/partition-table.mjs";
import { contradictions, SAFETY_RULES, unsafeSettings } from "../../tools/settings/safety.mjs";
import { layOver, readSdkconfig } from "../../tools/settings/sdkconfig-text.mjs";
import { hasCompiler } from "./native/native-program.js";

const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path: string): string => readFileSync(pathOf(path), "utf8");

const LIBRARY = "modules/ota-partition/esp32/sdkconfig/sdkconfig.defaults";
const TABLE = "modules/ota-partition/esp32/partitions.csv";
const HARDENED = "src/esp32/hardened/sdkconfig/sdkconfig.defaults";
const GUARD = "modules/ota-partition/esp32/fota_settings.c";

const library = readSdkconfig(read(LIBRARY), LIBRARY);
const settings = layOver([library.assignments]);

describe("sdkconfig of the library", () => {
  it("has every safety setting", () => {
    assert.deepEqual(unsafeSettings(settings), []);
    assert.deepEqual(contradictions(library.assignments), []);
  });

  it("says each safety setting in so many words, so that a board's or the SDK's cannot stand in its place", () => {
    const defaults = /^PARTITION_TABLE_(SINGLE_APP|TWO_OTA)/;
    for (const { name } of SAFETY_RULES) if (!defaults.test(name)) assert.ok(settings.has(name), name);
  });

  it("leaves the version to the application", () => {
    assert.equal(settings.has("APP_PROJECT_VER"), false);
  });

  it("has only lines that ESP-IDF reads, and so has the hardened one", () => {
    for (const path of [LIBRARY, HARDENED]) assert.deepEqual(readSdkconfig(read(path), path).malformed, []);
  });

  it("is nowhere repeated in the hardened one, which is laid over it", () => {
    const hardened = readSdkconfig(read(HARDENED), HARDENED).assignments;
    assert.deepEqual(
      hardened.filter(({ name }) => settings.has(name)),
      [],
    );
    assert.deepEqual(unsafeSettings(layOver([library.assignments, hardened])), []);
  });
});

describe("the table of the simulators", () => {
  it("is the one that a build for 4 MB has", () => {
    assert.equal(read(TABLE), partitionTable(4, { mods: false, files: undefined }));
  });

  it("has its slots where the hardened table has them", () => {
    const slots = (path: string) =>
      read(path)
        .match(/^ota_\d.*$/gm)
        ?.map((line) => line.replace(/\s+/g, ""));
    assert.equal(slots(TABLE)?.length, 2);
    assert.deepEqual(slots("src/esp32/hardened/partitions.csv"), slots(TABLE));
  });

  it("has no factory slot beside the two: anti-rollback would never start it again", () => {
    const rows = read(TABLE).split("\n");
    const apps = rows.filter((row) => /,\s*app,/.test(row)).map((row) => row.split(",")[2]?.trim());
    assert.deepEqual(apps, ["ota_0", "ota_1"]);
  });
});

describe("fota_settings.c (needs cc)", () => {
  /** As Kconfig writes it: a number or text as it is, y as 1, what is off not at all. */
  const header = (changes: Readonly<Record<string, string>>): string =>
    Object.entries({
      ...Object.fromEntries([...settings.values()].map(({ name, value }) => [name, value])),
      ...changes,
    })
      .filter(([, value]) => value !== "n")
      .map(([name, value]) => `#define CONFIG_${name} ${value === "y" ? 1 : value}\n`)
      .join("");

  function compile(changes: Readonly<Record<string, string>>): { code: number | null; log: string } {
    const folder = mkdtempSync(join(tmpdir(), "fota-settings-"));
    try {
      writeFileSync(join(folder, "sdkconfig.h"), header(changes));
      const { status, stderr } = spawnSync("cc", ["-fsyntax-only", "-I", folder, pathOf(GUARD)], { encoding: "utf8" });
      return { code: status, log: stderr };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  before(function () {
    if (!hasCompiler()) this.skip();
  });

  it("compiles with the library's settings", () => {
    const { code, log } = compile({});
    assert.equal(code, 0, log);
  });

  for (const { name, wants, atLeast, why } of SAFETY_RULES) {
    // Another table than a custom one is another member of the same choice.
    if (/^PARTITION_TABLE_(SINGLE_APP|TWO_OTA)/.test(name)) continue;
    it(`ends a build whose ${name} is ${wants === undefined ? `below ${atLeast}` : wants === "y" ? "off" : "on"}`, () => {
      const { code, log } = compile({ [name]: wants === undefined ? "5" : wants === "y" ? "n" : "y" });
      assert.notEqual(code, 0);
      assert.match(log, new RegExp(`aws-fota needs CONFIG_${name}\\b.*: ${why}`));
    });
  }

  it("ends a build whose watchdog's time is not said", () => {
    assert.match(compile({ ESP_TASK_WDT_TIMEOUT_S: "n" }).log, /needs CONFIG_ESP_TASK_WDT_TIMEOUT_S/);
  });
});

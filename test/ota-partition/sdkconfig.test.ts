import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const LIBRARY = "modules/ota-partition/esp32/sdkconfig/sdkconfig.defaults";
const TABLE = "modules/ota-partition/esp32/partitions.csv";
const HARDENED = "src/esp32/hardened/sdkconfig/sdkconfig.defaults";
const SAMPLE = "src/esp32/sdkconfig/sdkconfig.defaults";

/** Settings as mcconfig merges them: comment lines skipped, the part after the first "=" up to the next one. */
const settingsOf = (path: string): Map<string, string> =>
  new Map(
    read(path)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line): [string, string] => {
        const [name = "", value = ""] = line.split("=");
        return [name, value];
      }),
  );

const settings = settingsOf(LIBRARY);

describe("sdkconfig of the device build", () => {
  for (const [name, value] of [
    ["CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE", "y"],
    ["CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS", "n"],
    ["CONFIG_BOOTLOADER_SKIP_VALIDATE_ON_POWER_ON", "n"],
    ["CONFIG_BOOTLOADER_SKIP_VALIDATE_IN_DEEP_SLEEP", "n"],
    ["CONFIG_ESP_TASK_WDT_EN", "y"],
    ["CONFIG_ESP_TASK_WDT_INIT", "y"],
    ["CONFIG_ESP_TASK_WDT_PANIC", "y"],
    ["CONFIG_PARTITION_TABLE_MD5", "y"],
    ["CONFIG_APP_PROJECT_VER_FROM_CONFIG", "y"],
  ]) {
    it(`has ${name}=${value}`, () => assert.equal(settings.get(name ?? ""), value));
  }

  it("leaves the version to the application", () => {
    assert.equal(settings.has("CONFIG_APP_PROJECT_VER"), false);
  });

  it("is part of the sample application's, which adds its version alone", () => {
    const { CONFIG_APP_PROJECT_VER: version = "", ...others } = Object.fromEntries(settingsOf(SAMPLE));
    assert.deepEqual(others, Object.fromEntries(settings));
    assert.match(version, /^"\d+\.\d+\.\d+"$/);
  });

  it("is part of the hardened one, with the sample's version", () => {
    const hardened = settingsOf(HARDENED);
    for (const [name, value] of settingsOf(SAMPLE)) assert.equal(hardened.get(name), value, name);
  });

  it("keeps the slots where they are in the hardened table", () => {
    const slots = (path: string) =>
      read(path)
        .match(/^ota_\d.*$/gm)
        ?.map((line) => line.replace(/\s+/g, ""));
    assert.equal(slots(TABLE)?.length, 2);
    assert.deepEqual(slots("src/esp32/hardened/partitions.csv"), slots(TABLE));
  });

  it("has no factory slot beside the two: anti-rollback would never start it again", () => {
    const rows = read("modules/ota-partition/esp32/partitions.csv").split("\n");
    const apps = rows.filter((row) => /,\s*app,/.test(row)).map((row) => row.split(",")[2]?.trim());
    assert.deepEqual(apps, ["ota_0", "ota_1"]);
  });

  it("has only lines that mcconfig can merge", () => {
    for (const line of [LIBRARY, SAMPLE, HARDENED].flatMap((path) => read(path).split("\n"))) {
      assert.match(line, /^(#.*|CONFIG_[A-Z0-9_]+=(y|n|\d+|0x[0-9a-f]+|"[^"=]*")|)$/);
    }
  });
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { hardeningOf, hardeningProblems } from "./esp32/hardening.js";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** The settings of a file, over the one setting that ESP-IDF has by itself, as the check reads them from a build. */
function settingsOf(path: string): Map<string, string> {
  const lines = [...read(path).matchAll(/^CONFIG_(\w+)=(.*)$/gm)];
  return new Map(lines.map(([, name = "", value = ""]) => [name, value === "n" ? "" : value]));
}

const HARDENED = "src/esp32/hardened/sdkconfig/sdkconfig.defaults";
const partitions = read("src/esp32/hardened/partitions.csv");

describe("the chip's own protection in a build", () => {
  it("is named when it is on", () => {
    assert.deepEqual(hardeningOf({ sdkconfig: settingsOf(HARDENED), partitions }), [
      "secure boot v2",
      "flash encryption (release)",
      "NVS encryption",
      "UART download mode off",
      "anti-rollback",
    ]);
    assert.deepEqual(hardeningProblems({ sdkconfig: settingsOf(HARDENED), partitions }), []);
  });

  it("is none in the sample's usual settings, which is no fault", () => {
    const sdkconfig = settingsOf("modules/ota-partition/esp32/sdkconfig/sdkconfig.defaults");
    assert.deepEqual(hardeningOf({ sdkconfig, partitions: "" }), []);
    assert.deepEqual(hardeningProblems({ sdkconfig, partitions: "" }), []);
  });

  for (const [name, value, problem] of [
    ["SECURE_BOOT_V2_ENABLED", "", /not its version 2/],
    ["ESP32_REV_MIN_3", "", /REV_MIN_3/],
    ["SECURE_BOOT_INSECURE", "y", /INSECURE is on/],
    ["SECURE_BOOT_ALLOW_JTAG", "y", /JTAG/],
    ["SECURE_FLASH_ENC_ENABLED", "", /without flash encryption/],
    ["SECURE_FLASH_ENCRYPTION_MODE_RELEASE", "", /development mode/],
    ["SECURE_BOOT", "", /without secure boot/],
    ["NVS_ENCRYPTION", "", /plain text/],
    ["SECURE_DISABLE_ROM_DL_MODE", "", /download mode stays open/],
    ["PARTITION_TABLE_OFFSET", "0x8000", /longer than the room/],
    ["PARTITION_TABLE_OFFSET", "", /longer than the room/],
  ] as const) {
    it(`is a finding with CONFIG_${name} ${value === "" ? "off" : `= ${value}`}`, () => {
      const sdkconfig = settingsOf(HARDENED).set(name, value);
      assert(hardeningProblems({ sdkconfig, partitions }).some((text) => problem.test(text)));
    });
  }

  for (const [what, table] of [
    ["no partition for the keys of NVS", partitions.replace(/^nvs_keys.*\n/m, "")],
    ["one that is not encrypted", partitions.replace(/encrypted$/m, "")],
  ] as const) {
    it(`is a finding with ${what}`, () => {
      const problems = hardeningProblems({ sdkconfig: settingsOf(HARDENED), partitions: table });
      assert.deepEqual(problems, ["NVS encryption needs a partition nvs_keys with the flag encrypted"]);
    });
  }
});

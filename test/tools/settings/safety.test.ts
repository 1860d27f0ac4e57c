import assert from "node:assert/strict";
import { contradictions, SAFETY_RULES, underPresentName, unsafeSettings } from "../../../tools/settings/safety.mjs";
import { layOver, readSdkconfig } from "../../../tools/settings/sdkconfig-text.mjs";

const assignmentsOf = (text: string) => readSdkconfig(text, "app/sdkconfig.defaults").assignments;

describe("a setting of an application", () => {
  for (const { name, wants, atLeast } of SAFETY_RULES) {
    const [against, said] =
      wants === undefined ? ["14", `of at least ${atLeast}`] : [wants === "y" ? "n" : "y", `=${wants}`];
    it(`contradicts a safety setting: ${name}=${against}`, () => {
      const [line, ...more] = contradictions(assignmentsOf(`CONFIG_OTHER=y\nCONFIG_${name}=${against}\n`));
      assert.deepEqual(more, []);
      assert.ok(
        line?.startsWith(
          `CONFIG_${name}=${against} in app/sdkconfig.defaults:2 contradicts CONFIG_${name}${wants === undefined ? " " : ""}${said} of aws-fota: `,
        ),
        line,
      );
    });
  }

  for (const [title, text, setting] of [
    ["by a comment that Kconfig reads", "# CONFIG_ESP_TASK_WDT_EN is not set\n", "ESP_TASK_WDT_EN"],
    ["by an empty value", "CONFIG_ESP_TASK_WDT_PANIC=\n", "ESP_TASK_WDT_PANIC"],
    [
      "by a value that no switch has, so that Kconfig takes its default",
      "CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=1\n",
      "BOOTLOADER_APP_ROLLBACK_ENABLE",
    ],
    ["under a former name", "CONFIG_APP_ROLLBACK_ENABLE=n\n", "BOOTLOADER_APP_ROLLBACK_ENABLE"],
    ["under a former name of one chip", "CONFIG_ESP32_PANIC_PRINT_HALT=y\n", "ESP_SYSTEM_PANIC_PRINT_HALT"],
    ["under a former name that sounds like another", "CONFIG_TASK_WDT=n\n", "ESP_TASK_WDT_INIT"],
    ["in the first of two lines", "CONFIG_ESP_TASK_WDT_EN=n\nCONFIG_ESP_TASK_WDT_EN=y\n", "ESP_TASK_WDT_EN"],
    ["by a hexadecimal number", "CONFIG_ESP_TASK_WDT_TIMEOUT_S=0x5\n", "ESP_TASK_WDT_TIMEOUT_S"],
  ] as const) {
    it(`contradicts ${title}`, () => {
      const lines = contradictions(assignmentsOf(text));
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? "", new RegExp(` contradicts CONFIG_${setting}\\b`));
    });
  }

  for (const text of [
    "CONFIG_ESP_TASK_WDT_EN=y\n",
    "CONFIG_ESP_TASK_WDT_TIMEOUT_S=60\n",
    "CONFIG_ESP_TASK_WDT_TIMEOUT_S=0x10\n",
    "CONFIG_ESP_SYSTEM_PANIC_SILENT_REBOOT=y\nCONFIG_ESP_SYSTEM_PANIC_PRINT_REBOOT=n\n",
    "CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0=y\n",
    "# CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS is not set\n",
    "CONFIG_SPIRAM=y\n",
  ]) {
    it(`contradicts nothing: ${text.trim().replaceAll("\n", ", ")}`, () => {
      assert.deepEqual(contradictions(assignmentsOf(text)), []);
    });
  }

  it("has the name of today where ESP-IDF still takes the former one", () => {
    const [former, other] = assignmentsOf("CONFIG_TASK_WDT_PANIC=y\nCONFIG_SPIRAM=y\n").map(underPresentName);
    assert.deepEqual([former?.name, other?.name], ["ESP_TASK_WDT_PANIC", "SPIRAM"]);
  });
});

describe("the settings of a build", () => {
  it("lack what is to be on and is nowhere, and nothing that is to be off", () => {
    assert.deepEqual(
      unsafeSettings(layOver([])).map((line) => /CONFIG_(\w+)/.exec(line)?.[1]),
      SAFETY_RULES.filter(({ wants }) => wants !== "n").map(({ name }) => name),
    );
  });
});

/** What of the chip's own protection a build turns on, and what of it is turned on by halves. */
import type { DeviceBuild } from "./device-build.js";

type Settings = Pick<DeviceBuild, "sdkconfig" | "partitions">;

const PROTECTIONS: readonly (readonly [name: string, settings: readonly string[]])[] = [
  ["secure boot v2", ["SECURE_BOOT", "SECURE_BOOT_V2_ENABLED"]],
  ["flash encryption (release)", ["SECURE_FLASH_ENC_ENABLED", "SECURE_FLASH_ENCRYPTION_MODE_RELEASE"]],
  ["NVS encryption", ["NVS_ENCRYPTION"]],
  ["UART download mode off", ["SECURE_DISABLE_ROM_DL_MODE"]],
  ["anti-rollback", ["BOOTLOADER_APP_ANTI_ROLLBACK"]],
];

/** Names of the protections that are on. */
export function hardeningOf({ sdkconfig }: Settings): readonly string[] {
  return PROTECTIONS.filter(([, settings]) => settings.every((name) => sdkconfig.get(name) === "y")).map(
    ([name]) => name,
  );
}

/** Protections that lack what they rest on: worse than none, as they are burnt into the chip and believed in. */
export function hardeningProblems({ sdkconfig, partitions }: Settings): readonly string[] {
  const on = (name: string) => sdkconfig.get(name) === "y";
  const rules: readonly (readonly [broken: boolean, text: string])[] = [
    [on("SECURE_BOOT") && !on("SECURE_BOOT_V2_ENABLED"), "secure boot is on, but not its version 2"],
    [on("SECURE_BOOT") && !on("ESP32_REV_MIN_3"), "secure boot v2 needs CONFIG_ESP32_REV_MIN_3"],
    [on("SECURE_BOOT_INSECURE"), "CONFIG_SECURE_BOOT_INSECURE is on"],
    [on("SECURE_BOOT_ALLOW_JTAG"), "JTAG stays open"],
    [
      on("SECURE_BOOT") && !on("SECURE_FLASH_ENC_ENABLED"),
      "secure boot is on without flash encryption, which cannot follow it",
    ],
    [
      on("SECURE_FLASH_ENC_ENABLED") && !on("SECURE_FLASH_ENCRYPTION_MODE_RELEASE"),
      "flash encryption is in development mode",
    ],
    [on("SECURE_FLASH_ENC_ENABLED") && !on("SECURE_BOOT"), "flash encryption is on without secure boot"],
    [
      on("SECURE_FLASH_ENC_ENABLED") && !on("NVS_ENCRYPTION"),
      "flash encryption leaves NVS, with the device's key, in plain text: CONFIG_NVS_ENCRYPTION is not on",
    ],
    [
      on("NVS_ENCRYPTION") && !/^\s*\w+\s*,\s*data\s*,\s*nvs_keys\s*,[^#\n]*\bencrypted\b/m.test(partitions),
      "NVS encryption needs a partition nvs_keys with the flag encrypted",
    ],
    [
      on("SECURE_FLASH_ENC_ENABLED") && !on("SECURE_DISABLE_ROM_DL_MODE"),
      "the UART download mode stays open: CONFIG_SECURE_DISABLE_ROM_DL_MODE is not on",
    ],
    [
      on("SECURE_BOOT") && !(Number(sdkconfig.get("PARTITION_TABLE_OFFSET") ?? 0x8000) > 0x8000),
      "the bootloader with secure boot is longer than the room before CONFIG_PARTITION_TABLE_OFFSET",
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, text]) => text);
}

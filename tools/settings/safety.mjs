// @ts-check
/** The settings without which a board cannot come back from a bad image, and what contradicts them. */

/** @typedef {import("./sdkconfig-text.mjs").Assignment} Assignment */
/** @typedef {import("./sdkconfig-text.mjs").Settings} Settings */

/**
 * @typedef {object} SafetyRule
 * @property {string} name without `CONFIG_`
 * @property {"y" | "n"} [wants]
 * @property {number} [atLeast]
 * @property {string} why ends the line that says what is wrong
 */

const PANIC = "after a panic the board must restart by itself, or the old image never returns";
const HANG = "a hang must become a reset, or the old image never returns";
const VALIDATION = "the bootloader must check every image that it starts";
const TABLE = "the table must have two equal slots, which PARTITIONS_FILE in a manifest's build section gives";
const VERSION = "the image's descriptor must carry the application's version";

/** @type {readonly SafetyRule[]} */
export const SAFETY_RULES = Object.freeze([
  { name: "BOOTLOADER_APP_ROLLBACK_ENABLE", wants: "y", why: "an image that does not prove itself must be taken back" },
  { name: "BOOTLOADER_SKIP_VALIDATE_ALWAYS", wants: "n", why: VALIDATION },
  { name: "BOOTLOADER_SKIP_VALIDATE_ON_POWER_ON", wants: "n", why: VALIDATION },
  { name: "BOOTLOADER_SKIP_VALIDATE_IN_DEEP_SLEEP", wants: "n", why: VALIDATION },
  { name: "BOOTLOADER_WDT_ENABLE", wants: "y", why: "a hang before the application starts must become a reset" },
  { name: "ESP_TASK_WDT_EN", wants: "y", why: HANG },
  { name: "ESP_TASK_WDT_INIT", wants: "y", why: HANG },
  { name: "ESP_TASK_WDT_PANIC", wants: "y", why: HANG },
  { name: "ESP_TASK_WDT_TIMEOUT_S", atLeast: 15, why: "an erase, a TLS handshake or the check of a slot takes longer" },
  { name: "ESP_SYSTEM_PANIC_PRINT_HALT", wants: "n", why: PANIC },
  { name: "ESP_SYSTEM_PANIC_GDBSTUB", wants: "n", why: PANIC },
  { name: "ESP_SYSTEM_GDBSTUB_RUNTIME", wants: "n", why: PANIC },
  { name: "PARTITION_TABLE_CUSTOM", wants: "y", why: TABLE },
  { name: "PARTITION_TABLE_SINGLE_APP", wants: "n", why: TABLE },
  { name: "PARTITION_TABLE_SINGLE_APP_LARGE", wants: "n", why: TABLE },
  { name: "PARTITION_TABLE_SINGLE_APP_ENCRYPTED_NVS", wants: "n", why: TABLE },
  { name: "PARTITION_TABLE_SINGLE_APP_LARGE_ENC_NVS", wants: "n", why: TABLE },
  { name: "PARTITION_TABLE_TWO_OTA", wants: "n", why: TABLE },
  { name: "PARTITION_TABLE_TWO_OTA_LARGE", wants: "n", why: TABLE },
  { name: "PARTITION_TABLE_TWO_OTA_ENCRYPTED_NVS", wants: "n", why: TABLE },
  { name: "PARTITION_TABLE_SINGLE_APP_TEE", wants: "n", why: TABLE },
  { name: "PARTITION_TABLE_TWO_OTA_TEE", wants: "n", why: TABLE },
  { name: "PARTITION_TABLE_MD5", wants: "y", why: "a damaged table must be noticed" },
  { name: "APP_PROJECT_VER_FROM_CONFIG", wants: "y", why: VERSION },
  { name: "APP_EXCLUDE_PROJECT_VER_VAR", wants: "n", why: VERSION },
  { name: "APP_EXCLUDE_PROJECT_NAME_VAR", wants: "n", why: "an image of another project must be told from this one's" },
]);

/** Names of earlier ESP-IDFs that v6.0 still takes for these settings. [sdkconfig.rename] */
const FORMER_NAMES = Object.freeze({
  APP_ROLLBACK_ENABLE: "BOOTLOADER_APP_ROLLBACK_ENABLE",
  TASK_WDT: "ESP_TASK_WDT_INIT",
  ESP_TASK_WDT: "ESP_TASK_WDT_INIT",
  TASK_WDT_PANIC: "ESP_TASK_WDT_PANIC",
  TASK_WDT_TIMEOUT_S: "ESP_TASK_WDT_TIMEOUT_S",
  ESP32_PANIC_PRINT_HALT: "ESP_SYSTEM_PANIC_PRINT_HALT",
  ESP32_PANIC_GDBSTUB: "ESP_SYSTEM_PANIC_GDBSTUB",
  ESP32S2_PANIC_PRINT_HALT: "ESP_SYSTEM_PANIC_PRINT_HALT",
  ESP32S2_PANIC_GDBSTUB: "ESP_SYSTEM_PANIC_GDBSTUB",
});

/**
 * A safety setting under the name it has now; every other as it is.
 * @param {Assignment} assignment
 * @returns {Assignment}
 */
export function underPresentName(assignment) {
  const name = new Map(Object.entries(FORMER_NAMES)).get(assignment.name);
  return name === undefined ? assignment : { ...assignment, name };
}

/**
 * @param {SafetyRule} rule
 * @param {string | undefined} value
 */
function holds({ wants, atLeast }, value) {
  if (atLeast !== undefined) return value !== undefined && Number(value) >= atLeast;
  return value === undefined ? wants === "n" : value === wants;
}

/** @param {SafetyRule} rule */
const wanted = ({ name, wants, atLeast }) =>
  atLeast === undefined ? `CONFIG_${name}=${wants}` : `CONFIG_${name} of at least ${atLeast}`;

/**
 * Settings of an application that contradict a safety setting, a line for each.
 * @param {readonly Assignment[]} assignments as its files have them, see {@link underPresentName}
 * @returns {string[]}
 */
export function contradictions(assignments) {
  return SAFETY_RULES.flatMap((rule) =>
    assignments
      .filter((assignment) => underPresentName(assignment).name === rule.name && !holds(rule, assignment.value))
      .map(
        ({ name, value, file, line }) =>
          `CONFIG_${name}=${value} in ${file}:${line} contradicts ${wanted(rule)} of aws-fota: ${rule.why}`,
      ),
  );
}

/**
 * What a build lacks for safety, whoever took it away.
 * @param {Settings} settings
 * @returns {string[]}
 */
export function unsafeSettings(settings) {
  return SAFETY_RULES.filter((rule) => !holds(rule, settings.get(rule.name)?.value)).map(
    (rule) => `the build lacks ${wanted(rule)}: ${rule.why}`,
  );
}

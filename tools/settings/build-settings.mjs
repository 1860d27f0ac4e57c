// @ts-check
/**
 * The settings, the partition table and the version of one device build: the board's sdkconfig over the SDK's, the
 * library's over that, the application's on top; and what of it would leave a board without a way back.
 */
import { posix } from "node:path";
import { asObject, buildSections, readMakefile } from "./manifests.mjs";
import { missingPlaces, partitionTable, slotSizeIn, tableProblems, tableSizeFor } from "./partition-table.mjs";
import { contradictions, underPresentName, unsafeSettings } from "./safety.mjs";
import { chosenOf, layOver, readSdkconfig, sdkconfigText, unquoted } from "./sdkconfig-text.mjs";

/** @typedef {import("./sdkconfig-text.mjs").Assignment} Assignment */
/** @typedef {import("./sdkconfig-text.mjs").Settings} Settings */
/** @typedef {import("./manifests.mjs").BuildSection} BuildSection */

/** @typedef {"sdkconfig" | "partitions" | "version"} ProblemKind */

/**
 * What `mcconfig` has written, and where the rest is read.
 * @typedef {object} Build
 * @property {string} makefile its text
 * @property {string} manifest the text of `manifest_flat.json`
 * @property {string} generated the text of `sdkconfig.mc`
 * @property {string} library this project's folder
 * @property {(path: string) => string | undefined} read a file's text; `undefined` when it is not there
 * @property {Readonly<Record<string, string | undefined>>} environment
 */

/**
 * @typedef {object} BuildSettings
 * @property {Settings} settings
 * @property {string} sdkconfig the text for ESP-IDF
 * @property {string} partitions the table's text; "" when there is none for this flash
 * @property {string} table whose it is and for what, in words
 * @property {number} slotSize bytes
 * @property {number} flashMegabytes
 * @property {string} version
 * @property {readonly string[]} files sdkconfig files that were laid over, from bottom to top
 * @property {readonly string[]} notes
 * @property {readonly { readonly kind: ProblemKind, readonly text: string }[]} problems each ends the build
 */

/** The library's own settings, below its folder. */
const LIBRARY_SETTINGS = "modules/ota-partition/esp32/sdkconfig";
/** In the project folder of the build. */
export const TABLE_FILE = "fota-partitions.csv";
const SDK_TABLE_FILE = "partitions.csv";

const FLASH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128];
/** What ESP-IDF takes when nothing is chosen. */
const DEFAULT_FLASH_MEGABYTES = 2;
const DEFAULT_TABLE_OFFSET = 0x8000;

/** The descriptor holds 31 characters; these are the ones that no tool on the way changes. */
const VERSION = /^[0-9A-Za-z.+_-]{1,31}$/;

/** `mcconfig` decides them by `defines.ble` after everything else. */
const BLUETOOTH = [
  "BT_ENABLED",
  "BT_NIMBLE_ENABLED",
  "BT_BLUEDROID_ENABLED",
  "BTDM_CTRL_MODE_BLE_ONLY",
  "BT_NIMBLE_SM_LEGACY",
  "BT_NIMBLE_SM_SC",
  "BT_NIMBLE_ROLE_PERIPHERAL",
  "BT_NIMBLE_ROLE_CENTRAL",
  "BT_BLE_SMP_ENABLE",
  "BT_GATTS_ENABLE",
  "BT_GATTC_ENABLE",
];

/**
 * @param {Build} build
 * @returns {BuildSettings}
 */
export function buildSettings(build) {
  const makefile = readMakefile(build.makefile);
  const flat = asObject(JSON.parse(build.manifest)) ?? {};
  const sections = buildSections({ ...build, makefile });
  /** @type {{ kind: ProblemKind, text: string }[]} */
  const problems = [];
  const add = (/** @type {ProblemKind} */ kind, /** @type {readonly string[]} */ texts) =>
    void problems.push(...texts.map((text) => ({ kind, text })));

  const { layers, files, application, complaints } = readLayers(build, makefile, sections);
  add("sdkconfig", complaints);
  add("sdkconfig", contradictions(application));

  const base = readSdkconfig(build.generated, "sdkconfig.mc").assignments;
  const settings = layOver([base, ...layers].map((layer) => layer.map(underPresentName)));
  if (asObject(flat.defines)?.ble !== undefined) restoreBluetooth(settings, base);

  const version = versionOf(flat, application);
  add("version", version.problems);
  set(settings, "APP_PROJECT_VER", `"${version.text}"`);

  const table = tableOf({ build, sections, settings, flat, application });
  add("partitions", table.problems);
  set(settings, "PARTITION_TABLE_CUSTOM_FILENAME", `"${TABLE_FILE}"`);

  // A contradiction has been named with its file and line: here is what else went missing.
  if (!problems.some(({ kind }) => kind === "sdkconfig")) add("sdkconfig", unsafeSettings(settings));
  return {
    settings,
    sdkconfig: sdkconfigText(
      settings,
      "Written by aws-fota at every build: the SDK's settings, the board's, the library's, the application's.",
    ),
    partitions: table.csv,
    table: table.name,
    slotSize: table.slotSize,
    flashMegabytes: table.flashMegabytes,
    version: version.text,
    files,
    notes: table.notes,
    problems,
  };
}

/**
 * @param {Map<string, Assignment>} settings
 * @param {string} name
 * @param {string} value
 */
function set(settings, name, value) {
  settings.delete(name);
  settings.set(name, { name, value, file: "", line: 0 });
}

/**
 * @param {Build} build
 * @param {import("./manifests.mjs").Makefile} makefile
 * @param {readonly BuildSection[]} sections
 */
function readLayers({ library, read }, { variables }, sections) {
  const chip = variables.get("ESP32_SUBCLASS") ?? "esp32";
  const release = variables.get("DEBUG") !== "1";
  const instrumented = release && variables.get("INSTRUMENT") === "1";
  const names = [
    "sdkconfig.defaults",
    `sdkconfig.defaults.${chip}`,
    ...(release ? ["sdkconfig.defaults.release"] : []),
    ...(instrumented ? ["sdkconfig.inst"] : []),
  ];
  /** @type {Assignment[][]} */
  const layers = [];
  /** @type {string[]} */
  const files = [];
  /** @type {Assignment[]} */
  const application = [];
  /** @type {string[]} */
  const complaints = [];

  const lay = (/** @type {string} */ folder, /** @type {import("./manifests.mjs").Owner} */ owner) => {
    let found = 0;
    for (const name of names) {
      const file = posix.join(folder, name);
      const text = read(file);
      if (text === undefined) continue;
      found += 1;
      const { assignments, malformed } = readSdkconfig(text, file);
      layers.push(assignments);
      files.push(file);
      if (owner !== "application") continue;
      application.push(...assignments);
      for (const { line, text: wrong } of malformed) {
        complaints.push(`${file}:${line} is no setting, ESP-IDF would pass over it: ${wrong}`);
      }
    }
    return found;
  };

  const named = sections.filter(({ sdkconfig }) => sdkconfig !== undefined);
  for (const { sdkconfig = "", owner } of named.filter((section) => section.owner === "board")) lay(sdkconfig, owner);
  lay(posix.join(library, LIBRARY_SETTINGS), "library");
  for (const { sdkconfig = "", owner, manifest } of named.filter((section) => section.owner === "application")) {
    if (lay(sdkconfig, owner) === 0 && read(posix.join(sdkconfig, "sdkconfig.defaults.release")) === undefined) {
      complaints.push(`SDKCONFIGPATH of ${manifest} is ${sdkconfig}, where no sdkconfig.defaults is`);
    }
  }
  return { layers, files, application, complaints };
}

/**
 * @param {Map<string, Assignment>} settings
 * @param {readonly Assignment[]} base
 */
function restoreBluetooth(settings, base) {
  for (const assignment of layOver([base]).values()) {
    if (!BLUETOOTH.includes(assignment.name)) continue;
    set(settings, assignment.name, assignment.value);
  }
}

/**
 * The version stands in `config.version` of the application's manifest, or on the `mcconfig` line, which ends there.
 * @param {Readonly<Record<string, unknown>>} flat
 * @param {readonly Assignment[]} application
 * @returns {{ text: string, problems: readonly string[] }}
 */
function versionOf(flat, application) {
  const HOW = 'say "config": { "version": "1.0.0" } in its manifest.json, or version=1.0.0 on the mcconfig line';
  const version = asObject(flat.config)?.version;
  const other = application.filter(({ name }) => name === "APP_PROJECT_VER");
  const [first] = other;
  if (version === undefined && first !== undefined) {
    const { file, line, value } = first;
    const problem = `CONFIG_APP_PROJECT_VER=${value} in ${file}:${line} is not where the application's version stands; ${HOW}`;
    return { text: "", problems: [problem] };
  }
  if (version === undefined) return { text: "", problems: [`the application has no version; ${HOW}`] };
  if (typeof version !== "string" || !VERSION.test(version)) {
    const problem = `"version": ${JSON.stringify(version)} is no text of 1 to 31 letters, digits and . + _ -; ${HOW}`;
    return { text: "", problems: [problem] };
  }
  const differing = other.filter(({ value }) => unquoted(value) !== version);
  const problems = differing.map(
    ({ file, line, value }) =>
      `CONFIG_APP_PROJECT_VER=${value} in ${file}:${line} contradicts "version": "${version}" of the application's "config": leave it away`,
  );
  return { text: version, problems };
}

/**
 * @param {object} parts
 * @param {Build} parts.build
 * @param {readonly BuildSection[]} parts.sections
 * @param {Settings} parts.settings
 * @param {Readonly<Record<string, unknown>>} parts.flat
 * @param {readonly Assignment[]} parts.application
 */
function tableOf({ build, sections, settings, flat, application }) {
  const flashMegabytes = flashMegabytesOf(settings);
  const tableOffset = Number(settings.get("PARTITION_TABLE_OFFSET")?.value ?? DEFAULT_TABLE_OFFSET);
  const chip = { flashMegabytes, tableOffset };
  const needs = needsOf(flat);
  const problems = application
    .filter(({ name, value }) => name === "PARTITION_TABLE_CUSTOM_FILENAME" && unquoted(value) !== SDK_TABLE_FILE)
    .map(
      ({ value, file, line }) =>
        `CONFIG_PARTITION_TABLE_CUSTOM_FILENAME=${value} in ${file}:${line} is not how a table is given; say "PARTITIONS_FILE" in the "build" section of a manifest`,
    );

  const given = sections.filter(({ owner, partitions }) => owner === "application" && partitions !== undefined).at(-1);
  if (given?.partitions !== undefined) {
    const csv = build.read(given.partitions);
    if (csv === undefined) {
      const problem = `PARTITIONS_FILE of ${given.manifest} is ${given.partitions}, which cannot be read`;
      return { csv: "", name: "none", slotSize: 0, flashMegabytes, notes: [], problems: [...problems, problem] };
    }
    const wrong = tableProblems(csv, chip).map((text) => `PARTITIONS_FILE ${given.partitions}: ${text}`);
    const slotSize = slotSizeIn(csv, tableOffset);
    const notes = missingPlaces(csv, needs);
    return { csv, name: "the application's", slotSize, flashMegabytes, notes, problems: [...problems, ...wrong] };
  }

  const boards = sections.filter(({ owner, partitions }) => owner === "board" && partitions !== undefined).at(-1);
  const boardTable = boards?.partitions === undefined ? undefined : build.read(boards.partitions);
  if (boardTable !== undefined && tableProblems(boardTable, chip).length === 0) {
    const slotSize = slotSizeIn(boardTable, tableOffset);
    const notes = missingPlaces(boardTable, needs);
    return { csv: boardTable, name: "the board's", slotSize, flashMegabytes, notes, problems };
  }

  const size = tableSizeFor(flashMegabytes);
  if (size === undefined) {
    const where = settings.get(`ESPTOOLPY_FLASHSIZE_${flashMegabytes}MB`);
    const said = where === undefined ? "" : ` (CONFIG_${where.name}=y in ${where.file}:${where.line})`;
    const problem = `a flash of ${flashMegabytes} MB${said} has no room for two slots: an update over the air needs 4 MB`;
    return { csv: "", name: "none", slotSize: 0, flashMegabytes, notes: [], problems: [...problems, problem] };
  }
  const csv = partitionTable(size, needs);
  const wrong = tableProblems(csv, chip).map(
    (text) => `the table for ${size} MB does not go with CONFIG_PARTITION_TABLE_OFFSET=${tableOffset}: ${text}`,
  );
  const places = [...(needs.mods ? ["mods"] : []), ...(needs.files === undefined ? [] : ["files"])];
  const name = [`for ${size} MB`, ...(places.length === 0 ? [] : [`with place for ${places.join(" and ")}`])].join(" ");
  return {
    csv,
    name,
    slotSize: slotSizeIn(csv, tableOffset),
    flashMegabytes,
    notes: [],
    problems: [...problems, ...wrong],
  };
}

/** @param {Settings} settings */
function flashMegabytesOf(settings) {
  const names = FLASH_SIZES.map((size) => `ESPTOOLPY_FLASHSIZE_${size}MB`);
  const chosen = chosenOf(settings, names);
  return chosen === undefined ? DEFAULT_FLASH_MEGABYTES : (FLASH_SIZES[names.indexOf(chosen)] ?? 0);
}

/**
 * What the SDK would cut out of a factory partition: a place for a mod archive, one for files.
 * @param {Readonly<Record<string, unknown>>} flat
 */
function needsOf(flat) {
  const defines = asObject(flat.defines) ?? {};
  const partition = asObject(defines.file)?.partition;
  return {
    mods: Boolean(asObject(defines.xs)?.mods ?? defines.XS_MODS),
    files: typeof partition === "string" && partition.length > 1 ? partition.slice(1) : undefined,
  };
}

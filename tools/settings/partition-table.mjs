// @ts-check
/** Partition tables: the library's own, by the size of the flash, and what is wrong with somebody else's. */

const KILOBYTE = 1024;
const MEGABYTE = KILOBYTE * KILOBYTE;
/** Applications begin at multiples of it, and so does everything behind them here. */
const BLOCK = 0x10000;
const SECTOR = 0x1000;

const FIRST_SLOT = 0x20000;
/** As the SDK makes it for a mod archive. */
const MOD_SIZE = 0x40000;
const OTADATA_SIZE = 0x2000;
/** ESP-IDF writes to no smaller one. */
const MIN_NVS_SIZE = 0x3000;
const MAX_TABLE_SIZE = 0x1000;
const MAX_LABEL = 16;

/** Bytes for files, by the megabytes of the flash. The slots share the rest in equal parts, without a remainder. */
const FILES_SIZE = new Map([
  [4, 2 * BLOCK],
  [8, MEGABYTE],
  [16, 4 * MEGABYTE],
]);

/** @typedef {{ readonly mods: boolean, readonly files: string | undefined }} TableNeeds `files`: the partition's label */

/**
 * The largest of the library's tables that fits the flash; `undefined` below 4 MB: two slots of an image of this size
 * have no room there.
 * @param {number} megabytes
 */
export function tableSizeFor(megabytes) {
  return [...FILES_SIZE.keys()].filter((size) => size <= megabytes).at(-1);
}

/** @param {number} value */
const hex = (value) => `0x${value.toString(16)}`;

/**
 * @param {number} megabytes 4, 8 or 16
 * @param {TableNeeds} needs
 */
export function slotSizeOf(megabytes, { mods, files }) {
  const reserved = (mods ? MOD_SIZE : 0) + (files === undefined ? 0 : (FILES_SIZE.get(megabytes) ?? 0));
  return Math.floor((megabytes * MEGABYTE - FIRST_SLOT - reserved) / 2 / BLOCK) * BLOCK;
}

/**
 * The source of the library's table, for ESP-IDF's gen_esp32part.
 * @param {number} megabytes 4, 8 or 16
 * @param {TableNeeds} needs
 */
export function partitionTable(megabytes, needs) {
  const slot = slotSizeOf(megabytes, needs);
  const rest = FIRST_SLOT + 2 * slot;
  const files = FILES_SIZE.get(megabytes) ?? 0;
  /** @type {[label: string, type: string, subtype: string, offset: number, size: number][]} */
  const rows = [
    ["nvs", "data", "nvs", 0x9000, 0x6000],
    ["otadata", "data", "ota", 0xf000, OTADATA_SIZE],
    ["phy_init", "data", "phy", 0x11000, 0x1000],
    ["ota_0", "app", "ota_0", FIRST_SLOT, slot],
    ["ota_1", "app", "ota_1", FIRST_SLOT + slot, slot],
  ];
  if (needs.mods) rows.push(["xs", "0x40", "1", rest, MOD_SIZE]);
  if (needs.files !== undefined) {
    rows.push([needs.files, "data", "spiffs", rest + (needs.mods ? MOD_SIZE : 0), files]);
  }
  return [
    `# Partition table for ${megabytes} MB flash with two equal update slots.`,
    `# An image may be as long as a slot: ${slotText(slot)} bytes. There is no factory application: the first one is flashed into ota_0.`,
    "# The table cannot be changed over the air. NVS has the 0x6000 bytes the SDK needs; 0x12000 to 0x1FFFF is free, since slots begin at 64 KiB.",
    "# Name,   Type, SubType, Offset,   Size,     Flags",
    ...rows.map(
      ([label, type, subtype, offset, size]) =>
        `${`${label},`.padEnd(9)} ${`${type},`.padEnd(5)} ${`${subtype},`.padEnd(8)} ${`${hex(offset)},`.padEnd(9)} ${hex(size)},`,
    ),
    "",
  ].join("\n");
}

/** @param {number} size */
const slotText = (size) => `0x${size.toString(16).toUpperCase()}`;

/** @typedef {{ label: string, type: string, subtype: string, offset: number, size: number }} Row */

/**
 * @param {string} text decimal or hexadecimal, with K or M behind it
 */
function numberOf(text) {
  const [, digits, unit] = /^(0x[0-9a-f]+|\d+)([km]?)$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * ({ k: KILOBYTE, m: MEGABYTE }[(unit ?? "").toLowerCase()] ?? 1);
}

/**
 * @param {string} csv
 * @param {number} start where the first partition may begin
 * @returns {{ rows: Row[], problems: string[] }}
 */
function readRows(csv, start) {
  /** @type {Row[]} */
  const rows = [];
  /** @type {string[]} */
  const problems = [];
  let end = start;
  csv.split(/\r\n|\r|\n/).forEach((text, index) => {
    const line = text.trim();
    if (line === "" || line.startsWith("#")) return;
    const [label = "", typeText = "", subtype = "", offsetText = "", sizeText = ""] = line
      .split(",")
      .map((field) => field.trim());
    const type = { 0: "app", 1: "data" }[String(numberOf(typeText) ?? "")] ?? typeText;
    const align = type === "app" ? BLOCK : SECTOR;
    const offset = offsetText === "" ? Math.ceil(end / align) * align : numberOf(offsetText);
    const size = numberOf(sizeText);
    if (offset === undefined || size === undefined || size === 0) {
      problems.push(`line ${index + 1} of the table has no place or size that can be read`);
      return;
    }
    if (offset < end) problems.push(`"${label}" begins at ${hex(offset)}, before ${hex(end)}, where it is free`);
    if (offset % align !== 0) problems.push(`"${label}" begins at ${hex(offset)}, no multiple of ${hex(align)}`);
    if (label.length > MAX_LABEL) problems.push(`"${label}" is longer than ${MAX_LABEL} characters`);
    end = Math.max(end, offset + size);
    rows.push({ label, type, subtype: subtypeOf(type, subtype), offset, size });
  });
  return { rows, problems };
}

/**
 * A subtype by its name, also where the table has the number.
 * @param {string} type
 * @param {string} text
 */
function subtypeOf(type, text) {
  const value = numberOf(text);
  if (value === undefined) return text.toLowerCase();
  if (type === "app" && value >= 0x10 && value < 0x20) return `ota_${value - 0x10}`;
  const names = type === "app" ? { 0: "factory" } : { 0: "ota", 1: "phy", 2: "nvs" };
  return new Map(Object.entries(names)).get(String(value)) ?? text;
}

/**
 * What keeps a table from taking updates, a line for each; none when it is sound.
 * @param {string} csv
 * @param {{ flashMegabytes: number, tableOffset: number }} chip
 * @returns {string[]}
 */
export function tableProblems(csv, { flashMegabytes, tableOffset }) {
  const { rows, problems } = readRows(csv, tableOffset + MAX_TABLE_SIZE);
  const of = (/** @type {string} */ type, /** @type {string} */ subtype) =>
    rows.filter((row) => row.type === type && row.subtype === subtype);
  const slots = rows.filter(({ type, subtype }) => type === "app" && subtype.startsWith("ota_"));
  const [first] = slots;
  if (slots.length < 2) problems.push("the table lacks two slots, ota_0 and ota_1");
  slots.forEach(({ label, subtype, size }, index) => {
    if (subtype !== `ota_${index}`) problems.push(`"${label}" is ${subtype} where ota_${index} belongs`);
    if (first !== undefined && size !== first.size) {
      problems.push(`"${first.label}" of ${hex(first.size)} and "${label}" of ${hex(size)} bytes are not of one size`);
    }
    if (size % SECTOR !== 0) problems.push(`the size of "${label}" is no multiple of ${hex(SECTOR)}`);
  });
  const [otadata, ...more] = of("data", "ota");
  if (otadata === undefined) problems.push("the table lacks otadata (data, ota), where the slot to start is kept");
  else if (otadata.size !== OTADATA_SIZE) problems.push(`"${otadata.label}" must have ${hex(OTADATA_SIZE)} bytes`);
  if (more.length > 0) problems.push("the table has otadata twice");
  if (!of("data", "nvs").some(({ label, size }) => label === "nvs" && size >= MIN_NVS_SIZE)) {
    problems.push(
      `the table lacks "nvs" (data, nvs) of at least ${hex(MIN_NVS_SIZE)} bytes, where an update is recorded`,
    );
  }
  const labels = rows.map(({ label }) => label);
  for (const label of new Set(labels.filter((name, index) => labels.indexOf(name) !== index))) {
    problems.push(`"${label}" stands in the table twice`);
  }
  const last = rows.reduce((end, { offset, size }) => Math.max(end, offset + size), 0);
  if (last > flashMegabytes * MEGABYTE) {
    problems.push(`the table ends at ${hex(last)}, beyond the flash of ${flashMegabytes} MB`);
  }
  return problems;
}

/**
 * Bytes of the first slot; 0 without one.
 * @param {string} csv
 * @param {number} tableOffset
 */
export function slotSizeIn(csv, tableOffset) {
  const { rows } = readRows(csv, tableOffset + MAX_TABLE_SIZE);
  return rows.find(({ type, subtype }) => type === "app" && subtype === "ota_0")?.size ?? 0;
}

/**
 * What the application asks for and a table of its own has not: no reason to end a build.
 * @param {string} csv
 * @param {TableNeeds} needs
 */
export function missingPlaces(csv, { mods, files }) {
  const { rows } = readRows(csv, 0);
  const has = (/** @type {string} */ label) => rows.some((row) => row.label === label);
  return [
    ...(mods && !has("xs") ? ['the application takes mods, and its table has no partition "xs" for them'] : []),
    ...(files !== undefined && !has(files)
      ? [`the application keeps files, and its table has no partition "${files}"`]
      : []),
  ];
}

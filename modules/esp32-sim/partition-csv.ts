import { Esp32SimError } from "./errors.js";
import {
  APP_SUBTYPE,
  DATA_SUBTYPE,
  PARTITION_TABLE_OFFSET,
  PARTITION_TYPE,
  type Partition,
} from "./partition-table.js";

const FIRST_OFFSET = PARTITION_TABLE_OFFSET + 0x1000;
const APP_ALIGNMENT = 0x10000;
const DATA_ALIGNMENT = 0x1000;
const OTADATA_SIZE = 0x2000;
const NVS_WRITABLE_SIZE = 0x3000;
const LABEL_LENGTH = 16;

const TYPES: Readonly<Record<string, number>> = Object.freeze({ ...PARTITION_TYPE });
const APP_SUBTYPES: Readonly<Record<string, number>> = Object.freeze({ factory: 0x00, test: 0x20 });
const DATA_SUBTYPES: Readonly<Record<string, number>> = Object.freeze({
  ota: 0x00,
  phy: 0x01,
  nvs: 0x02,
  coredump: 0x03,
  nvs_keys: 0x04,
  efuse: 0x05,
  undefined: 0x06,
  esphttpd: 0x80,
  fat: 0x81,
  spiffs: 0x82,
  littlefs: 0x83,
  tee_ota: 0x90,
});

/**
 * Partitions of a table source, offsets filled in and checked by the rules of gen_esp32part for types app, data and
 * numeric ones. `flashSize`, when given, is the chip's size in bytes that the last partition must fit.
 * @throws Esp32SimError "partition-csv", naming the line or the partition
 */
export function partitionsFromCsv(csv: string, options: { flashSize?: number } = {}): Partition[] {
  const partitions: Partition[] = [];
  let end = FIRST_OFFSET;
  csv.split(/\r?\n/).forEach((text, index) => {
    const line = text.trim();
    if (line === "" || line.startsWith("#")) return;
    const partition = parseLine(line, index + 1, end);
    partitions.push(partition);
    end = partition.offset + partition.size;
  });
  checkTable(partitions, options.flashSize);
  return partitions;
}

function parseLine(line: string, lineNumber: number, previousEnd: number): Partition {
  const [label = "", typeText = "", subtypeText = "", offsetText = "", sizeText = "", flagText = ""] = line
    .split(",")
    .map((field) => field.trim());
  const refuse = (reason: string): never => {
    throw new Esp32SimError("partition-csv", `line ${lineNumber}: ${reason}`);
  };
  const number = (text: string, keywords: Readonly<Record<string, number>> = {}): number =>
    parseNumber(text) ?? ownValue(keywords, text.toLowerCase()) ?? refuse(`value "${text}" is not valid`);
  /** Type and subtype are one byte of the table. */
  const byte: typeof number = (text, keywords) => {
    const value = number(text, keywords);
    return value >= 0 && value <= 0xff ? value : refuse(`value "${text}" is not within 0 and 0xff`);
  };

  const type = byte(typeText, TYPES);
  if (type === PARTITION_TYPE.bootloader || type === PARTITION_TYPE.partition_table) {
    refuse("bootloader and partition table records are not supported");
  }
  const subtype = parseSubtype(type, subtypeText, byte, refuse);
  const alignment = type === PARTITION_TYPE.app ? APP_ALIGNMENT : DATA_ALIGNMENT;
  const offset = offsetText === "" ? Math.ceil(previousEnd / alignment) * alignment : number(offsetText);
  if (offset < previousEnd) refuse(`offset 0x${offset.toString(16)} is below 0x${previousEnd.toString(16)}`);
  if (sizeText === "") refuse("the size is missing");
  let size = number(sizeText);
  if (size < 0) size = -size - offset;
  if (size <= 0) refuse("the size is not positive");
  if (label.length > LABEL_LENGTH) refuse(`label "${label}" is longer than ${LABEL_LENGTH} characters`);
  const flags = flagText.split(":").filter((flag) => flag !== "");
  for (const flag of flags) if (flag !== "encrypted" && flag !== "readonly") refuse(`flag "${flag}" is unknown`);
  return {
    type,
    subtype,
    offset,
    size,
    label,
    encrypted: flags.includes("encrypted"),
    readOnly: flags.includes("readonly"),
  };
}

function parseSubtype(
  type: number,
  text: string,
  number: (text: string, keywords?: Readonly<Record<string, number>>) => number,
  refuse: (reason: string) => never,
): number {
  if (text === "") return type === PARTITION_TYPE.app ? refuse("an app needs a subtype") : 0x06;
  const slot = type === PARTITION_TYPE.app ? /^ota_(\d+)$/.exec(text) : null;
  if (slot) {
    const index = Number(slot[1]);
    return index < 16 ? APP_SUBTYPE.ota0 + index : refuse(`subtype "${text}" is beyond ota_15`);
  }
  if (type === PARTITION_TYPE.app) return number(text, APP_SUBTYPES);
  return type === PARTITION_TYPE.data ? number(text, DATA_SUBTYPES) : number(text);
}

/** The text comes from outside: what every object inherits is no keyword. */
function ownValue(keywords: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(keywords, name) ? keywords[name] : undefined;
}

/** Decimal, 0x, 0o and 0b numbers with an optional sign and an optional K or M suffix; undefined for anything else. */
function parseNumber(text: string): number | undefined {
  const match = /^([+-]?)(0x[0-9a-f]+|0o[0-7]+|0b[01]+|\d+)([km]?)$/i.exec(text);
  if (!match) return undefined;
  const scale = { k: 1024, m: 1024 * 1024 }[(match[3] ?? "").toLowerCase()] ?? 1;
  return (match[1] === "-" ? -1 : 1) * Number(match[2]) * scale;
}

function checkTable(partitions: readonly Partition[], flashSize: number | undefined): void {
  const refuse = (partition: Partition, reason: string): never => {
    throw new Esp32SimError("partition-csv", `partition "${partition.label}": ${reason}`);
  };
  const labels: string[] = [];
  let otadata = 0;
  for (const partition of partitions) {
    const isApp = partition.type === PARTITION_TYPE.app;
    if (partition.offset % (isApp ? APP_ALIGNMENT : DATA_ALIGNMENT) !== 0) refuse(partition, "offset is not aligned");
    if (isApp && partition.size % DATA_ALIGNMENT !== 0) refuse(partition, "size is not a multiple of 0x1000");
    if (labels.includes(partition.label)) refuse(partition, "label is used twice");
    labels.push(partition.label);
    if (partition.type === PARTITION_TYPE.data) {
      if (partition.subtype === DATA_SUBTYPE.ota) {
        otadata += 1;
        if (otadata > 1) refuse(partition, "is a second otadata");
        if (partition.size !== OTADATA_SIZE) refuse(partition, "otadata is 0x2000 bytes long");
      }
      const alwaysWritten = partition.subtype === DATA_SUBTYPE.ota || partition.subtype === DATA_SUBTYPE.coredump;
      if (alwaysWritten && partition.readOnly) refuse(partition, "cannot be read-only");
      if (partition.subtype === DATA_SUBTYPE.nvs && partition.size < NVS_WRITABLE_SIZE && !partition.readOnly) {
        refuse(partition, "NVS below 0x3000 bytes must be read-only");
      }
    }
    if (flashSize !== undefined && partition.offset + partition.size > flashSize) {
      refuse(partition, `ends beyond the flash of ${flashSize} bytes`);
    }
  }
}

import { equalBytes, readText, readU16, readU32, writeText, writeU16, writeU32 } from "./bytes.js";
import { type DigestConstructor, digestOf } from "./digest.js";
import { Esp32SimError } from "./errors.js";
import { ESP_ERR } from "./esp-err.js";

/** Where the table stands in flash. [CONFIG_PARTITION_TABLE_OFFSET] */
export const PARTITION_TABLE_OFFSET = 0x8000;
/** Bytes of records, MD5 record and end record together: 96 records of 32 bytes. */
export const PARTITION_TABLE_LENGTH = 0xc00;
const RECORD_LENGTH = 32;
const MAGIC = 0x50aa;
const MD5_MAGIC = 0xebeb;
const END_MAGIC = 0xffff;
const LABEL_LENGTH = 16;

/** Types of partitions, as ESP-IDF numbers them. */
export const PARTITION_TYPE = Object.freeze({ app: 0x00, data: 0x01, bootloader: 0x02, partition_table: 0x03 });
/** Subtypes of application partitions; `ota0` is the first of sixteen, `otaEnd` lies behind the last. */
export const APP_SUBTYPE = Object.freeze({ factory: 0x00, ota0: 0x10, otaEnd: 0x20, test: 0x20 });
/** Subtypes of data partitions that are looked at. */
export const DATA_SUBTYPE = Object.freeze({ ota: 0x00, phy: 0x01, nvs: 0x02, coredump: 0x03 });

/** One record of the table. `offset` and `size` in bytes of the flash. */
export type Partition = {
  type: number;
  subtype: number;
  offset: number;
  size: number;
  label: string;
  encrypted: boolean;
  readOnly: boolean;
};

/** True for ota_0 to ota_15. */
export function isOtaSlot(partition: Partition): boolean {
  return (
    partition.type === PARTITION_TYPE.app &&
    partition.subtype >= APP_SUBTYPE.ota0 &&
    partition.subtype < APP_SUBTYPE.otaEnd
  );
}

/** The number of an OTA slot: 1 for ota_1. Only the low 4 bits count, as in ESP-IDF, so "test" (0x20) gives 0. */
export function slotIndex(partition: Partition): number {
  return partition.subtype & 15;
}

/**
 * The table's 3072 bytes. With `md5` an MD5 record follows the last partition (CONFIG_PARTITION_TABLE_MD5), without it
 * none.
 * @throws Esp32SimError "partition-table" when the records do not fit
 */
export function buildPartitionTable(
  partitions: readonly Partition[],
  options: { md5?: DigestConstructor } = {},
): Uint8Array {
  const table = new Uint8Array(PARTITION_TABLE_LENGTH).fill(0xff);
  const end = partitions.length * RECORD_LENGTH;
  if (end + (options.md5 ? RECORD_LENGTH : 0) >= PARTITION_TABLE_LENGTH) {
    throw new Esp32SimError("partition-table", `${partitions.length} partitions do not fit a table`);
  }
  partitions.forEach((partition, index) => {
    table.set(encodeRecord(partition), index * RECORD_LENGTH);
  });
  if (options.md5) {
    writeU16(table, end, MD5_MAGIC);
    table.set(digestOf(options.md5, "MD5", table.subarray(0, end)), end + 16);
  }
  return table;
}

function encodeRecord(partition: Partition): Uint8Array {
  const record = new Uint8Array(RECORD_LENGTH);
  writeU16(record, 0, MAGIC);
  record[2] = partition.type;
  record[3] = partition.subtype;
  writeU32(record, 4, partition.offset);
  writeU32(record, 8, partition.size);
  writeText(record, 12, LABEL_LENGTH, partition.label);
  writeU32(record, 28, (partition.encrypted ? 1 : 0) | (partition.readOnly ? 2 : 0));
  return record;
}

function decodeRecord(record: Uint8Array): Partition {
  const flags = readU32(record, 28);
  return {
    type: record[2] ?? 0,
    subtype: record[3] ?? 0,
    offset: readU32(record, 4),
    size: readU32(record, 8),
    label: readText(record, 12, LABEL_LENGTH),
    encrypted: (flags & 1) !== 0,
    readOnly: (flags & 2) !== 0,
  };
}

/** What a reader of the table found; `error` is an ESP-IDF number and `partitions` is empty unless it is 0. */
export type PartitionTableView = { error: number; partitions: readonly Partition[] };

/**
 * The bootloader's reading of a table. [esp_partition_table_verify] `flashSize` is the chip size in the bootloader
 * image's header. The MD5 record is optional, the end record is not; 0x103 or 0x104 make the bootloader reset for ever.
 */
export function verifyPartitionTable(
  table: Uint8Array,
  options: { flashSize: number; Digest: DigestConstructor },
): PartitionTableView {
  const partitions: Partition[] = [];
  const refuse = (error: number): PartitionTableView => ({ error, partitions: [] });
  let md5Seen = false;
  for (let at = 0; at + RECORD_LENGTH <= Math.min(table.length, PARTITION_TABLE_LENGTH); at += RECORD_LENGTH) {
    const record = table.subarray(at, at + RECORD_LENGTH);
    const magic = readU16(record, 0);
    if (magic === MAGIC) {
      const partition = decodeRecord(record);
      if (partition.offset > options.flashSize || partition.size > options.flashSize - partition.offset) {
        return refuse(ESP_ERR.ESP_ERR_INVALID_SIZE);
      }
      partitions.push(partition);
    } else if (magic === MD5_MAGIC) {
      if (md5Seen || !md5Matches(table, at, options.Digest)) return refuse(ESP_ERR.ESP_ERR_INVALID_STATE);
      md5Seen = true;
    } else if (magic === END_MAGIC && record[2] === 0xff && record[3] === 0xff && at > 0) {
      return { error: ESP_ERR.ESP_OK, partitions };
    } else {
      return refuse(ESP_ERR.ESP_ERR_INVALID_STATE);
    }
  }
  return refuse(ESP_ERR.ESP_ERR_INVALID_STATE);
}

/**
 * The application's reading of a table: records up to the first that is none. With `md5Required`
 * (CONFIG_PARTITION_TABLE_MD5 of the application's build) the MD5 record must be there (else 0x105) and right (else
 * 0x103), and otherwise the application has no partition at all.
 */
export function readPartitionTable(
  table: Uint8Array,
  options: { md5Required: boolean; Digest: DigestConstructor },
): PartitionTableView {
  const partitions: Partition[] = [];
  let at = 0;
  while (at + RECORD_LENGTH <= table.length && readU16(table, at) === MAGIC) {
    partitions.push(decodeRecord(table.subarray(at, at + RECORD_LENGTH)));
    at += RECORD_LENGTH;
  }
  if (options.md5Required) {
    if (readU16(table, at) !== MD5_MAGIC) return { error: ESP_ERR.ESP_ERR_NOT_FOUND, partitions: [] };
    if (!md5Matches(table, at, options.Digest)) return { error: ESP_ERR.ESP_ERR_INVALID_STATE, partitions: [] };
  }
  return { error: ESP_ERR.ESP_OK, partitions };
}

function md5Matches(table: Uint8Array, at: number, Digest: DigestConstructor): boolean {
  return equalBytes(digestOf(Digest, "MD5", table.subarray(0, at)), table.subarray(at + 16, at + 32));
}

import type { DigestConstructor } from "./digest.js";
import { Esp32SimError } from "./errors.js";
import { buildPartitionTable, PARTITION_TABLE_OFFSET, type Partition } from "./partition-table.js";

export type FlashImageOptions = {
  /** Bytes of the chip. Default 4 MiB. */
  size?: number;
  partitions: readonly Partition[];
  /** Write the table's MD5 record. Default true. */
  md5?: boolean;
  /** Partition contents by label, written from the partition's start. */
  images?: Readonly<Record<string, Uint8Array>>;
  Digest: DigestConstructor;
};

/**
 * The whole flash as a cable leaves it: blank, the partition table, images in their partitions; otadata blank.
 * @throws Esp32SimError "partition-table" for an unknown label or contents larger than the partition
 */
export function createFlashImage(options: FlashImageOptions): Uint8Array {
  const flash = new Uint8Array(options.size ?? 4 * 1024 * 1024).fill(0xff);
  const table = buildPartitionTable(options.partitions, (options.md5 ?? true) ? { md5: options.Digest } : {});
  flash.set(table, PARTITION_TABLE_OFFSET);
  for (const [label, bytes] of Object.entries(options.images ?? {})) {
    const partition = options.partitions.find((candidate) => candidate.label === label);
    if (!partition) throw new Esp32SimError("partition-table", `no partition is called "${label}"`);
    if (bytes.length > partition.size || partition.offset + bytes.length > flash.length) {
      throw new Esp32SimError("partition-table", `${bytes.length} bytes do not fit partition "${label}"`);
    }
    flash.set(bytes, partition.offset);
  }
  return flash;
}

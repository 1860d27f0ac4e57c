import type { DigestConstructor } from "./digest.js";
import { Esp32SimError } from "./errors.js";
import { type ByteStore, MemoryStore, SECTOR_SIZE } from "./flash-device.js";
import { buildPartitionTable, PARTITION_TABLE_OFFSET, type Partition } from "./partition-table.js";

/** What a cable writes into a blank chip. */
export type FlashContents = {
  partitions: readonly Partition[];
  /** Write the table's MD5 record. Default true. */
  md5?: boolean;
  /** Partition contents by label, written from the partition's start. */
  images?: Readonly<Record<string, Uint8Array>>;
  Digest: DigestConstructor;
};

/**
 * Fills a store as a cable leaves a chip: blank, the partition table, images in their partitions; otadata blank. Works
 * in pieces of a sector.
 * @throws Esp32SimError "partition-table" for an unknown label or contents larger than the partition; nothing is
 * written then
 */
export function formatFlash(store: ByteStore, contents: FlashContents): void {
  const { partitions, Digest, images = {}, md5 = true } = contents;
  const table = buildPartitionTable(partitions, md5 ? { md5: Digest } : {});
  const parts: { offset: number; bytes: Uint8Array }[] = [{ offset: PARTITION_TABLE_OFFSET, bytes: table }];
  for (const [label, bytes] of Object.entries(images)) {
    const partition = partitions.find((candidate) => candidate.label === label);
    if (!partition) throw new Esp32SimError("partition-table", `no partition is called "${label}"`);
    if (bytes.length > partition.size || partition.offset + bytes.length > store.size) {
      throw new Esp32SimError("partition-table", `${bytes.length} bytes do not fit partition "${label}"`);
    }
    parts.push({ offset: partition.offset, bytes });
  }
  const blank = new Uint8Array(SECTOR_SIZE).fill(0xff);
  for (let at = 0; at < store.size; at += SECTOR_SIZE) store.write(at, blank);
  for (const { offset, bytes } of parts) store.write(offset, bytes);
}

/** What lies in the flash, and how large it is. */
export type FlashImageOptions = FlashContents & {
  /** Bytes of the chip. Default 4 MiB. */
  size?: number;
};

/** The whole flash in memory, as `formatFlash` leaves it. @throws Esp32SimError "partition-table" */
export function createFlashImage(options: FlashImageOptions): Uint8Array {
  const store = new MemoryStore(options.size ?? 4 * 1024 * 1024);
  formatFlash(store, options);
  return store.bytes;
}

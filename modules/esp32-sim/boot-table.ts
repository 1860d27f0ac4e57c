import type { DigestConstructor } from "./digest.js";
import type { FlashDevice } from "./flash-device.js";
import {
  APP_SUBTYPE,
  DATA_SUBTYPE,
  isOtaSlot,
  PARTITION_TABLE_LENGTH,
  PARTITION_TABLE_OFFSET,
  PARTITION_TYPE,
  type Partition,
  slotIndex,
  verifyPartitionTable,
} from "./partition-table.js";

/**
 * What the bootloader keeps of the partition table. `slots` is indexed by slot number, `count` is how many OTA records
 * there are: only numbers below it can boot.
 */
export type BootTable = {
  error: number;
  factory: Partition | undefined;
  test: Partition | undefined;
  otadata: Partition | undefined;
  slots: readonly (Partition | undefined)[];
  count: number;
};

/** Index of the factory application in the bootloader's search. */
export const FACTORY_INDEX = -1;

/** Reads the table as the bootloader does: of several factory, test or otadata records the last one counts. */
export function readBootTable(flash: FlashDevice, flashSize: number, Digest: DigestConstructor): BootTable {
  const bytes = flash.read(PARTITION_TABLE_OFFSET, PARTITION_TABLE_LENGTH);
  const { error, partitions } = verifyPartitionTable(bytes, { flashSize, Digest });
  const last = (type: number, subtype: number): Partition | undefined =>
    partitions.filter((partition) => partition.type === type && partition.subtype === subtype).pop();
  const slots: (Partition | undefined)[] = [];
  let count = 0;
  for (const partition of partitions) {
    if (!isOtaSlot(partition)) continue;
    slots[slotIndex(partition)] = partition;
    count += 1;
  }
  return {
    error,
    factory: last(PARTITION_TYPE.app, APP_SUBTYPE.factory),
    test: last(PARTITION_TYPE.app, APP_SUBTYPE.test),
    otadata: last(PARTITION_TYPE.data, DATA_SUBTYPE.ota),
    slots,
    count,
  };
}

import { type AppDescriptor, readDescriptor } from "./app-descriptor.js";
import type { DigestConstructor } from "./digest.js";
import { Esp32SimError } from "./errors.js";
import { ESP_ERR } from "./esp-err.js";
import { type FlashDevice, SECTOR_SIZE } from "./flash-device.js";
import { eraseFlash, writeFlash } from "./flash-driver.js";
import { DESCRIPTOR_LENGTH, DESCRIPTOR_OFFSET } from "./image-layout.js";
import { type ImageReport, verifyImage } from "./image-verify.js";
import type { OtaEntries } from "./otadata.js";
import { readOtaEntries } from "./otadata-store.js";
import { APP_SUBTYPE, DATA_SUBTYPE, PARTITION_TYPE, type Partition } from "./partition-table.js";
import type { SecureVersionFuse } from "./secure-version.js";

/** What a running application has of the chip. One object for each boot: a reset makes a new one. */
export type AppContext = {
  flash: FlashDevice;
  Digest: DigestConstructor;
  partitions: readonly Partition[];
  running: Partition;
  rollback: boolean;
  chipRevision: number;
  antiRollback: SecureVersionFuse | undefined;
};

/** The first partition of a type and subtype, as esp_partition_find_first without a label. */
export function findFirst(context: AppContext, type: number, subtype: number): Partition | undefined {
  return context.partitions.find((partition) => partition.type === type && partition.subtype === subtype);
}

export function findSlot(context: AppContext, index: number): Partition | undefined {
  return findFirst(context, PARTITION_TYPE.app, APP_SUBTYPE.ota0 + index);
}

/**
 * Slots as the application counts them: from ota_0 until the first that is missing. [esp_ota_get_app_partition_count]
 */
export function countSlots(context: AppContext): number {
  let count = 0;
  while (count < 16 && findSlot(context, count)) count += 1;
  return count;
}

/** otadata and its two entries, or undefined when the table has none. */
export function readOtadata(context: AppContext): { partition: Partition; entries: OtaEntries } | undefined {
  const partition = findFirst(context, PARTITION_TYPE.data, DATA_SUBTYPE.ota);
  return partition && { partition, entries: readOtaEntries(context.flash, partition) };
}

/**
 * esp_image_verify of a whole partition.
 * @throws Esp32SimError "assertion" with anti-rollback, when the first segment begins with no descriptor: there
 * ESP-IDF's code aborts the application
 */
export function verifyPartition(context: AppContext, partition: Partition): ImageReport {
  const report = verifyImage(
    { size: partition.size, read: (offset, length) => context.flash.read(partition.offset + offset, length) },
    { Digest: context.Digest, mode: "app", chipRevision: context.chipRevision },
  );
  if (context.antiRollback && report.segments.length > 0 && !report.descriptor) {
    throw new Esp32SimError("assertion", "esp_image_verify: no descriptor to take a secure version from");
  }
  return report;
}

export function describePartition(context: AppContext, partition: Partition): AppDescriptor | undefined {
  return readDescriptor(context.flash.read(partition.offset + DESCRIPTOR_OFFSET, DESCRIPTOR_LENGTH));
}

function rangeError(partition: Partition, offset: number, length: number): number {
  if (offset > partition.size) return ESP_ERR.ESP_ERR_INVALID_ARG;
  return offset + length > partition.size ? ESP_ERR.ESP_ERR_INVALID_SIZE : ESP_ERR.ESP_OK;
}

/** esp_partition_erase_range. */
export function erasePartition(context: AppContext, partition: Partition, offset: number, length: number): number {
  if (partition.readOnly) return ESP_ERR.ESP_ERR_NOT_ALLOWED;
  const outside = rangeError(partition, offset, length);
  if (outside !== ESP_ERR.ESP_OK) return outside;
  if (length % SECTOR_SIZE !== 0) return ESP_ERR.ESP_ERR_INVALID_SIZE;
  if (offset % SECTOR_SIZE !== 0) return ESP_ERR.ESP_ERR_INVALID_ARG;
  return eraseFlash(context.flash, partition.offset + offset, length);
}

/** esp_partition_write. */
export function writePartition(context: AppContext, partition: Partition, offset: number, bytes: Uint8Array): number {
  if (partition.readOnly) return ESP_ERR.ESP_ERR_NOT_ALLOWED;
  const error = rangeError(partition, offset, bytes.length);
  return error === ESP_ERR.ESP_OK ? writeFlash(context.flash, partition.offset + offset, bytes) : error;
}

/** esp_partition_read. */
export function readPartition(
  context: AppContext,
  partition: Partition,
  offset: number,
  length: number,
): { error: number; bytes: Uint8Array } {
  const error = rangeError(partition, offset, length);
  if (error !== ESP_ERR.ESP_OK) return { error, bytes: new Uint8Array(0) };
  return { error, bytes: context.flash.read(partition.offset + offset, length) };
}

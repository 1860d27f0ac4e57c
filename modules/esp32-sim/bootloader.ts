import { type AppDescriptor, readDescriptor } from "./app-descriptor.js";
import { chooseBoot, searchOrder } from "./boot-choice.js";
import { type BootTable, FACTORY_INDEX, readBootTable } from "./boot-table.js";
import type { DigestConstructor } from "./digest.js";
import { Esp32SimError } from "./errors.js";
import { ESP_ERR, espErrorName } from "./esp-err.js";
import { type FlashDevice, SECTOR_SIZE } from "./flash-device.js";
import { DESCRIPTOR_LENGTH, DESCRIPTOR_OFFSET } from "./image-layout.js";
import { type ImageReport, verifyImage } from "./image-verify.js";
import { makeOtaEntry, OTA_STATE, type OtaEntry, otaStateName } from "./otadata.js";
import { readOtaEntries, rewriteOtaEntry } from "./otadata-store.js";
import type { Partition } from "./partition-table.js";
import type { SecureVersionFuse } from "./secure-version.js";

export type BootloaderOptions = {
  flash: FlashDevice;
  Digest: DigestConstructor;
  rollback: boolean;
  skipValidate: boolean;
  chipRevision: number;
  /** Chip size in the bootloader image's header. */
  flashSize: number;
  antiRollback: SecureVersionFuse | undefined;
};

/** Outcome of a reset. `steps` is a readable account; "reset-loop" means that every further reset ends the same way. */
export type BootResult =
  | {
      outcome: "app";
      partition: Partition;
      label: string;
      offset: number;
      image: ImageReport;
      steps: readonly string[];
    }
  | {
      outcome: "reset-loop";
      reason: "partition-table" | "otadata" | "no-bootable-image" | "assertion";
      steps: readonly string[];
    };

/**
 * The second-stage bootloader: chooses, rewrites otadata, verifies and "loads". Failed writes are noted and ignored, as
 * ESP-IDF does. An image that makes it reset is met by the next run as one that has had its boot; without rollback
 * nothing is remembered, and every run ends so.
 */
export function runBootloader(options: BootloaderOptions): BootResult {
  const steps: string[] = [];
  for (;;) {
    const before = steps.length;
    try {
      return runOnce(options, steps);
    } catch (error) {
      if (!(error instanceof Esp32SimError) || error.code !== "assertion") throw error;
      const hasWritten = steps.slice(before).some((step) => step.startsWith("otadata entry"));
      steps.push(`the bootloader resets: ${error.message}`);
      if (!hasWritten) return { outcome: "reset-loop", reason: "assertion", steps };
    }
  }
}

function runOnce(options: BootloaderOptions, steps: string[]): BootResult {
  const table = readBootTable(options.flash, options.flashSize, options.Digest);
  if (table.error !== ESP_ERR.ESP_OK) {
    steps.push(`partition table refused: ${espErrorName(table.error)}`);
    return { outcome: "reset-loop", reason: "partition-table", steps };
  }
  const { otadata } = table;
  if (!otadata) return search(options, table, { start: FACTORY_INDEX, initialContents: false }, steps);
  if (otadata.size < 2 * SECTOR_SIZE) {
    steps.push("otadata partition is too small");
    return { outcome: "reset-loop", reason: "otadata", steps };
  }
  const fuse = options.antiRollback;
  const choice = chooseBoot(readOtaEntries(options.flash, otadata), {
    rollback: options.rollback,
    slots: table.count,
    hasFactory: table.factory !== undefined,
    ...(fuse && { secureVersionAllows: (slot: number) => levelAllows(options, table.slots[slot]) }),
  });
  for (const { index, entry } of choice.rewrites) rewrite(options, otadata, index, entry, steps);
  // Before the image is looked at: a confirmed slot raises the level also when it does not load and another one is
  // started.
  if (choice.active?.state === OTA_STATE.VALID) raiseLevel(options, table.slots[choice.start], steps);
  return search(options, table, choice, steps);
}

function search(
  options: BootloaderOptions,
  table: BootTable,
  choice: { start: number; initialContents: boolean },
  steps: string[],
): BootResult {
  for (const index of searchOrder(choice.start, table.count)) {
    const partition = index === FACTORY_INDEX ? table.factory : table.slots[index];
    const image = partition && tryLoad(options, partition, steps);
    if (!partition || !image) continue;
    if (choice.initialContents && index >= 0 && table.otadata) {
      rewrite(options, table.otadata, 0, makeOtaEntry(index + 1, OTA_STATE.VALID), steps);
      raiseLevel(options, partition, steps);
    }
    return { outcome: "app", partition, label: partition.label, offset: partition.offset, image, steps };
  }
  const image = table.test && tryLoad(options, table.test, steps);
  if (table.test && image) {
    return { outcome: "app", partition: table.test, label: table.test.label, offset: table.test.offset, image, steps };
  }
  steps.push("no bootable image");
  return { outcome: "reset-loop", reason: "no-bootable-image", steps };
}

function tryLoad(options: BootloaderOptions, partition: Partition, steps: string[]): ImageReport | undefined {
  if (!levelAllows(options, partition)) {
    steps.push(`${partition.label} refused: secure version too low`);
    return undefined;
  }
  const image = inspect(options, partition);
  if (image.error !== ESP_ERR.ESP_OK) {
    steps.push(`${partition.label} refused: ${image.reason ?? espErrorName(image.error)}`);
    return undefined;
  }
  steps.push(`${partition.label} booted`);
  return image;
}

function inspect(options: BootloaderOptions, partition: Partition): ImageReport {
  return verifyImage(
    { size: partition.size, read: (offset, length) => options.flash.read(partition.offset + offset, length) },
    {
      Digest: options.Digest,
      mode: "bootloader",
      skipValidate: options.skipValidate,
      chipRevision: options.chipRevision,
    },
  );
}

/**
 * The descriptor as it lies in the slot, whatever chip its image is for and whether or not it is whole.
 * [bootloader_common_get_partition_description]
 */
function descriptorIn(options: BootloaderOptions, partition: Partition): AppDescriptor | undefined {
  return readDescriptor(options.flash.read(partition.offset + DESCRIPTOR_OFFSET, DESCRIPTOR_LENGTH));
}

/** Without anti-rollback every slot is. [check_anti_rollback] */
function levelAllows(options: BootloaderOptions, partition: Partition | undefined): boolean {
  const fuse = options.antiRollback;
  if (!fuse) return true;
  const descriptor = partition && descriptorIn(options, partition);
  return descriptor !== undefined && descriptor.secureVersion >= fuse.level();
}

/** [update_anti_rollback] */
function raiseLevel(options: BootloaderOptions, partition: Partition | undefined, steps: string[]): void {
  const fuse = options.antiRollback;
  const descriptor = fuse && partition && descriptorIn(options, partition);
  if (!descriptor || descriptor.secureVersion === fuse.level()) return;
  const error = fuse.raise(descriptor.secureVersion);
  const result = error === ESP_ERR.ESP_OK ? "" : `, failed: ${espErrorName(error)}`;
  steps.push(`secure version raised to ${descriptor.secureVersion}${result}`);
}

function rewrite(options: BootloaderOptions, otadata: Partition, index: 0 | 1, entry: OtaEntry, steps: string[]): void {
  const error = rewriteOtaEntry(options.flash, otadata, index, entry);
  const result = error === ESP_ERR.ESP_OK ? "" : `, failed: ${espErrorName(error)}`;
  steps.push(`otadata entry ${index} set to ${entry.seq} ${otaStateName(entry.state)}${result}`);
}

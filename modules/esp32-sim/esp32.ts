import {
  type AppContext,
  describePartition,
  erasePartition,
  findFirst,
  readOtadata,
  readPartition,
  verifyPartition,
  writePartition,
} from "./app-context.js";
import type { AppDescriptor } from "./app-descriptor.js";
import { type BootResult, runBootloader } from "./bootloader.js";
import { type BundleRecord, readBundle } from "./bundle-image.js";
import type { DigestConstructor } from "./digest.js";
import { Esp32SimError } from "./errors.js";
import type { FlashDevice } from "./flash-device.js";
import type { ImageReport } from "./image-verify.js";
import { OtaApi } from "./ota-api.js";
import { nextUpdatePartition } from "./ota-state.js";
import { blankOtaEntry, type OtaEntries } from "./otadata.js";
import {
  PARTITION_TABLE_LENGTH,
  PARTITION_TABLE_OFFSET,
  PARTITION_TYPE,
  type Partition,
  readPartitionTable,
} from "./partition-table.js";
import type { SecureVersionFuse } from "./secure-version.js";

/** How the simulated chip and its firmware are built. */
export type Esp32Options = {
  /** All flash effects go through it. */
  flash: FlashDevice;
  Digest: DigestConstructor;
  /** CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE of bootloader and application. Default true. */
  rollback?: boolean;
  /** The bootloader's setting where it differs from the application's. Default: `rollback`. */
  bootloaderRollback?: boolean;
  /** CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS. Default false. */
  skipValidate?: boolean;
  /** Major * 100 + minor. Default 301. */
  chipRevision?: number;
  /** CONFIG_PARTITION_TABLE_MD5 of the application. Default true. */
  partitionTableMd5?: boolean;
  /** Chip size in the bootloader image's header, bytes. Default: the flash's size. */
  flashSize?: number;
  /** Anti-rollback on, with this eFuse field. Default: off. */
  antiRollback?: SecureVersionFuse;
};

/**
 * An ESP32 from reset to running application: bootloader over flash, then the esp_ota_* and esp_partition_* calls of
 * what was booted.
 */
export class Esp32 {
  #options: Esp32Options;
  #context: AppContext | undefined;
  #ota: OtaApi | undefined;

  constructor(options: Esp32Options) {
    this.#options = options;
  }

  /** A reset: runs the bootloader, which may write otadata. What ran before is gone, its OTA handles too. */
  boot(): BootResult {
    this.#context = undefined;
    this.#ota = undefined;
    const { flash, Digest, rollback = true, chipRevision = 301, antiRollback } = this.#options;
    const result = runBootloader({
      flash,
      Digest,
      rollback: this.#options.bootloaderRollback ?? rollback,
      skipValidate: this.#options.skipValidate ?? false,
      chipRevision,
      flashSize: this.#options.flashSize ?? flash.size,
      antiRollback,
    });
    if (result.outcome === "app") {
      const { partitions } = readPartitionTable(flash.read(PARTITION_TABLE_OFFSET, PARTITION_TABLE_LENGTH), {
        md5Required: this.#options.partitionTableMd5 ?? true,
        Digest,
      });
      const running = partitions.find(({ offset }) => offset === result.offset) ?? result.partition;
      this.#context = { flash, Digest, partitions, running, rollback, chipRevision, antiRollback };
      this.#ota = new OtaApi(this.#context);
    }
    return result;
  }

  /** The partition whose code runs; undefined before a boot and in a reset loop. */
  get running(): Partition | undefined {
    return this.#context?.running;
  }

  /** The table as the application sees it; empty while none runs. */
  get partitions(): readonly Partition[] {
    return this.#context?.partitions ?? [];
  }

  /** CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE as the application was built. */
  get rollback(): boolean {
    return this.#options.rollback ?? true;
  }

  /** Major * 100 + minor. */
  get chipRevision(): number {
    return this.#options.chipRevision ?? 301;
  }

  /** Lowest secure version that the bootloader starts; 0 without anti-rollback. */
  get secureVersion(): number {
    return this.#options.antiRollback?.level() ?? 0;
  }

  /** @throws Esp32SimError "not-booted" */
  get ota(): OtaApi {
    if (!this.#ota) throw new Esp32SimError("not-booted", "no application is running");
    return this.#ota;
  }

  /** The two otadata entries as stored; blank ones when the table has no otadata. @throws Esp32SimError "not-booted" */
  otadata(): OtaEntries {
    return readOtadata(this.booted())?.entries ?? [blankOtaEntry(), blankOtaEntry()];
  }

  /**
   * A partition by the paths of the SDK's flash module: "running", "nextota", "xs", or the label of a data partition.
   */
  findPartition(path: string): Partition | undefined {
    const context = this.booted();
    if (path === "running") return context.running;
    if (path === "nextota") return nextUpdatePartition(context);
    if (path === "xs") return findFirst(context, 0x40, 1);
    return context.partitions.find(({ type, label }) => type === PARTITION_TYPE.data && label === path);
  }

  /** esp_partition_read. */
  readPartition(partition: Partition, offset: number, length: number): { error: number; bytes: Uint8Array } {
    return readPartition(this.booted(), partition, offset, length);
  }

  /** esp_partition_write: ANDs into what is there. */
  writePartition(partition: Partition, offset: number, bytes: Uint8Array): number {
    return writePartition(this.booted(), partition, offset, bytes);
  }

  /** esp_partition_erase_range. */
  erasePartition(partition: Partition, offset: number, length: number): number {
    return erasePartition(this.booted(), partition, offset, length);
  }

  /** The firmware bundle in the flash of the running slot, or undefined when its image carries none. */
  readRunningBundle(): BundleRecord | undefined {
    const { flash, running } = this.booted();
    return readBundle((offset, length) => flash.read(running.offset + offset, length));
  }

  /** The descriptor in a partition, whether or not its image is whole. */
  describe(partition: Partition): AppDescriptor | undefined {
    return describePartition(this.booted(), partition);
  }

  /** esp_image_verify of a partition. */
  imageReport(partition: Partition): ImageReport {
    return verifyPartition(this.booted(), partition);
  }

  private booted(): AppContext {
    if (!this.#context) throw new Esp32SimError("not-booted", "no application is running");
    return this.#context;
  }
}

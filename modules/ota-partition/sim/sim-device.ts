import {
  type BootResult,
  type ByteStore,
  buildBundleImage,
  type DigestConstructor,
  ESP_ERR,
  Esp32,
  espErrorName,
  FlashMemory,
  formatFlash,
  type Partition,
  SECTOR_SIZE,
} from "../../esp32-sim/index.js";
import type { BootControl, SlotFlash } from "../boot-control.js";
import { OtaPartitionError } from "../errors.js";
import { Esp32BootControl } from "../esp32/boot-control.js";
import { SimulatedBootFunctions } from "./native-calls.js";

/** What a simulated device is made of. */
export type SimDeviceOptions = {
  /** The chip's bytes, kept where a restart of the simulator finds them again. */
  store: ByteStore;
  Digest: DigestConstructor;
  /** Ends the simulator's application. The next `openSimDevice` over the same store is the reboot. */
  restart(): void;
  /** Why this start happened; a word of `BootControl.resetReason`. Default "power-on". */
  resetReason?: string;
  /** CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE. Default true. */
  rollback?: boolean;
};

/** A slot, by the SDK's name for it. */
type SlotPath = "nextota" | "running";

/**
 * A simulated ESP32 after its bootloader ran: what boot control and the update slot need on a platform without flash.
 */
export type SimDevice = {
  boot: BootControl;
  /** The slot that does not run, or, "running", the one whose code does. */
  openSlot(path?: SlotPath): SlotFlash;
  bootResult: BootResult;
};

/**
 * Starts the simulated chip: the bootloader chooses a slot and writes otadata in `store`, as a reset does.
 * @throws OtaPartitionError "boot-control-failed" when no slot can boot; on a board that is an endless reset
 */
export function openSimDevice(options: SimDeviceOptions): SimDevice {
  const flash = new FlashMemory(options.store);
  const esp32 = new Esp32({ flash, Digest: options.Digest, rollback: options.rollback ?? true });
  const bootResult = esp32.boot();
  if (bootResult.outcome !== "app") {
    throw new OtaPartitionError("boot-control-failed", `nothing boots: ${bootResult.steps.join("; ")}`);
  }
  const resetReason = options.resetReason ?? "power-on";
  const board = { esp32, resetReason: () => resetReason, restart: () => options.restart() };
  return {
    boot: new Esp32BootControl(new SimulatedBootFunctions(board)),
    openSlot: (path = "nextota") => openSimSlot(esp32, path),
    bootResult,
  };
}

/**
 * Prepares a store as a cable prepares a board: partition table, an image of the running firmware's version in ota_0,
 * all else blank. The code that runs in the simulator is the simulator's own; the image stands for it in version,
 * project and size.
 */
export function formatSimDevice(options: {
  store: ByteStore;
  Digest: DigestConstructor;
  partitions: readonly Partition[];
  version: string;
  project?: string;
  /** Bytes of the image. Default: as small as possible. */
  imageSize?: number;
}): void {
  const { store, Digest, partitions, version, project, imageSize } = options;
  const image = buildBundleImage({
    bundle: new Uint8Array(0),
    version,
    Digest,
    ...(project !== undefined && { project }),
    ...(imageSize !== undefined && { totalSize: imageSize }),
  });
  formatFlash(store, { partitions, images: { ota_0: image }, Digest });
}

/**
 * A slot by the SDK's name for it. Calls throw plain errors where ESP-IDF's driver reports one, as the SDK's flash
 * class does.
 */
function openSimSlot(esp32: Esp32, path: SlotPath): SlotFlash {
  const slot = esp32.findPartition(path);
  if (!slot) throw new OtaPartitionError("no-slot", "the partition table has no slot for an update");
  let closed = false;
  const check = (error: number): void => {
    if (error !== ESP_ERR.ESP_OK) throw new Error(espErrorName(error));
  };
  const open = (): void => {
    if (closed) throw new SyntaxError("flash is closed");
  };
  return {
    status: () => {
      open();
      return { size: slot.size, blockLength: SECTOR_SIZE };
    },
    read: (buffer, byteOffset) => {
      open();
      const { error, bytes } = esp32.readPartition(slot, byteOffset, buffer.length);
      check(error);
      buffer.set(bytes);
    },
    write: (bytes, byteOffset) => {
      open();
      check(esp32.writePartition(slot, byteOffset, bytes));
    },
    eraseBlock: (start, end = start + 1) => {
      open();
      check(esp32.erasePartition(slot, start * SECTOR_SIZE, (end - start) * SECTOR_SIZE));
    },
    close: () => {
      closed = true;
    },
  };
}

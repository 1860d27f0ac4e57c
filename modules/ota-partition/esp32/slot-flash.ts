import type { SlotFlash, SlotReader } from "../boot-control.js";

/** What `embedded:storage/flash` really offers on the ESP32; its typings promise more. [SDK modules/io/flash/esp32] */
export type FlashStorage = {
  open(options: { path: string; mode?: "r" | "r+" }): {
    status(): { size: number; blockLength: number };
    read(buffer: Uint8Array, byteOffset: number): unknown;
    write(buffer: Uint8Array, byteOffset: number): void;
    eraseBlock(start: number, end?: number): void;
    close(): void;
  };
};

/**
 * Opens the slot that does not run for reading and writing. Its errors are the SDK's plain ones.
 * @throws Error when the partition table has no such slot
 */
export function openNextSlot(storage: FlashStorage): SlotFlash {
  const flash = storage.open({ path: "nextota", mode: "r+" });
  return {
    status: () => {
      const { size, blockLength } = flash.status();
      return { size, blockLength };
    },
    read: (buffer, byteOffset) => {
      flash.read(buffer, byteOffset);
    },
    write: (bytes, byteOffset) => flash.write(bytes, byteOffset),
    // The SDK goes by the number of arguments: `undefined` given as the end would be taken for block 0.
    eraseBlock: (start, end = start + 1) => flash.eraseBlock(start, end),
    close: () => flash.close(),
  };
}

/**
 * Opens the slot whose code runs, for reading. Its errors are the SDK's plain ones.
 * @throws Error when there is none, as on a board without a partition table
 */
export function openRunningSlot(storage: FlashStorage): SlotReader {
  const flash = storage.open({ path: "running", mode: "r" });
  return {
    status: () => {
      const { size, blockLength } = flash.status();
      return { size, blockLength };
    },
    read: (buffer, byteOffset) => {
      flash.read(buffer, byteOffset);
    },
    close: () => flash.close(),
  };
}

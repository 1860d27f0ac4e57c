import { Esp32SimError } from "./errors.js";

/** Smallest erase of the flash, in bytes. */
export const SECTOR_SIZE = 4096;
/** Bytes one block erase command clears; the address is a multiple of it. */
export const BLOCK_SIZE = 65536;
/** Longest write the ESP-IDF driver passes to the chip in one go (CONFIG_SPI_FLASH_WRITE_CHUNK_SIZE). */
export const WRITE_CHUNK_SIZE = 8192;

/**
 * A NOR flash chip as the driver sees it. All effects of esp32-sim go through `write` and `erase`, one call for each
 * command, so that a board can number, tear and refuse them. A device may throw: `FlashFault` is a driver error,
 * anything else passes through.
 */
export interface FlashDevice {
  /** Bytes of the chip. */
  readonly size: number;
  /** The bytes as stored. The caller does not change them and does not keep them beyond the next write or erase. */
  read(offset: number, length: number): Uint8Array;
  /** Programs: stored byte = old AND new. At most `WRITE_CHUNK_SIZE` bytes. */
  write(offset: number, bytes: Uint8Array): void;
  /** Sets to 0xFF: one sector, or one 64 KiB block when aligned to it. */
  erase(offset: number, length: number): void;
}

/** Bytes at rest: an array, or a file in Moddable's simulator. Knows nothing of flash rules. */
export type ByteStore = {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
  write(offset: number, bytes: Uint8Array): void;
};

/** A byte store in memory. Given a number it starts erased (all 0xFF); given an array it uses that very array. */
export class MemoryStore implements ByteStore {
  readonly bytes: Uint8Array;

  constructor(sizeOrBytes: number | Uint8Array) {
    this.bytes = typeof sizeOrBytes === "number" ? new Uint8Array(sizeOrBytes).fill(0xff) : sizeOrBytes;
  }

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.bytes.subarray(offset, offset + length);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, offset);
  }
}

/** Flash rules over a byte store. */
export class FlashMemory implements FlashDevice {
  #store: ByteStore;

  constructor(store: ByteStore) {
    this.#store = store;
  }

  get size(): number {
    return this.#store.size;
  }

  /** @throws Esp32SimError "flash-range" */
  read(offset: number, length: number): Uint8Array {
    this.check(offset, length);
    return this.#store.read(offset, length);
  }

  /** @throws Esp32SimError "flash-range" */
  write(offset: number, bytes: Uint8Array): void {
    this.check(offset, bytes.length);
    const old = this.#store.read(offset, bytes.length);
    const result = new Uint8Array(bytes.length);
    for (let index = 0; index < bytes.length; index += 1) result[index] = (old[index] ?? 0) & (bytes[index] ?? 0);
    this.#store.write(offset, result);
  }

  /** @throws Esp32SimError "flash-range", also when not whole sectors are named */
  erase(offset: number, length: number): void {
    this.check(offset, length);
    if (offset % SECTOR_SIZE !== 0 || length % SECTOR_SIZE !== 0) {
      throw new Esp32SimError("flash-range", `erase of ${length} bytes at ${offset} is not whole sectors`);
    }
    // One sector at a time: a block's worth of 0xFF would be 64 KiB of heap on the small engines this runs on.
    const blank = new Uint8Array(SECTOR_SIZE).fill(0xff);
    for (let at = offset; at < offset + length; at += SECTOR_SIZE) this.#store.write(at, blank);
  }

  /**
   * Replaces bytes against the rules of flash: what a cable, a factory or a torn operation leaves behind. @throws
   * Esp32SimError "flash-range"
   */
  load(offset: number, bytes: Uint8Array): void {
    this.check(offset, bytes.length);
    this.#store.write(offset, bytes);
  }

  private check(offset: number, length: number): void {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.#store.size)) {
      throw new Esp32SimError("flash-range", `${length} bytes at ${offset} are outside a flash of ${this.#store.size}`);
    }
  }
}

import type { SlotFlash } from "../ota-partition/index.js";

const ERASE_LENGTH = 4096;

/** A slot that counts the 4096-byte units it erases, and tells of each erase before it happens. */
export class CountingFlash implements SlotFlash {
  #flash: SlotFlash;
  #erases = 0;

  #onErase: (byteOffset: number, byteLength: number) => void;

  constructor(flash: SlotFlash, onErase: (byteOffset: number, byteLength: number) => void) {
    this.#flash = flash;
    this.#onErase = onErase;
  }

  get erases(): number {
    return this.#erases;
  }

  status() {
    return this.#flash.status();
  }

  read(buffer: Uint8Array, byteOffset: number): void {
    this.#flash.read(buffer, byteOffset);
  }

  write(bytes: Uint8Array, byteOffset: number): void {
    this.#flash.write(bytes, byteOffset);
  }

  eraseBlock(start: number, end = start + 1): void {
    this.#erases += end - start;
    this.#onErase(start * ERASE_LENGTH, (end - start) * ERASE_LENGTH);
    this.#flash.eraseBlock(start, end);
  }

  close(): void {
    this.#flash.close();
  }
}

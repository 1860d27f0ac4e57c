import type { SlotFlash } from "../ota-partition/index.js";

/** A slot that counts the 4096-byte units it erases. */
export class CountingFlash implements SlotFlash {
  #flash: SlotFlash;
  #erases = 0;

  constructor(flash: SlotFlash) {
    this.#flash = flash;
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
    this.#flash.eraseBlock(start, end);
  }

  close(): void {
    this.#flash.close();
  }
}

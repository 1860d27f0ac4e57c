import type { SlotFlash } from "../../../modules/ota-partition/index.js";

export type FlashLog = { kind: "erase" | "write"; start: number; end: number };

/**
 * A slot that refuses what hardware spoils: writes on bytes that are not blank, anything outside, anything after close.
 * Starts full of an old image.
 */
export class StrictFlash implements SlotFlash {
  readonly bytes: Uint8Array;
  readonly log: FlashLog[] = [];
  closed = false;
  /** Throws from the operation with this number on, counted from 1. */
  failAt: number | undefined;

  constructor(size: number) {
    this.bytes = new Uint8Array(size).fill(0x5a);
  }

  status(): { size: number; blockLength: number } {
    return { size: this.bytes.length, blockLength: 4096 };
  }

  read(buffer: Uint8Array, byteOffset: number): void {
    this.#check(byteOffset, byteOffset + buffer.length);
    buffer.set(this.bytes.subarray(byteOffset, byteOffset + buffer.length));
  }

  write(bytes: Uint8Array, byteOffset: number): void {
    const end = byteOffset + bytes.length;
    this.#check(byteOffset, end);
    if (this.bytes.subarray(byteOffset, end).some((byte) => byte !== 0xff))
      throw new Error(`not blank at ${byteOffset}`);
    this.#step("write", byteOffset, end);
    this.bytes.set(bytes, byteOffset);
  }

  eraseBlock(start: number, end = start + 1): void {
    if (end <= start) throw new Error("empty erase");
    this.#check(start * 4096, end * 4096);
    this.#step("erase", start * 4096, end * 4096);
    this.bytes.fill(0xff, start * 4096, end * 4096);
  }

  close(): void {
    this.closed = true;
  }

  erases(): string[] {
    return this.log.filter(({ kind }) => kind === "erase").map(({ start, end }) => `${start}-${end}`);
  }

  #step(kind: "erase" | "write", start: number, end: number): void {
    this.log.push({ kind, start, end });
    if (this.failAt !== undefined && this.log.length >= this.failAt) throw new Error(`${kind} failed`);
  }

  #check(start: number, end: number): void {
    if (this.closed) throw new SyntaxError("closed");
    if (!Number.isInteger(start) || start < 0 || end > this.bytes.length) throw new Error(`${start}-${end} is outside`);
  }
}

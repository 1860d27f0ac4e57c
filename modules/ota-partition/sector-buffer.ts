import { SECTOR_LENGTH } from "./write-plan.js";

/** Bytes on their way to flash, in whole sectors one behind the other; a ring. */
export class SectorBuffer {
  readonly #capacity: number;
  /** A handshake needs the room before the first byte: there is none until then. */
  #bytes = new Uint8Array(0);
  #start = 0;
  #length = 0;

  /** `capacity`: bytes, a multiple of 4096. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Bytes in it. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that fit besides. */
  get room(): number {
    return this.#capacity - this.#length;
  }

  /** The longest free piece in one. What is put there and then handed to `put` is not copied. */
  space(): Uint8Array {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.#capacity);
    const end = this.#start + this.#length;
    const at = end < this.#capacity ? end : end - this.#capacity;
    return this.#bytes.subarray(at, end < this.#capacity ? this.#capacity : this.#start);
  }

  /** Takes as many bytes from the front of `bytes` as fit in one piece; returns how many. */
  put(bytes: Uint8Array): number {
    const space = this.space();
    const count = Math.min(space.length, bytes.length);
    const isThere = bytes.buffer === space.buffer && bytes.byteOffset === space.byteOffset;
    if (!isThere && count > 0) space.set(count === bytes.length ? bytes : bytes.subarray(0, count));
    this.#length += count;
    return count;
  }

  /** The first sector, or what there is of it. */
  front(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#start + Math.min(SECTOR_LENGTH, this.#length));
  }

  /** The first sector is in flash. */
  drop(): void {
    this.#length -= Math.min(SECTOR_LENGTH, this.#length);
    this.#start = (this.#start + SECTOR_LENGTH) % this.#capacity;
  }

  clear(): void {
    this.#length = 0;
  }
}

/** Bits one behind the other, the lowest of a byte first. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #hold = 0;
  #bits = 0;

  /** The lowest `count` bits of `value`, at most 16. */
  write(value: number, count: number): void {
    this.#hold |= value << this.#bits;
    this.#bits += count;
    for (; this.#bits >= 8; this.#bits -= 8) {
      this.#bytes.push(this.#hold & 0xff);
      this.#hold >>>= 8;
    }
  }

  /** What was written, filled up to a whole byte. */
  end(): Uint8Array {
    if (this.#bits > 0) this.write(0, 8 - this.#bits);
    return Uint8Array.from(this.#bytes);
  }
}

const MAX_BITS = 15;

/** A canonical Huffman code as deflate has it. [RFC 1951 3.2.2] Takes its memory once. */
export class HuffmanTable {
  /**
   * For the next bits, as many as `mask` has: symbol * 16 + length of its code; 0 where the code is longer, or where
   * there is none.
   */
  readonly quick: Uint16Array;
  readonly mask: number;
  #symbols: Uint16Array;
  #counts = new Uint16Array(MAX_BITS + 1);
  #places = new Uint16Array(MAX_BITS + 2);

  /** `quickBits`: codes up to this length are found with one look. */
  constructor(symbols: number, quickBits: number) {
    this.quick = new Uint16Array(1 << quickBits);
    this.mask = (1 << quickBits) - 1;
    this.#symbols = new Uint16Array(symbols);
  }

  /**
   * The code whose lengths are `lengths` from `from` to `to`.
   * @returns false when there is no such code. One of a single bit, or of nothing, may be incomplete where `maySingle`.
   */
  build(lengths: Uint8Array, from: number, to: number, maySingle: boolean): boolean {
    const counts = this.#counts;
    counts.fill(0);
    for (let index = from; index < to; index++) {
      const bits = lengths[index] ?? 0;
      counts[bits] = (counts[bits] ?? 0) + 1;
    }
    const used = to - from - (counts[0] ?? 0);
    let free = 1;
    for (let bits = 1; bits <= MAX_BITS; bits++) {
      free = free * 2 - (counts[bits] ?? 0);
      if (free < 0) return false;
    }
    if (free > 0 && !(maySingle && (used === 0 || (used === 1 && counts[1] === 1)))) return false;
    this.sort(lengths, from, to);
    this.fillQuick();
    return true;
  }

  /** The entry for a code that `quick` does not have, or 0 when `hold` begins with no code. */
  find(hold: number): number {
    const counts = this.#counts;
    let code = 0;
    let first = 0;
    let index = 0;
    let rest = hold;
    for (let bits = 1; bits <= MAX_BITS; bits++) {
      code |= rest & 1;
      rest >>>= 1;
      const count = counts[bits] ?? 0;
      if (code - count < first) return ((this.#symbols[index + code - first] ?? 0) << 4) | bits;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return 0;
  }

  /** Symbols by the length of their codes. */
  private sort(lengths: Uint8Array, from: number, to: number): void {
    const places = this.#places;
    places[1] = 0;
    for (let bits = 1; bits <= MAX_BITS; bits++) places[bits + 1] = (places[bits] ?? 0) + (this.#counts[bits] ?? 0);
    for (let index = from; index < to; index++) {
      const bits = lengths[index] ?? 0;
      if (bits === 0) continue;
      const place = places[bits] ?? 0;
      places[bits] = place + 1;
      this.#symbols[place] = index - from;
    }
  }

  private fillQuick(): void {
    const { quick, mask } = this;
    quick.fill(0);
    // Deflate sends the highest bit of a code first: the codes are counted with their bits reversed.
    let index = 0;
    let reversed = 0;
    for (let bits = 1; 1 << bits <= mask + 1; bits++) {
      const step = 1 << bits;
      for (let count = this.#counts[bits] ?? 0; count > 0; count--) {
        const entry = ((this.#symbols[index++] ?? 0) << 4) | bits;
        for (let at = reversed; at <= mask; at += step) quick[at] = entry;
        let carry = step >> 1;
        while (carry > 0 && (reversed & carry) !== 0) {
          reversed ^= carry;
          carry >>= 1;
        }
        reversed |= carry;
      }
    }
  }
}

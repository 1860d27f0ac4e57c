import {
  FAULT_BLOCK,
  FAULT_CODE,
  FAULT_DISTANCE,
  FAULT_LENGTHS,
  FAULT_STORED,
  FAULT_TOO_LONG,
  MAX_FRAME_BYTES,
  NEEDS_BYTES,
  WINDOW_LENGTH,
  WINDOW_START,
} from "./frame-step.js";
import { HuffmanTable } from "./huffman-table.js";

/** The window holds all that may be in it until it was used. */
export const WINDOW_FULL = 1;
/** The stream has ended. */
export const STREAM_DONE = 2;
/** Nothing to tell: the next mode goes on. */
const GO_ON = -1;

const WINDOW_MASK = WINDOW_LENGTH - 1;
const MAX_MATCH = 258;
/** A match shorter than this is copied here, not by the engine: the call costs more. */
const SHORT_MATCH = 12;

// Modes.
const BLOCK = 0;
const STORED = 1;
const STORED_BYTES = 2;
const TABLES = 3;
const TABLE_LENGTHS = 4;
const CODE_LENGTHS = 5;
const SYMBOLS = 6;
const MATCH = 7;
const DONE = 8;

/** [RFC 1951 3.2.5] */
const LENGTH_BASES: readonly number[] = Object.freeze([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]);
const LENGTH_BITS: readonly number[] = Object.freeze([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
/** Those that lie in the window. */
const DISTANCE_BASES: readonly number[] = Object.freeze([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073,
]);
const DISTANCE_BITS: readonly number[] = Object.freeze([
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10,
]);
/** The order in which the code's own code is sent. [RFC 1951 3.2.7] */
const LENGTH_ORDER: readonly number[] = Object.freeze([
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
]);
const MAX_LITERALS = 286;
const MAX_DISTANCES = 30;

/** Unpacks the deflate stream of a frame into the window, byte by byte or in any pieces. [RFC 1951] */
export class FrameInflater {
  /** Where in the bytes of the last `run` it stands. */
  at = 0;
  /** Bytes of this frame unpacked. */
  produced = 0;
  #room: Uint8Array;
  /** Bits taken and not used, the next one lowest. They outlast the frame: the next one's bytes may be among them. */
  #hold = 0;
  #bits = 0;
  #mode = BLOCK;
  #isLast = false;
  #literals = new HuffmanTable(288, 9);
  /** Also the code of the code lengths, which is used up before the distances are known. */
  #distances = new HuffmanTable(32, 7);
  #isFixed = false;
  #lengths = new Uint8Array(MAX_LITERALS + MAX_DISTANCES + 4);
  #literalCount = 0;
  #lengthCount = 0;
  #codeCount = 0;
  #index = 0;
  /** Length of the match whose distance is not there yet, or bytes of a stored block that are to come. */
  #left = 0;

  constructor(room: Uint8Array) {
    this.#room = room;
  }

  /** Whole bytes taken behind the end of the stream. */
  get kept(): number {
    return this.#bits >> 3;
  }

  begin(): void {
    this.produced = 0;
    this.#mode = BLOCK;
    this.#isLast = false;
    this.#left = 0;
  }

  /** Unpacks until the bytes, the stream or the window end, of which the first `consumed` were used. */
  run(bytes: Uint8Array, from: number, to: number, consumed: number): number {
    this.at = from;
    let result = GO_ON;
    while (result === GO_ON) {
      if (this.produced > MAX_FRAME_BYTES) return FAULT_TOO_LONG;
      result = this.go(bytes, to, consumed);
    }
    return result;
  }

  private go(bytes: Uint8Array, to: number, consumed: number): number {
    switch (this.#mode) {
      case BLOCK:
        return this.block(bytes, to);
      case STORED:
        return this.stored(bytes, to);
      case STORED_BYTES:
        return this.storedBytes(bytes, to, consumed);
      case TABLES:
        return this.tables(bytes, to);
      case TABLE_LENGTHS:
        return this.tableLengths(bytes, to);
      case CODE_LENGTHS:
        return this.codeLengths(bytes, to);
      case SYMBOLS:
        return this.literals(bytes, to, consumed);
      case MATCH:
        return this.match(bytes, to);
      default:
        return STREAM_DONE;
    }
  }

  /** @returns whether so many bits are in `#hold` */
  private has(count: number, bytes: Uint8Array, to: number): boolean {
    while (this.#bits < count && this.at < to) {
      this.#hold |= (bytes[this.at++] ?? 0) << this.#bits;
      this.#bits += 8;
    }
    return this.#bits >= count;
  }

  private take(count: number): number {
    const value = this.#hold & ((1 << count) - 1);
    this.#hold >>>= count;
    this.#bits -= count;
    return value;
  }

  private block(bytes: Uint8Array, to: number): number {
    if (this.#isLast) {
      this.take(this.#bits & 7);
      this.#mode = DONE;
      return STREAM_DONE;
    }
    if (!this.has(3, bytes, to)) return NEEDS_BYTES;
    this.#isLast = this.take(1) === 1;
    const type = this.take(2);
    if (type === 3) return FAULT_BLOCK;
    if (type === 0) this.take(this.#bits & 7);
    if (type === 1) this.fixedTables();
    this.#mode = type === 0 ? STORED : type === 1 ? SYMBOLS : TABLES;
    return GO_ON;
  }

  private stored(bytes: Uint8Array, to: number): number {
    // In two steps: four bytes and what is held beside them would not fit.
    if (this.#left === 0) {
      if (!this.has(16, bytes, to)) return NEEDS_BYTES;
      this.#left = this.take(16) + 1;
    }
    if (!this.has(16, bytes, to)) return NEEDS_BYTES;
    this.#left--;
    if ((this.take(16) ^ 0xffff) !== this.#left) return FAULT_STORED;
    this.#mode = STORED_BYTES;
    return GO_ON;
  }

  private storedBytes(bytes: Uint8Array, to: number, consumed: number): number {
    for (; this.#left > 0; this.#left--) {
      if (this.produced - consumed === WINDOW_LENGTH || this.produced > MAX_FRAME_BYTES) return WINDOW_FULL;
      if (!this.has(8, bytes, to)) return NEEDS_BYTES;
      this.#room[WINDOW_START + (this.produced++ & WINDOW_MASK)] = this.take(8);
    }
    this.#mode = BLOCK;
    return GO_ON;
  }

  private fixedTables(): void {
    if (this.#isFixed) return;
    const lengths = this.#lengths;
    lengths.fill(8, 0, 144);
    lengths.fill(9, 144, 256);
    lengths.fill(7, 256, 280);
    lengths.fill(8, 280, 288);
    this.#literals.build(lengths, 0, 288, false);
    lengths.fill(5, 0, 32);
    this.#distances.build(lengths, 0, 32, false);
    this.#isFixed = true;
  }

  private tables(bytes: Uint8Array, to: number): number {
    if (!this.has(14, bytes, to)) return NEEDS_BYTES;
    this.#literalCount = this.take(5) + 257;
    this.#lengthCount = this.#literalCount + this.take(5) + 1;
    this.#codeCount = this.take(4) + 4;
    if (this.#literalCount > MAX_LITERALS || this.#lengthCount - this.#literalCount > MAX_DISTANCES) {
      return FAULT_LENGTHS;
    }
    this.#index = 0;
    this.#isFixed = false;
    this.#lengths.fill(0, 0, LENGTH_ORDER.length);
    this.#mode = TABLE_LENGTHS;
    return GO_ON;
  }

  private tableLengths(bytes: Uint8Array, to: number): number {
    while (this.#index < this.#codeCount) {
      if (!this.has(3, bytes, to)) return NEEDS_BYTES;
      this.#lengths[LENGTH_ORDER[this.#index++] ?? 0] = this.take(3);
    }
    if (!this.#distances.build(this.#lengths, 0, LENGTH_ORDER.length, false)) return FAULT_LENGTHS;
    this.#index = 0;
    this.#mode = CODE_LENGTHS;
    return GO_ON;
  }

  private codeLengths(bytes: Uint8Array, to: number): number {
    const { quick, mask } = this.#distances;
    while (this.#index < this.#lengthCount) {
      // A code of at most 7 bits, and at most 7 that say how often.
      this.has(14, bytes, to);
      const entry = quick[this.#hold & mask] ?? 0;
      const symbol = entry >> 4;
      const extra = symbol < 16 ? 0 : symbol === 16 ? 2 : symbol === 17 ? 3 : 7;
      if ((entry & 15) + extra > this.#bits) return NEEDS_BYTES;
      this.take(entry & 15);
      let length = symbol;
      let count = 1;
      if (symbol >= 16) {
        if (symbol === 16 && this.#index === 0) return FAULT_LENGTHS;
        length = symbol === 16 ? (this.#lengths[this.#index - 1] ?? 0) : 0;
        count = this.take(extra) + (symbol === 18 ? 11 : 3);
      }
      if (this.#index + count > this.#lengthCount) return FAULT_LENGTHS;
      this.#lengths.fill(length, this.#index, this.#index + count);
      this.#index += count;
    }
    // Without the code for the end of the block there would be none.
    if (this.#lengths[256] === 0) return FAULT_LENGTHS;
    if (!this.#literals.build(this.#lengths, 0, this.#literalCount, true)) return FAULT_LENGTHS;
    if (!this.#distances.build(this.#lengths, this.#literalCount, this.#lengthCount, true)) return FAULT_LENGTHS;
    this.#mode = SYMBOLS;
    return GO_ON;
  }

  /** Literals up to the next match, in variables of its own: this is where the time goes. */
  private literals(bytes: Uint8Array, to: number, consumed: number): number {
    const room = this.#room;
    const { quick, mask } = this.#literals;
    const full = Math.min(consumed + WINDOW_LENGTH - MAX_MATCH, MAX_FRAME_BYTES);
    let hold = this.#hold;
    let bits = this.#bits;
    let at = this.at;
    let produced = this.produced;
    let result = GO_ON;
    let symbol = 0;
    for (;;) {
      while (bits < 15 && at < to) {
        hold |= (bytes[at++] ?? 0) << bits;
        bits += 8;
      }
      const entry = quick[hold & mask] || this.#literals.find(hold);
      const length = entry & 15;
      if (length === 0 || length > bits) {
        result = length === 0 && bits >= 15 ? FAULT_CODE : NEEDS_BYTES;
        break;
      }
      if (produced > full) {
        result = WINDOW_FULL;
        break;
      }
      hold >>>= length;
      bits -= length;
      symbol = entry >> 4;
      if (symbol >= 256) break;
      room[WINDOW_START + (produced++ & WINDOW_MASK)] = symbol;
    }
    this.#hold = hold;
    this.#bits = bits;
    this.at = at;
    this.produced = produced;
    if (result !== GO_ON) return result;
    this.#index = symbol - 257;
    this.#mode = symbol === 256 ? BLOCK : MATCH;
    return GO_ON;
  }

  private match(bytes: Uint8Array, to: number): number {
    if (this.#left === 0) {
      const base = LENGTH_BASES[this.#index];
      if (base === undefined) return FAULT_CODE;
      const extra = LENGTH_BITS[this.#index] ?? 0;
      if (!this.has(extra, bytes, to)) return NEEDS_BYTES;
      this.#left = base + this.take(extra);
    }
    const { quick, mask } = this.#distances;
    this.has(15, bytes, to);
    const entry = quick[this.#hold & mask] || this.#distances.find(this.#hold);
    const length = entry & 15;
    if (length === 0 || length > this.#bits) return length === 0 && this.#bits >= 15 ? FAULT_CODE : NEEDS_BYTES;
    const base = DISTANCE_BASES[entry >> 4];
    if (base === undefined) return FAULT_DISTANCE;
    const extra = DISTANCE_BITS[entry >> 4] ?? 0;
    if (!this.has(length + extra, bytes, to)) return NEEDS_BYTES;
    this.take(length);
    const distance = base + this.take(extra);
    if (distance > this.produced) return FAULT_DISTANCE;
    this.repeat(distance, this.#left);
    this.#left = 0;
    this.#mode = SYMBOLS;
    return GO_ON;
  }

  /** There is room for it. */
  private repeat(distance: number, count: number): void {
    const room = this.#room;
    let { produced } = this;
    const source = (produced - distance) & WINDOW_MASK;
    const target = produced & WINDOW_MASK;
    this.produced += count;
    const isSimple = distance >= count && source + count <= WINDOW_LENGTH && target + count <= WINDOW_LENGTH;
    if (isSimple && count >= SHORT_MATCH) {
      room.copyWithin(WINDOW_START + target, WINDOW_START + source, WINDOW_START + source + count);
      return;
    }
    for (const end = produced + count; produced < end; produced++) {
      room[WINDOW_START + (produced & WINDOW_MASK)] = room[WINDOW_START + ((produced - distance) & WINDOW_MASK)] ?? 0;
    }
  }
}

import {
  BASE_PART_LENGTH,
  BASE_PART_START,
  FAULT_COUNT,
  FAULT_NUMBER,
  FAULT_SOURCE,
  HAS_PIECE,
  NEEDS_BASE,
  NEEDS_BYTES,
  PIECE_LENGTH,
  WINDOW_LENGTH,
  WINDOW_START,
} from "./frame-step.js";

const GO_ON = -1;
const WINDOW_MASK = WINDOW_LENGTH - 1;
/** The last byte of a number may have this shift: numbers have at most four bytes. */
const MAX_SHIFT = 21;
/** Fewer bytes than this are copied here, not by the engine: the call costs more. */
const SHORT_COPY = 6;

// What comes next: a number ...
const PART = 0;
const SHIFT = 1;
const CHANGES = 2;
const RUN = 3;
// ... or bytes.
const CHANGED = 4;
const UNCHANGED = 5;
const NEW = 6;

/** Makes pieces of the image out of the operations in the window and the base. */
export class ImageBuilder {
  /** Bytes of operations of this frame used. */
  consumed = 0;
  /** Bytes of the piece at the beginning of the room, after HAS_PIECE. */
  pieceLength = 0;
  /** After NEEDS_BASE: where the part of the base begins that is wanted. */
  baseOffset = -1;
  #room: Uint8Array;
  #baseSize = 0;
  /** Bytes of the base in the room. */
  #baseLength = 0;
  #state = PART;
  #value = 0;
  #shift = 0;
  /** Bytes that this frame, its part, and the stretch within the part still give. */
  #frameLeft = 0;
  #partLeft = 0;
  #stretchLeft = 0;
  /** Where in the base the next byte comes from. */
  #source = 0;
  #fill = 0;

  constructor(room: Uint8Array) {
    this.#room = room;
  }

  /** Nothing is left of the frame to give. */
  get isDone(): boolean {
    return this.#frameLeft === 0 && this.#fill === 0;
  }

  begin(imageOffset: number, length: number, baseSize: number): void {
    this.consumed = 0;
    this.#state = PART;
    this.#value = 0;
    this.#shift = 0;
    this.#frameLeft = length;
    this.#partLeft = 0;
    this.#source = imageOffset;
    if (baseSize === this.#baseSize) return;
    this.#baseSize = baseSize;
    this.#baseLength = Math.min(BASE_PART_LENGTH, baseSize);
    this.baseOffset = -BASE_PART_LENGTH;
  }

  /** Uses operations, of which `produced` bytes are there. */
  run(produced: number): number {
    let result = GO_ON;
    while (result === GO_ON) {
      if (this.#fill === PIECE_LENGTH || (this.#frameLeft === 0 && this.#fill > 0)) {
        this.pieceLength = this.#fill;
        this.#fill = 0;
        return HAS_PIECE;
      }
      if (this.#frameLeft === 0) return NEEDS_BYTES;
      if (this.#state === UNCHANGED) result = this.unchanged();
      else if (this.consumed === produced) return NEEDS_BYTES;
      else if (this.#state === CHANGED) result = this.changed(produced);
      else if (this.#state === NEW) this.fresh(produced);
      else if (this.#state === CHANGES && this.#shift === 0 && this.pairs(produced)) continue;
      else result = this.number(produced);
    }
    return result;
  }

  /** Seven bits a byte, the low ones first; the highest bit says that another byte follows. */
  private number(produced: number): number {
    while (this.consumed < produced) {
      const byte = this.#room[WINDOW_START + (this.consumed++ & WINDOW_MASK)] ?? 0;
      this.#value |= (byte & 0x7f) << this.#shift;
      if (byte < 0x80) {
        const value = this.#value;
        this.#value = 0;
        this.#shift = 0;
        return this.use(value);
      }
      if (this.#shift === MAX_SHIFT) return FAULT_NUMBER;
      this.#shift += 7;
    }
    return GO_ON;
  }

  private use(value: number): number {
    switch (this.#state) {
      case PART: {
        const length = value >>> 1;
        if (length === 0 || length > this.#frameLeft) return FAULT_COUNT;
        this.#partLeft = length;
        this.#state = (value & 1) === 1 ? NEW : SHIFT;
        return GO_ON;
      }
      case SHIFT: {
        this.#source += (value & 1) === 1 ? -(value >>> 1) - 1 : value >>> 1;
        if (this.#source < 0 || this.#source + this.#partLeft > this.#baseSize) return FAULT_SOURCE;
        this.#state = CHANGES;
        return GO_ON;
      }
      case CHANGES:
        if (value > this.#partLeft) return FAULT_COUNT;
        this.#stretchLeft = value;
        this.#state = value === 0 ? RUN : CHANGED;
        return GO_ON;
      default:
        if (value === 0 || value > this.#partLeft) return FAULT_COUNT;
        this.#stretchLeft = value;
        this.#state = UNCHANGED;
        return GO_ON;
    }
  }

  /**
   * Short stretches of changed and unchanged bytes, in variables of its own, as long as all that they need is in the
   * room: nearly all of a patch is made of them. Whatever is not so simple, or wrong, is left to the methods below.
   * @returns whether there was one
   */
  private pairs(produced: number): boolean {
    const room = this.#room;
    const start = this.consumed;
    let consumed = start;
    let fill = this.#fill;
    let place = BASE_PART_START + this.#source - this.baseOffset;
    const placeEnd = BASE_PART_START + this.#baseLength;
    if (place < BASE_PART_START || place >= placeEnd) return false;
    const limit = Math.min(PIECE_LENGTH - fill, placeEnd - place, this.#partLeft);
    const fillStart = fill;
    const fillEnd = fill + limit;
    while (consumed < produced) {
      const changed = room[WINDOW_START + (consumed & WINDOW_MASK)] ?? 0;
      const behind = consumed + changed + 1;
      if (changed > 0x7f || behind >= produced) break;
      const unchanged = room[WINDOW_START + (behind & WINDOW_MASK)] ?? 0;
      if (unchanged === 0 || unchanged > 0x7f || fill + changed + unchanged > fillEnd) break;
      for (consumed++; consumed < behind; consumed++) {
        room[fill++] = (room[place++] ?? 0) + (room[WINDOW_START + (consumed & WINDOW_MASK)] ?? 0);
      }
      consumed++;
      if (unchanged >= SHORT_COPY) room.copyWithin(fill, place, place + unchanged);
      else for (let index = 0; index < unchanged; index++) room[fill + index] = room[place + index] ?? 0;
      fill += unchanged;
      place += unchanged;
    }
    if (consumed === start) return false;
    const count = fill - fillStart;
    this.consumed = consumed;
    this.#source += count;
    this.#stretchLeft = count;
    this.give(count, CHANGES);
    return true;
  }

  /** @returns whether the next byte of the base is in the room; asks for it otherwise */
  private hasBase(): boolean {
    const place = this.#source - this.baseOffset;
    if (place >= 0 && place < this.#baseLength) return true;
    this.baseOffset = Math.min(this.#source - (this.#source & 3), this.#baseSize - this.#baseLength);
    return false;
  }

  private changed(produced: number): number {
    if (!this.hasBase()) return NEEDS_BASE;
    const room = this.#room;
    let { consumed } = this;
    let fill = this.#fill;
    let place = BASE_PART_START + this.#source - this.baseOffset;
    const count = Math.min(
      this.#stretchLeft,
      produced - consumed,
      PIECE_LENGTH - fill,
      BASE_PART_START + this.#baseLength - place,
    );
    for (const end = fill + count; fill < end; fill++) {
      room[fill] = (room[place++] ?? 0) + (room[WINDOW_START + (consumed++ & WINDOW_MASK)] ?? 0);
    }
    this.consumed = consumed;
    this.#source += count;
    this.give(count, RUN);
    return GO_ON;
  }

  private unchanged(): number {
    if (!this.hasBase()) return NEEDS_BASE;
    const place = this.#source - this.baseOffset;
    const count = Math.min(this.#stretchLeft, PIECE_LENGTH - this.#fill, this.#baseLength - place);
    this.copy(BASE_PART_START + place, count);
    this.#source += count;
    this.give(count, CHANGES);
    return GO_ON;
  }

  private fresh(produced: number): void {
    if (this.#stretchLeft === 0) this.#stretchLeft = this.#partLeft;
    const place = this.consumed & WINDOW_MASK;
    const count = Math.min(
      this.#stretchLeft,
      produced - this.consumed,
      PIECE_LENGTH - this.#fill,
      WINDOW_LENGTH - place,
    );
    this.copy(WINDOW_START + place, count);
    this.consumed += count;
    this.give(count, PART);
  }

  private copy(from: number, count: number): void {
    const room = this.#room;
    const fill = this.#fill;
    if (count >= SHORT_COPY) room.copyWithin(fill, from, from + count);
    else for (let index = 0; index < count; index++) room[fill + index] = room[from + index] ?? 0;
  }

  /** So many bytes were added to the piece. After the stretch comes `next`, or another part. */
  private give(count: number, next: number): void {
    this.#fill += count;
    this.#frameLeft -= count;
    this.#partLeft -= count;
    this.#stretchLeft -= count;
    if (this.#stretchLeft === 0) this.#state = this.#partLeft === 0 ? PART : next;
  }
}

/** A stretch of the receiver's window, and when the sender knows that it is free. */
interface Room {
  length: number;
  readonly at: number;
}

/** What a sender may have on the way, as TCP counts it, and when the line is free for more. Pure. */
export class SendWindow {
  readonly #rooms: Room[];
  readonly #window: number;
  #open: number;
  /** The line is busy until then. */
  #lineFree = 0;

  /** `length`: bytes of the receiver's window. */
  constructor(length: number) {
    this.#window = length;
    this.#open = length;
    this.#rooms = [{ length, at: 0 }];
  }

  /** So many bytes are free again, and the sender hears of it at `at`. Negative: less than it was. */
  open(length: number, at: number): void {
    this.#open += length;
    this.#rooms.push({ length, at });
  }

  /**
   * Room for a segment of `wanted` bytes: how many may go, and when the last of them is on the way. `undefined` while
   * the receiver has read nothing more. A sender waits until all of it may go, or half of the window. [RFC 1122
   * 4.2.3.4]
   */
  take(
    wanted: number,
    now: number,
    bytesPerSecond: number,
  ): { readonly length: number; readonly sent: number } | undefined {
    const length = Math.min(wanted, this.#open);
    if (length <= 0 || (length < wanted && length < this.#window / 2)) return undefined;
    let start = Math.max(now, this.#lineFree);
    let left = length;
    while (left > 0) {
      const [room] = this.#rooms;
      if (room === undefined) break;
      const part = Math.min(room.length, left);
      start = Math.max(start, room.at);
      left -= part;
      room.length -= part;
      if (room.length === 0) this.#rooms.shift();
    }
    this.#open -= length;
    this.#lineFree = start + (length / bytesPerSecond) * 1000;
    return { length, sent: this.#lineFree };
  }
}

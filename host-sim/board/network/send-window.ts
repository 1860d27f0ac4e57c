/** A stretch of the receiver's window, and when the sender knows that it is free. */
interface Room {
  length: number;
  readonly at: number;
}

/** What a sender may have on the way, as TCP counts it, and when the line is free for more. Pure. */
export class SendWindow {
  #rooms: Room[];
  /** The line is busy until then. */
  #lineFree = 0;

  /** `length`: bytes of the receiver's window. */
  constructor(length: number) {
    this.#rooms = [{ length, at: 0 }];
  }

  /** What may be sent next in one piece, bytes. */
  get next(): number {
    return this.#rooms[0]?.length ?? 0;
  }

  /** So many bytes are free again, and the sender hears of it at `at`. Negative: less than it was. */
  open(length: number, at: number): void {
    const last = this.#rooms.at(-1);
    if (last !== undefined && last.at === at) last.length += length;
    else this.#rooms.push({ length, at });
  }

  /**
   * Room for at most `most` bytes: how many, and when the last of them is on the way. `undefined` while the receiver
   * has read nothing more.
   */
  take(
    most: number,
    now: number,
    bytesPerSecond: number,
  ): { readonly length: number; readonly sent: number } | undefined {
    const [first] = this.#rooms;
    if (first === undefined || most <= 0) return undefined;
    const start = Math.max(now, this.#lineFree, first.at);
    let length = 0;
    for (let room = this.#rooms[0]; room !== undefined && room.at <= start && length < most; room = this.#rooms[0]) {
      const part = Math.min(room.length, most - length);
      length += part;
      room.length -= part;
      if (room.length > 0) break;
      this.#rooms.shift();
    }
    if (length < 0) this.#rooms.unshift({ length, at: start });
    if (length <= 0) return undefined;
    this.#lineFree = start + (length / bytesPerSecond) * 1000;
    return { length, sent: this.#lineFree };
  }
}

import type { SentSegment } from "../../host-sim/board/network/index.js";
import type { FlashCommand } from "./models.js";

/** What one row of a time line is busy with. */
export type Activity = "link" | "erase" | "write" | "handshake" | "wait" | "idle";

/** Milliseconds of virtual time. */
export interface Span {
  readonly activity: Activity;
  readonly from: number;
  readonly to: number;
}

/** What happened when in one update, as the models tell it: flash commands, the line of the download, handshakes. */
export class TimeLine {
  readonly #spans: Span[] = [];
  readonly #bytesPerSecond: number;
  #opened: number | undefined;
  /** The device waits since then: for a connection or for an answer. */
  #asked: number | undefined;

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  get spans(): readonly Span[] {
    return this.#spans;
  }

  flash({ kind, ms }: FlashCommand, from: number): void {
    this.#spans.push({ activity: kind, from, to: from + ms });
  }

  /** A connection is asked for. */
  opens(at: number): void {
    this.#opened = at;
  }

  sent({ toDevice, length, due }: SentSegment, now: number): void {
    if (!toDevice) {
      // The first bytes of a connection are its request: the handshake is over.
      if (this.#opened !== undefined) this.#spans.push({ activity: "handshake", from: this.#opened, to: now });
      this.#opened = undefined;
      this.#asked ??= now;
      return;
    }
    if (this.#asked !== undefined) this.#spans.push({ activity: "wait", from: this.#asked, to: due });
    this.#asked = undefined;
    this.#spans.push({ activity: "link", from: due - (length / this.#bytesPerSecond) * 1000, to: due });
  }
}

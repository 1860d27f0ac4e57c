import type { CloudClock } from "./context.js";

const WINDOW_MS = 1000;

/** At most `perSecond` events within each second on the clock; 0 is no limit. */
export class RateLimit {
  readonly #clock: CloudClock;
  readonly #perSecond: number;
  #windowStart = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(clock: CloudClock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Counts one event; false when it is one too many. */
  take(): boolean {
    if (this.#perSecond === 0) return true;
    const now = this.#clock.now();
    if (now - this.#windowStart >= WINDOW_MS || now < this.#windowStart) {
      this.#windowStart = now;
      this.#taken = 0;
    }
    this.#taken++;
    return this.#taken <= this.#perSecond;
  }
}

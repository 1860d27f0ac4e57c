import type { CancelTimer, CloudClock } from "../context/context.js";

/** The server waits one and a half times the keep-alive. [MQTT-3.1.2-24] */
const ALLOWANCE = 1.5;

/** First the time a client has for CONNECT, then its keep-alive. */
export class KeepAlive {
  readonly #clock: CloudClock;
  #stopTimer: CancelTimer;
  #lastPacketAt = 0;

  constructor(clock: CloudClock, connectTimeoutMs: number, onNoConnect: () => void) {
    this.#clock = clock;
    this.#stopTimer = clock.after(connectTimeoutMs, onNoConnect);
  }

  start(seconds: number, onExpired: () => void): void {
    this.touch();
    this.#watch(seconds * 1000 * ALLOWANCE, onExpired);
  }

  /** A packet came. */
  touch(): void {
    this.#lastPacketAt = this.#clock.now();
  }

  stop(): void {
    this.#stopTimer();
  }

  /** One timer that looks again when packets came meanwhile is cheaper than a new timer for each packet. */
  #watch(ms: number, onExpired: () => void): void {
    this.#stopTimer();
    const left = this.#lastPacketAt + ms - this.#clock.now();
    if (left <= 0) onExpired();
    else this.#stopTimer = this.#clock.after(left, () => this.#watch(ms, onExpired));
  }
}

import { backoffDelay } from "../foundation/backoff.js";
import type { TimerId, TimerPort } from "../foundation/timer-port.js";
import type { SessionSettings } from "./session-options.js";

/**
 * After so many keep-alive intervals without a packet the connection counts as dead; the broker uses the same limit.
 * [MQTT-3.1.2-24]
 */
const LIVENESS_INTERVALS = 1.5;

export type ConnectionTimerOptions = {
  readonly settings: Pick<
    SessionSettings,
    "backoff" | "reconnectPauseMs" | "stableAfterMs" | "connectTimeoutMs" | "keepAlive" | "random"
  >;
  readonly timer: TimerPort;
  /** Runs what falls due. */
  readonly run: (body: () => void) => void;
};

/**
 * The one timer of the connection: for the pause before an attempt, then for CONNACK, then until the connection is
 * stable, then for silence.
 */
export class ConnectionTimer {
  readonly #options: ConnectionTimerOptions;
  #id: TimerId | undefined;
  /** Attempts that failed since the last stable connection. */
  #failures = 0;
  /** The latest attempt became a connection. */
  #stood = false;
  #stable = false;
  #heard = false;

  constructor(options: ConnectionTimerOptions) {
    this.#options = options;
  }

  /** The connection has lasted for `stableAfterMs`. */
  get stable(): boolean {
    return this.#stable;
  }

  /** The first attempt: on the next turn. */
  startAtOnce(attempt: () => void): void {
    this.#failures = 0;
    this.set(0, attempt);
  }

  /** The next attempt: after the back-off. @returns the pause in ms */
  startLater(attempt: () => void): number {
    const { backoff, reconnectPauseMs, random } = this.#options.settings;
    const pause = (this.#stood ? reconnectPauseMs : 0) + backoffDelay(backoff, this.#failures, random());
    this.#failures += 1;
    this.set(pause, attempt);
    return pause;
  }

  awaitConnack(late: () => void): void {
    this.#stood = false;
    this.#stable = false;
    this.set(this.#options.settings.connectTimeoutMs, late);
  }

  /**
   * CONNACK is there. When the connection has lasted for `stableAfterMs` the back-off begins afresh, and from then on a
   * silent broker is noticed.
   */
  watch(silent: () => void): void {
    this.#stood = true;
    this.set(this.#options.settings.stableAfterMs, () => {
      this.#failures = 0;
      this.#stable = true;
      this.watchLiveness(silent);
    });
  }

  /** Something came from the broker. */
  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    this.#options.timer.clear(this.#id);
    this.#id = undefined;
  }

  /** Looks after each period whether something came in it; `silent` is called after the first one without. */
  private watchLiveness(silent: () => void): void {
    this.#heard = false;
    this.set(this.#options.settings.keepAlive * LIVENESS_INTERVALS, () => {
      if (this.#heard) this.watchLiveness(silent);
      else silent();
    });
  }

  private set(ms: number, callback: () => void): void {
    this.stop();
    const { timer, run } = this.#options;
    this.#id = timer.set(() => {
      this.#id = undefined;
      run(callback);
    }, ms);
  }
}

import { type BackoffBounds, backoffDelay } from "./backoff.js";
import type { TimerId, TimerPort } from "./timer-port.js";

/** The clockwork of a pause. */
export type RetryPauseOptions = {
  readonly timer: TimerPort;
  /** [0, 1) */
  readonly random: () => number;
};

/** The pause between a failure and the next attempt, with full jitter; longer after each failure in a row. */
export class RetryPause {
  readonly #options: RetryPauseOptions;
  readonly #bounds: BackoffBounds;
  #failures = 0;
  #timer: TimerId | undefined;

  constructor({ timer, random }: RetryPauseOptions, bounds: BackoffBounds) {
    this.#options = { timer, random };
    this.#bounds = bounds;
  }

  /** Something failed: `over` is called when it may be tried again. */
  begin(over: () => void): void {
    const { timer, random } = this.#options;
    this.#timer = timer.set(
      () => {
        this.#timer = undefined;
        over();
      },
      backoffDelay(this.#bounds, this.#failures, random()),
    );
    this.#failures += 1;
  }

  /** The pause is not waited for. Does nothing without one. */
  end(): void {
    this.#options.timer.clear(this.#timer);
    this.#timer = undefined;
  }

  /** It worked: the next failure is the first one again. */
  succeeded(): void {
    this.#failures = 0;
  }
}

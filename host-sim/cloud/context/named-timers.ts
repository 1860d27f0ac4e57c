import type { CancelTimer, CloudClock } from "./context.js";

/** Longest single wait: below the 24.8 days at which Node's timers overflow. */
const MAX_WAIT_MS = 24 * 60 * 60_000;

/** One-shot timers by name and moment. Setting a name again replaces its timer. */
export class NamedTimers {
  readonly #clock: CloudClock;
  readonly #onError: (error: unknown) => void;
  readonly #cancels = new Map<string, CancelTimer>();
  #closed = false;

  constructor(clock: CloudClock, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Number of timers running, for leak checks. */
  get size(): number {
    return this.#cancels.size;
  }

  /** @param at milliseconds since 1970; a moment that has passed fires on the next turn. */
  set(name: string, at: number, callback: () => void): void {
    this.clear(name);
    if (this.#closed) return;
    const wait = Math.min(MAX_WAIT_MS, Math.max(0, at - this.#clock.now()));
    const cancel = this.#clock.after(wait, () => {
      this.#cancels.delete(name);
      if (this.#clock.now() < at) {
        this.set(name, at, callback);
        return;
      }
      try {
        callback();
      } catch (error) {
        this.#onError(error);
      }
    });
    this.#cancels.set(name, cancel);
  }

  has(name: string): boolean {
    return this.#cancels.has(name);
  }

  clear(name: string): void {
    this.#cancels.get(name)?.();
    this.#cancels.delete(name);
  }

  close(): void {
    this.#closed = true;
    for (const name of [...this.#cancels.keys()]) this.clear(name);
  }
}

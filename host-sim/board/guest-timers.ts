import type { BoardClock, CancelTimer } from "./clock.js";

/** The timers of the running program. */
export class GuestTimers {
  readonly #clock: BoardClock;
  readonly #fire: (id: number) => void;
  readonly #timers = new Map<number, CancelTimer>();

  /** `fire` is called on a turn of its own. */
  constructor(clock: BoardClock, fire: (id: number) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  /** Timers that wait. */
  get size(): number {
    return this.#timers.size;
  }

  /** First after `ms`, then every `repeatMs`; a negative `repeatMs` means once. An id that is in use starts anew. */
  set(id: number, ms: number, repeatMs: number): void {
    this.clear(id);
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(id);
      if (repeatMs >= 0) this.set(id, Math.max(1, repeatMs), repeatMs);
      this.#fire(id);
    });
    this.#timers.set(id, cancel);
  }

  clear(id: number): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  clearAll(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}

import { VirtualClock } from "../../host-sim/board/virtual-clock.js";

/** The SDK's `timer` on host-sim's virtual clock, without a board. Time starts at 0 and moves only by `advance`. */
export class VirtualTimer {
  readonly #clock = new VirtualClock(0);
  readonly #cancel = new WeakMap<object, () => void>();

  /** Timers that have been set and neither fired nor cleared. */
  get pending(): number {
    return this.#clock.pending;
  }

  get now(): number {
    return this.#clock.now();
  }

  set(callback: () => void, milliseconds = 0): object {
    if (typeof callback !== "function") throw new SyntaxError("callback is not a function");
    const id = {};
    this.#cancel.set(id, this.#clock.after(milliseconds, callback));
    return id;
  }

  clear(id: object | undefined): void {
    if (id !== undefined) this.#cancel.get(id)?.();
  }

  /** Runs everything that falls due within the next `milliseconds`, in order of time and then of setting. */
  advance(milliseconds: number): void {
    this.#clock.advance(milliseconds);
  }

  /** Runs what is due now, including what that sets for now. */
  settle(): void {
    this.advance(0);
  }
}

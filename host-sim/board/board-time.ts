import type { BoardClock } from "./clock.js";

/** The board's two clocks over the shared one: ticks since the boot, and a time of day that has to be set. */
export class BoardTime {
  readonly #clock: BoardClock;
  #bootedAt = 0;
  /** What to add to the shared clock; `undefined` = never set since power on. */
  #offset: number | undefined;

  constructor(clock: BoardClock) {
    this.#clock = clock;
  }

  /** Milliseconds since the last boot. */
  get ticks(): number {
    return this.#clock.now() - this.#bootedAt;
  }

  /**
   * Milliseconds since 1970 as the board believes; near 0 until it is told. A reset keeps it, the loss of power does
   * not.
   */
  get now(): number {
    return this.#offset === undefined ? this.ticks : this.#clock.now() + this.#offset;
  }

  set(seconds: number): void {
    this.#offset = seconds * 1000 - this.#clock.now();
  }

  /** `known`: the board knows the time of day from the start. */
  powerOn(known: boolean): void {
    this.#offset = known ? 0 : undefined;
  }

  boot(): void {
    this.#bootedAt = this.#clock.now();
  }
}

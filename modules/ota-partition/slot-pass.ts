import type { TimerId, TimerPort } from "../foundation/timer-port.js";
import type { SlotReader } from "./boot-control.js";
import { SECTOR_LENGTH } from "./write-plan.js";

/** Bytes read before other work gets its turn: with their digest a few milliseconds on an ESP32. */
const BYTES_PER_TURN = 16384;

export type SlotPassOptions = {
  readonly flash: SlotReader;
  /** Bytes from the slot's first on, at least 1. */
  readonly size: number;
  readonly timer: TimerPort;
  /** The next bytes, in order, valid during the call; what it throws comes to `onFailed`. */
  readonly take: (bytes: Uint8Array) => void;
  /** `take` had all. */
  readonly onEnd: () => void;
  /** In place of `onEnd`: what the driver or `take` threw. */
  readonly onFailed: (cause: unknown) => void;
};

/** Reads the beginning of a slot once, some bytes a turn, each on a later one; nothing is called after `close`. */
export class SlotPass {
  readonly #options: SlotPassOptions;
  readonly #buffer = new Uint8Array(SECTOR_LENGTH);
  #offset = 0;
  #timer: TimerId | undefined;

  constructor(options: SlotPassOptions) {
    this.#options = options;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#offset;
  }

  /** Once. */
  start(): void {
    this.#timer = this.#options.timer.set(() => this.turn(), 0);
  }

  /** Any number of times. */
  close(): void {
    this.#options.timer.clear(this.#timer);
    this.#timer = undefined;
  }

  private turn(): void {
    this.#timer = undefined;
    const { size, onEnd, onFailed } = this.#options;
    try {
      const until = Math.min(size, this.#offset + BYTES_PER_TURN);
      while (this.#offset < until) this.readOn(Math.min(SECTOR_LENGTH, until - this.#offset));
    } catch (cause) {
      onFailed(cause);
      return;
    }
    if (this.#offset < size) this.start();
    else onEnd();
  }

  private readOn(count: number): void {
    const part = count === SECTOR_LENGTH ? this.#buffer : this.#buffer.subarray(0, count);
    this.#options.flash.read(part, this.#offset);
    this.#options.take(part);
    this.#offset += count;
  }
}

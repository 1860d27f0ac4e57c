import type { ClockPort, TimerId, TimerPort } from "../foundation/timer-port.js";
import { Watchdog, type WatchLimits, type WatchPhase, type WatchVerdict } from "./watchdog.js";

const MAX_TIMER_MS = 0x7fffffff;

/**
 * Runs a watchdog on one timer. Received bytes only move the deadline, a number; the timer is set anew when it fires
 * too early.
 */
export class WatchTimer {
  readonly #timer: TimerPort;
  readonly #clock: ClockPort;
  readonly #watchdog: Watchdog;
  readonly #onVerdict: (verdict: WatchVerdict) => void;
  #id: TimerId | undefined;

  /** @param onVerdict must not throw */
  constructor(timer: TimerPort, clock: ClockPort, limits: WatchLimits, onVerdict: (verdict: WatchVerdict) => void) {
    this.#timer = timer;
    this.#clock = clock;
    this.#onVerdict = onVerdict;
    this.#watchdog = new Watchdog(limits, clock.ticks());
    this.arm();
  }

  get phase(): WatchPhase {
    return this.#watchdog.phase;
  }

  enter(phase: WatchPhase): void {
    this.#watchdog.enter(phase, this.#clock.ticks());
    this.arm();
  }

  /**
   * Notes received bytes. With 0: none came, but the wait is not the server's fault, as while the sink erases flash.
   */
  received(bytes: number): void {
    this.#watchdog.received(bytes, this.#clock.ticks());
  }

  /** The sink has no space: the server is not waited for, until `release`. */
  hold(): void {
    this.#watchdog.hold();
  }

  /** Does nothing when it is not held. */
  release(): void {
    this.#watchdog.release(this.#clock.ticks());
  }

  stop(): void {
    this.#timer.clear(this.#id);
    this.#id = undefined;
  }

  private arm(): void {
    this.#timer.clear(this.#id);
    const wait = this.#watchdog.deadline - this.#clock.ticks();
    this.#id = this.#timer.set(() => this.look(), Math.max(0, Math.min(wait, MAX_TIMER_MS)));
  }

  private look(): void {
    this.#id = undefined;
    const verdict = this.#watchdog.check(this.#clock.ticks());
    if (verdict === undefined) this.arm();
    else this.#onVerdict(verdict);
  }
}

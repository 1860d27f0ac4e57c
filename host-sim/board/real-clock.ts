import type { BoardClock, CancelTimer } from "./clock.js";

/** Longest delay a Node timer takes. */
const MAX_NODE_DELAY_MS = 0x7fffffff;

/** The wall clock and Node's timers. */
export class RealClock implements BoardClock {
  readonly virtual = false;

  now(): number {
    return Date.now();
  }

  after(ms: number, callback: () => void): CancelTimer {
    const timer = setTimeout(callback, Math.min(Math.max(0, Number.isFinite(ms) ? ms : 0), MAX_NODE_DELAY_MS));
    return () => clearTimeout(timer);
  }

  block(ms: number): void {
    if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }
}

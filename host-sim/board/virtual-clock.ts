import type { BoardClock, CancelTimer } from "./clock.js";

/** 2026-01-01T00:00:00Z: virtual time starts here, so that certificates and signatures have a plausible date. */
export const VIRTUAL_START_MS = 1_767_225_600_000;

interface Due {
  readonly at: number;
  /** Order of planning, which decides between events of the same instant. */
  readonly order: number;
  callback: (() => void) | undefined;
}

/** A queue of events on a clock that jumps from one to the next. */
export class VirtualClock implements BoardClock {
  readonly virtual = true;
  #now: number;
  #order = 0;
  /** Binary heap, the earliest event first. Cancelled events stay in it, without a callback, until they come up. */
  readonly #heap: Due[] = [];
  #live = 0;

  constructor(startMs: number = VIRTUAL_START_MS) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  /** Events that wait. */
  get pending(): number {
    return this.#live;
  }

  after(ms: number, callback: () => void): CancelTimer {
    const due: Due = {
      at: this.#now + Math.max(0, Number.isFinite(ms) ? Math.ceil(ms) : 0),
      order: this.#order++,
      callback,
    };
    this.#push(due);
    this.#live += 1;
    return () => {
      if (due.callback === undefined) return;
      due.callback = undefined;
      this.#live -= 1;
    };
  }

  block(ms: number): void {
    if (ms > 0) this.#now += Math.ceil(ms);
  }

  /** Runs the next event. Returns `false` when there is none, or none before `limitMs` (milliseconds since 1970). */
  step(limitMs: number = Number.POSITIVE_INFINITY): boolean {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined) return false;
      if (next.callback !== undefined && next.at > limitMs) return false;
      this.#pop();
      const callback = next.callback;
      if (callback === undefined) continue;
      next.callback = undefined;
      this.#live -= 1;
      // An event that was due while the board was busy runs late, never back in time.
      if (next.at > this.#now) this.#now = next.at;
      callback();
      return true;
    }
  }

  /** Runs events for `ms` milliseconds and leaves the clock there. */
  advance(ms: number): void {
    const end = this.#now + ms;
    while (this.step(end)) {}
    if (this.#now < end) this.#now = end;
  }

  /**
   * Runs events until `done()` holds, asked before the first event and after each. Returns `false` when it does not
   * hold after `limitMs` milliseconds, or when nothing waits any more.
   */
  runUntil(done: () => boolean, limitMs: number): boolean {
    const end = this.#now + limitMs;
    for (;;) {
      if (done()) return true;
      if (!this.step(end)) {
        if (this.#live > 0 && this.#now < end) this.#now = end;
        return false;
      }
    }
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(due);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, due)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let least = heap[child];
      if (least === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, least)) {
        child += 1;
        least = right;
      }
      if (isBefore(last, least)) break;
      heap[index] = least;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

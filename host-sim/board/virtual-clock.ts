import type { BoardClock, CancelTimer } from "./clock.js";
import { type Due, EventHeap, isBefore } from "./event-heap.js";

/** 2026-01-01T00:00:00Z: virtual time starts here, so that certificates and signatures have a plausible date. */
export const VIRTUAL_START_MS = 1_767_225_600_000;

/** A queue of events on a clock that jumps from one to the next. */
export class VirtualClock implements BoardClock {
  readonly virtual = true;
  #now: number;
  #order = 0;
  /** What waits for a board that is busy. */
  readonly #patient = new EventHeap();
  /** What happens elsewhere, whatever the board does. */
  readonly #elsewhere = new EventHeap();
  #live = 0;

  constructor(startMs: number = VIRTUAL_START_MS) {
    this.#now = startMs;
  }

  now(): number {
    return Math.floor(this.#now);
  }

  /** The same with its fraction: a segment of a fast link takes less than a millisecond. */
  get exact(): number {
    return this.#now;
  }

  /** Events that wait. */
  get pending(): number {
    return this.#live;
  }

  after(ms: number, callback: () => void): CancelTimer {
    return this.#plan(this.#patient, this.#now + Math.max(0, Number.isFinite(ms) ? Math.ceil(ms) : 0), callback);
  }

  /** As `after`, at a moment with its fraction; what is past is due now. */
  at(moment: number, callback: () => void): CancelTimer {
    return this.#plan(this.#patient, Math.max(this.#now, moment), callback);
  }

  /** As `at`, for what happens away from the board: it is not late when the board is busy. */
  elsewhere(moment: number, callback: () => void): CancelTimer {
    return this.#plan(this.#elsewhere, Math.max(this.#now, moment), callback);
  }

  /** The rest of the world goes on meanwhile: its events run inside of this call. */
  block(ms: number): void {
    if (!(ms > 0)) return;
    const end = this.#now + ms;
    for (;;) {
      const next = this.#elsewhere.first;
      if (next === undefined || next.at > end) break;
      this.#run(this.#elsewhere, next);
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Runs the next event. Returns `false` when there is none, or none before `limitMs` (milliseconds since 1970). */
  step(limitMs: number = Number.POSITIVE_INFINITY): boolean {
    const [patient, elsewhere] = [this.#patient.first, this.#elsewhere.first];
    const isElsewhere = elsewhere !== undefined && (patient === undefined || isBefore(elsewhere, patient));
    const next = isElsewhere ? elsewhere : patient;
    if (next === undefined || next.at > limitMs) return false;
    this.#run(isElsewhere ? this.#elsewhere : this.#patient, next);
    return true;
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

  #plan(heap: EventHeap, at: number, callback: () => void): CancelTimer {
    const due: Due = { at, order: this.#order++, callback };
    heap.push(due);
    this.#live += 1;
    return () => {
      if (due.callback === undefined) return;
      due.callback = undefined;
      this.#live -= 1;
    };
  }

  #run(heap: EventHeap, due: Due): void {
    const { callback } = due;
    heap.pop();
    due.callback = undefined;
    this.#live -= 1;
    // An event that was due while the board was busy runs late, never back in time.
    if (due.at > this.#now) this.#now = due.at;
    callback?.();
  }
}

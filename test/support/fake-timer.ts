/** A virtual `timer` module and clock: time moves only by {@link FakeTimer.advance}. */

type Entry = { readonly id: number; readonly due: number; readonly callback: () => void };

export class FakeTimer {
  #now = 0;
  #next = 1;
  #firing = false;
  #entries: Entry[] = [];

  /** Timers that have been set and neither fired nor cleared. */
  get pending(): number {
    return this.#entries.length;
  }

  get now(): number {
    return this.#now;
  }

  readonly set = (callback: () => void, ms = 0): object => {
    if (typeof callback !== "function") throw new SyntaxError("callback is not a function");
    const entry = { id: this.#next++, due: this.#now + Math.max(0, ms), callback };
    this.#entries.push(entry);
    return entry;
  };

  readonly clear = (id: object | undefined): void => {
    this.#entries = this.#entries.filter((entry) => entry !== id);
  };

  /** Runs everything that falls due within the next `ms` ms, in order of time and then of setting. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const entry = this.#earliest();
      if (entry === undefined || entry.due > end) break;
      this.#fire(entry);
    }
    this.#now = end;
  }

  /** Runs what is due now, including what that sets for now. */
  settle(): void {
    this.advance(0);
  }

  #earliest(): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.#entries)
      if (first === undefined || entry.due < first.due || (entry.due === first.due && entry.id < first.id))
        first = entry;
    return first;
  }

  /** As {@link settle}, but nothing when called by a timer: those that are due get their turn anyway. */
  catchUp(): void {
    if (!this.#firing) this.settle();
  }

  #fire(entry: Entry): void {
    this.clear(entry);
    this.#now = entry.due;
    this.#firing = true;
    try {
      entry.callback();
    } finally {
      this.#firing = false;
    }
  }
}

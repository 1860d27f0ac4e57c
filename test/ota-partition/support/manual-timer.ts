/** Timers that fire only when told, in order; ids are objects as the SDK's are. */
export class ManualTimer {
  #queue: { callback: () => void }[] = [];

  set(callback: () => void): object {
    const id = { callback };
    this.#queue.push(id);
    return id;
  }

  clear(id: object | undefined): void {
    this.#queue = this.#queue.filter((waiting) => waiting !== id);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Runs one turn; false when nothing waits. */
  turn(): boolean {
    const next = this.#queue.shift();
    next?.callback();
    return next !== undefined;
  }

  drain(): number {
    let turns = 0;
    while (this.turn()) turns += 1;
    return turns;
  }
}

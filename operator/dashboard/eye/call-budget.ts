/** What a look may still ask for one by one: AWS takes ten questions a second of each kind, from all of the account. */
export class CallBudget {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** As many of the items as may be asked for. */
  take<T>(items: readonly T[]): readonly T[] {
    const taken = items.slice(0, this.#left);
    this.#left -= taken.length;
    return taken;
  }

  get isSpent(): boolean {
    return this.#left === 0;
  }
}

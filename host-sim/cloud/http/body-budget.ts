/** Room for the bodies of all connections together: bytes that were read and not yet answered. */
export class BodyBudget {
  readonly #bytes: number;
  #used = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Bytes taken now. */
  get used(): number {
    return this.#used;
  }

  /** Takes `bytes`; false, and nothing taken, when there is no room for them. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#bytes) return false;
    this.#used += bytes;
    return true;
  }

  /** Gives back what was taken. */
  give(bytes: number): void {
    this.#used -= bytes;
  }
}

/** [MQTT 3.1.1, 2.3.1] Packet identifiers are 16 bits and not 0. */
const MAX_PACKET_ID = 65_535;

/**
 * Gives out packet identifiers that are not in use. They go round all 65 535 values, so that a late acknowledgement is
 * not taken for that of a newer packet. The SDK's client has a counter of its own, which does not wrap; hence
 * identifiers are always given to it.
 */
export class PacketIds {
  #last: number;
  readonly #used = new Set<number>();

  /** @param last the identifier before the first one, for tests of the wrap */
  constructor(last = 0) {
    this.#last = last;
  }

  /** How many are in use. */
  get size(): number {
    return this.#used.size;
  }

  /** The next free identifier. Callers are bounded far below 65 535, so that there is one. */
  take(): number {
    do {
      this.#last = this.#last >= MAX_PACKET_ID ? 1 : this.#last + 1;
    } while (this.#used.has(this.#last));
    this.#used.add(this.#last);
    return this.#last;
  }

  /** Identifiers that are not in use are accepted. */
  release(id: number): void {
    this.#used.delete(id);
  }
}

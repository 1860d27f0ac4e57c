import type { ChunkFate, Faults } from "../board/network/index.js";
import type { Weather } from "./soak-plan.js";

const LONGEST_DELAY_MS = 5000;
const FINE: Weather = Object.freeze({
  lastsMs: 0,
  noName: 0,
  noConnection: 0,
  chunkDelay: 0,
  chunkStall: 0,
  chunkReset: 0,
  chunkHalfClose: 0,
});

/** Faults of the network by chance. */
export class NetworkWeather {
  readonly #random: () => number;
  #now: Weather = FINE;

  /** `random` is drawn from for each name, connection and chunk while the weather is bad. */
  constructor(random: () => number) {
    this.#random = random;
  }

  set(weather: Weather): void {
    this.#now = weather;
  }

  clear(): void {
    this.#now = FINE;
  }

  /** For the virtual network; follows every change. */
  readonly faults: Faults = {
    resolve: () => (this.#hits(this.#now.noName) ? (this.#hits(0.5) ? "fail" : "silence") : undefined),
    connect: () => {
      if (!this.#hits(this.#now.noConnection)) return undefined;
      if (this.#hits(0.5)) return "refuse";
      return this.#hits(0.7) ? "silence" : { tlsFailure: "handshake interrupted" };
    },
    toDevice: () => this.#chunk(),
    toPeer: () => this.#chunk(),
  };

  #chunk(): ChunkFate | undefined {
    const { chunkDelay, chunkStall, chunkReset, chunkHalfClose } = this.#now;
    if (this.#hits(chunkReset)) return "reset";
    if (this.#hits(chunkStall)) return "stall";
    if (this.#hits(chunkHalfClose)) return "half-close";
    return this.#hits(chunkDelay) ? { delayMs: Math.ceil(this.#random() * LONGEST_DELAY_MS) } : undefined;
  }

  #hits(chance: number): boolean {
    return chance > 0 && this.#random() < chance;
  }
}

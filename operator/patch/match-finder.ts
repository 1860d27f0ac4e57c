import { MAX_MATCH, MIN_MATCH } from "./deflate-symbols.js";

/** Earlier places that are looked at for one place. */
const MOST_TRIED = 400;

/** For each place the matches worth taking: each longer than the one before it, at the smallest distance it has. */
export class Matches {
  readonly #starts: Int32Array;
  readonly #lengths: number[] = [];
  readonly #distances: number[] = [];

  constructor(bytes: Uint8Array, window: number) {
    const count = bytes.length;
    this.#starts = new Int32Array(count + 1);
    const last = new Map<number, number>();
    const before = new Int32Array(count).fill(-1);
    for (let at = 0; at < count; at++) {
      this.#starts[at] = this.#lengths.length;
      if (at + MIN_MATCH > count) continue;
      const key = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      const most = Math.min(MAX_MATCH, count - at);
      let longest = MIN_MATCH - 1;
      let candidate = last.get(key) ?? -1;
      for (let tried = 0; candidate >= 0 && at - candidate <= window && tried < MOST_TRIED; tried++) {
        if (bytes[candidate + longest] === bytes[at + longest]) {
          let length = MIN_MATCH;
          while (length < most && bytes[candidate + length] === bytes[at + length]) length++;
          if (length > longest) {
            longest = length;
            this.#lengths.push(length);
            this.#distances.push(at - candidate);
            if (length === most) break;
          }
        }
        candidate = before[candidate] ?? -1;
      }
      before[at] = last.get(key) ?? -1;
      last.set(key, at);
    }
    this.#starts[count] = this.#lengths.length;
  }

  /** Numbers of the matches of a place, for the two methods below. */
  first(at: number): number {
    return this.#starts[at] ?? 0;
  }

  length(match: number): number {
    return this.#lengths[match] ?? 0;
  }

  distance(match: number): number {
    return this.#distances[match] ?? 0;
  }
}

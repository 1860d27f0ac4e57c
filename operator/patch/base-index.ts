import { suffixArray } from "./suffix-array.js";

export interface Found {
  readonly at: number;
  readonly length: number;
}

/** Finds in the base what the new image has. */
export class BaseIndex {
  readonly #base: Uint8Array;
  readonly #order: Int32Array;

  constructor(base: Uint8Array) {
    this.#base = base;
    this.#order = suffixArray(base);
  }

  /** The longest part of the base that `image` has at `from`. Without one, `length` is 0. */
  longest(image: Uint8Array, from: number): Found {
    let [low, high] = [0, this.#order.length - 1];
    // What both ends share with the image, every suffix between them shares as well.
    let [shared, sharedLow, sharedHigh] = [0, 0, 0];
    let best = { at: 0, length: 0 };
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const at = this.#order[middle] ?? 0;
      const length = this.matching(image, from, at, shared);
      if (length > best.length) best = { at, length };
      if (this.isBelow(image, from, at, length)) {
        low = middle + 1;
        sharedLow = length;
      } else {
        high = middle - 1;
        sharedHigh = length;
      }
      shared = Math.min(sharedLow, sharedHigh);
    }
    return best;
  }

  /** Bytes that are equal, `known` of which need no look. */
  private matching(image: Uint8Array, from: number, at: number, known: number): number {
    const most = Math.min(image.length - from, this.#base.length - at);
    let length = known;
    while (length < most && this.#base[at + length] === image[from + length]) length++;
    return length;
  }

  /** The base's suffix at `at` comes before the image's at `from`, from which it differs behind `length` bytes. */
  private isBelow(image: Uint8Array, from: number, at: number, length: number): boolean {
    if (at + length === this.#base.length) return true;
    return from + length < image.length && (this.#base[at + length] ?? 0) < (image[from + length] ?? 0);
  }
}

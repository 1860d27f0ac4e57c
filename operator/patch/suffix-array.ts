/**
 * All suffixes of a text in their order, in linear time: induced sorting after Nong, Zhang and Chan, "Linear Suffix
 * Array Construction by Almost Pure Induced-Sorting" (2009).
 */

type Text = Uint8Array | Int32Array;

/** @returns the places at which the suffixes begin, the smallest suffix first; a prefix of another comes before it */
export function suffixArray(text: Uint8Array): Int32Array {
  return sorted(text, 256);
}

/** `text` has numbers below `alphabet` only. */
function sorted(text: Text, alphabet: number): Int32Array {
  const { length } = text;
  if (length < 2) return new Int32Array(length);
  const types = new Types(text, alphabet);
  // The substrings from one LMS place to the next in their order, as numbers; then the suffixes that begin there.
  const names = namesOf(text, types, types.induced(types.places));
  const ranks = names.count === types.places.length ? inverse(names.text) : sorted(names.text, names.count);
  return types.induced(ranks.map((rank) => types.places[rank] ?? 0));
}

/** The order of numbers that are all different, from 0 on. */
function inverse(numbers: Int32Array): Int32Array {
  const order = new Int32Array(numbers.length);
  for (let index = 0; index < numbers.length; index++) order[numbers[index] ?? 0] = index;
  return order;
}

/**
 * A place is of type S when its suffix is smaller than the next one's, else of type L; it is LMS when it is S after an
 * L. Within one first character, L suffixes come before S suffixes.
 */
class Types {
  readonly isSmaller: Uint8Array;
  /** All LMS places, as they stand in the text. */
  readonly places: Int32Array;
  #text: Text;
  /** Where the suffixes of each first character begin, and behind the last. */
  #starts: Int32Array;

  constructor(text: Text, alphabet: number) {
    const { length } = text;
    const isSmaller = new Uint8Array(length);
    const starts = new Int32Array(alphabet + 1);
    let count = 0;
    for (let at = length - 1; at >= 0; at--) {
      const [here = 0, next = -1] = [text[at], text[at + 1]];
      starts[here + 1] = (starts[here + 1] ?? 0) + 1;
      if (at === length - 1) continue;
      isSmaller[at] = here < next ? 1 : here > next ? 0 : (isSmaller[at + 1] ?? 0);
      if (isSmaller[at] === 0 && isSmaller[at + 1] === 1) count++;
    }
    for (let code = 1; code <= alphabet; code++) starts[code] = (starts[code] ?? 0) + (starts[code - 1] ?? 0);
    this.isSmaller = isSmaller;
    this.#text = text;
    this.#starts = starts;
    this.places = new Int32Array(count);
    for (let at = 1, index = 0; at < length; at++) if (this.isLms(at)) this.places[index++] = at;
  }

  isLms(at: number): boolean {
    return at > 0 && this.isSmaller[at] === 1 && this.isSmaller[at - 1] === 0;
  }

  /** All suffixes, sorted as far as `seeds` (LMS places) are in order. */
  induced(seeds: Int32Array): Int32Array {
    const text = this.#text;
    const smaller = this.isSmaller;
    const { length } = text;
    const order = new Int32Array(length).fill(-1);
    const ends = this.#starts.slice(1);
    for (let index = seeds.length - 1; index >= 0; index--) {
      const place = seeds[index] ?? 0;
      const code = text[place] ?? 0;
      const end = (ends[code] ?? 0) - 1;
      ends[code] = end;
      order[end] = place;
    }
    const starts = this.#starts.slice();
    const takeLarger = (place: number): void => {
      const code = text[place] ?? 0;
      const start = starts[code] ?? 0;
      starts[code] = start + 1;
      order[start] = place;
    };
    takeLarger(length - 1);
    for (let index = 0; index < length; index++) {
      const before = (order[index] ?? -1) - 1;
      if (before >= 0 && smaller[before] === 0) takeLarger(before);
    }
    ends.set(this.#starts.subarray(1));
    for (let index = length - 1; index >= 0; index--) {
      const before = (order[index] ?? -1) - 1;
      if (before < 0 || smaller[before] !== 1) continue;
      const code = text[before] ?? 0;
      const end = (ends[code] ?? 0) - 1;
      ends[code] = end;
      order[end] = before;
    }
    return order;
  }
}

/** The LMS substrings as numbers in their order, equal ones with equal numbers, as they stand in the text. */
function namesOf(text: Text, types: Types, order: Int32Array): { readonly text: Int32Array; readonly count: number } {
  const nameAt = new Int32Array(text.length).fill(-1);
  let count = 0;
  let last = -1;
  for (const place of order) {
    if (!types.isLms(place)) continue;
    if (last < 0 || !sameSubstring(text, types, last, place)) count++;
    nameAt[place] = count - 1;
    last = place;
  }
  return { text: Int32Array.from(types.places, (place) => nameAt[place] ?? 0), count };
}

function sameSubstring(text: Text, types: Types, one: number, other: number): boolean {
  for (let step = 0; ; step++) {
    if (one + step >= text.length || other + step >= text.length) return false;
    if (text[one + step] !== text[other + step]) return false;
    if (types.isSmaller[one + step] !== types.isSmaller[other + step]) return false;
    if (step > 0 && types.isLms(one + step)) return types.isLms(other + step);
    if (step > 0 && types.isLms(other + step)) return false;
  }
}

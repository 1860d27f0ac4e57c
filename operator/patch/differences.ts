/**
 * Where the parts of the new image come from, after Colin Percival, "Naive Differences of Executable Code" (2003):
 * a part of the base may differ from the image in some bytes, as addresses in code do when the code has moved.
 */
import { BaseIndex, type Found } from "./base-index.js";

/** A stretch of the image, and the part of the base that it resembles; then bytes that the base does not have. */
export interface Stretch {
  readonly at: number;
  /** Bytes that resemble the base, from 0 on. */
  readonly similar: number;
  /** Where in the base they are. */
  readonly source: number;
  /** Bytes behind them that are new. */
  readonly fresh: number;
}

/** A match must be longer than what goes on from the last one by this, or it is not worth its place. */
const BETTER_BY = 8;

/** The whole image as stretches, in order. */
export function stretches(base: Uint8Array, image: Uint8Array): Stretch[] {
  if (base.length === 0 || image.length === 0)
    return image.length === 0 ? [] : [{ at: 0, similar: 0, source: 0, fresh: image.length }];
  const index = new BaseIndex(base);
  const found: Stretch[] = [];
  let last = { at: 0, source: 0 };
  let match: Found = { at: 0, length: 0 };
  let scan = 0;
  while (scan < image.length) {
    const next = nextMatch({ base, image, index, scan: scan + match.length, shift: last.source - last.at });
    ({ scan, match } = next);
    if (!next.isOther && scan < image.length) continue;
    const { forward, backward } = extended({ base, image, last, scan, match });
    found.push({ at: last.at, similar: forward, source: last.source, fresh: scan - backward - (last.at + forward) });
    last = { at: scan - backward, source: match.at - backward };
  }
  return found;
}

interface Search {
  readonly base: Uint8Array;
  readonly image: Uint8Array;
  readonly index: BaseIndex;
  readonly scan: number;
  /** From the image to the base, as the last match has it. */
  readonly shift: number;
}

/** The next place where the base has a part that is clearly better than to go on with the last one. */
function nextMatch({ base, image, index, scan: start, shift }: Search): {
  scan: number;
  match: Found;
  isOther: boolean;
} {
  let scan = start;
  let match: Found = { at: 0, length: 0 };
  /** Bytes of the match that the last one would give as well: those from `scan` to `counted`. */
  let given = 0;
  let counted = scan;
  const isGiven = (at: number): boolean =>
    at + shift >= 0 && at + shift < base.length && base[at + shift] === image[at];
  for (; scan < image.length; scan++) {
    match = index.longest(image, scan);
    for (; counted < scan + match.length; counted++) if (isGiven(counted)) given++;
    if ((match.length === given && match.length !== 0) || match.length > given + BETTER_BY) break;
    if (counted > scan && isGiven(scan)) given--;
    counted = Math.max(counted, scan + 1);
  }
  return { scan, match, isOther: match.length !== given };
}

interface Gap {
  readonly base: Uint8Array;
  readonly image: Uint8Array;
  readonly last: { readonly at: number; readonly source: number };
  readonly scan: number;
  readonly match: Found;
}

/** How far the last match goes on, and the new one reaches back, while more than half of the bytes agree. */
function extended({ base, image, last, scan, match }: Gap): { forward: number; backward: number } {
  const before = Math.min(scan - last.at, base.length - last.source);
  let forward = longestGood(before, (step) => base[last.source + step] === image[last.at + step]);
  const back = scan < image.length ? Math.min(scan - last.at, match.at) : 0;
  let backward = longestGood(back, (step) => base[match.at - 1 - step] === image[scan - 1 - step]);
  const overlap = last.at + forward - (scan - backward);
  if (overlap > 0) {
    const [endOfLast, startOfNext] = [last.at + forward - overlap, match.at - backward];
    const split = bestSplit(
      overlap,
      (step) => image[endOfLast + step] === base[last.source + forward - overlap + step],
      (step) => image[endOfLast + step] === base[startOfNext + step],
    );
    forward += split - overlap;
    backward -= split;
  }
  return { forward, backward };
}

function longestGood(most: number, agrees: (step: number) => boolean): number {
  let [good, best, length] = [0, 0, 0];
  for (let step = 0; step < most; step++) {
    if (agrees(step)) good++;
    if (good * 2 - (step + 1) > best) {
      best = good * 2 - (step + 1);
      length = step + 1;
    }
  }
  return length;
}

/** How many of the bytes that both would take go to the first. */
function bestSplit(count: number, first: (step: number) => boolean, second: (step: number) => boolean): number {
  let [score, best, split] = [0, 0, 0];
  for (let step = 0; step < count; step++) {
    if (first(step)) score++;
    if (second(step)) score--;
    if (score > best) {
      best = score;
      split = step + 1;
    }
  }
  return split;
}

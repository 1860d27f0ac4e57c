/**
 * Deflate that takes its time: the cheapest way through all matches under the costs that the last way had, and blocks
 * where they pay, after the ideas of Zopfli (Alakuijala and Vandevenne, 2013), with a window as small as the device's.
 */
import { BitWriter } from "./bit-writer.js";
import { blockBits, type Codes, codesFor, type Token, writeBlock } from "./deflate-block.js";
import { DISTANCES, distanceSymbol, LITERALS, lengthSymbol, MIN_MATCH } from "./deflate-symbols.js";
import { WINDOW_BITS } from "./format.js";
import { Matches } from "./match-finder.js";

const ROUNDS = 6;
/** Bits of a symbol that the last way did not use. */
const UNUSED_BITS = 12;
/** Tokens of the smallest block. */
const LEAST_TOKENS = 60;
const SPLIT_TRIES = 9;

/** A raw deflate stream of `bytes`. */
export function bestDeflate(bytes: Uint8Array): Uint8Array {
  const matches = new Matches(bytes, 1 << WINDOW_BITS);
  let codes: Codes = {
    literals: new Uint8Array(LITERALS).fill(8),
    distances: new Uint8Array(DISTANCES).fill(5),
  };
  let best: { tokens: readonly Token[]; bits: number } | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const tokens = cheapest(bytes, matches, codes);
    const bits = blockBits(tokens);
    if (best === undefined || bits < best.bits) best = { tokens, bits };
    codes = codesFor(tokens);
  }
  const blocks = split(best?.tokens ?? []);
  const writer = new BitWriter();
  for (const tokens of blocks) writeBlock(writer, tokens, tokens === blocks.at(-1));
  return writer.end();
}

/** The way through the bytes that costs least. */
function cheapest(bytes: Uint8Array, matches: Matches, { literals, distances }: Codes): Token[] {
  const count = bytes.length;
  const cost = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
  const lengths = new Uint16Array(count + 1);
  const backs = new Uint16Array(count + 1);
  const bitsOf = (table: Uint8Array, symbol: number): number => table[symbol] || UNUSED_BITS;
  const lengthBits = Array.from({ length: 259 }, (_, length) => {
    const { symbol, extra } = lengthSymbol(length);
    return length < MIN_MATCH ? 0 : bitsOf(literals, symbol) + extra;
  });
  cost[0] = 0;
  for (let at = 0; at < count; at++) {
    const here = cost[at] ?? 0;
    const single = here + bitsOf(literals, bytes[at] ?? 0);
    if (single < (cost[at + 1] ?? 0)) {
      cost[at + 1] = single;
      lengths[at + 1] = 1;
    }
    let length = MIN_MATCH;
    for (let match = matches.first(at), end = matches.first(at + 1); match < end; match++) {
      const distance = matches.distance(match);
      const { symbol, extra } = distanceSymbol(distance);
      const start = here + bitsOf(distances, symbol) + extra;
      for (const longest = matches.length(match); length <= longest; length++) {
        const total = start + (lengthBits[length] ?? 0);
        if (total >= (cost[at + length] ?? 0)) continue;
        cost[at + length] = total;
        lengths[at + length] = length;
        backs[at + length] = distance;
      }
    }
  }
  const tokens: Token[] = [];
  for (let at = count; at > 0; ) {
    const length = lengths[at] ?? 1;
    tokens.push(
      length === 1 ? { value: bytes[at - 1] ?? 0, distance: 0 } : { value: length, distance: backs[at] ?? 0 },
    );
    at -= length;
  }
  return tokens.reverse();
}

/** Blocks with codes of their own, where two of them are shorter than one. */
function split(tokens: readonly Token[], bits = blockBits(tokens)): (readonly Token[])[] {
  if (tokens.length < 2 * LEAST_TOKENS) return [tokens];
  let [low, high] = [LEAST_TOKENS, tokens.length - LEAST_TOKENS];
  let best = { at: 0, bits, left: 0, right: 0 };
  while (high > low) {
    const step = Math.max(1, Math.floor((high - low) / SPLIT_TRIES));
    let chosen = -1;
    for (let at = low; at <= high; at += step) {
      const [left, right] = [blockBits(tokens.slice(0, at)), blockBits(tokens.slice(at))];
      if (left + right >= best.bits) continue;
      best = { at, bits: left + right, left, right };
      chosen = at;
    }
    if (chosen < 0 || step === 1) break;
    [low, high] = [Math.max(low, chosen - step), Math.min(high, chosen + step)];
  }
  if (best.at === 0) return [tokens];
  return [...split(tokens.slice(0, best.at), best.left), ...split(tokens.slice(best.at), best.right)];
}

import type { BitWriter } from "./bit-writer.js";
import { DISTANCES, distanceSymbol, END_OF_BLOCK, LITERALS, lengthSymbol } from "./deflate-symbols.js";
import { codeLengths, codesOf } from "./huffman-code.js";

/** A literal byte (`distance` 0), or a repetition of `value` bytes. */
export interface Token {
  readonly value: number;
  readonly distance: number;
}

const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MAX_BITS = 15;
const MAX_HEADER_BITS = 7;
const FIXED_LITERALS = Uint8Array.from({ length: 288 }, (_, symbol) =>
  symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
);
const FIXED_DISTANCES = new Uint8Array(DISTANCES).fill(5);

export interface Codes {
  readonly literals: Uint8Array;
  readonly distances: Uint8Array;
}

interface Plan extends Codes {
  readonly isFixed: boolean;
  readonly header: Header;
  readonly bits: number;
}

interface Header {
  readonly literalCount: number;
  readonly distanceCount: number;
  /** Symbols of the lengths' own code, each with what follows it. */
  readonly symbols: readonly { readonly symbol: number; readonly extra: number; readonly bits: number }[];
  readonly lengths: Uint8Array;
  readonly codeCount: number;
  readonly bits: number;
}

/** The best codes for the tokens, whatever a header with them costs. */
export function codesFor(tokens: readonly Token[]): Codes {
  const literals = new Array<number>(LITERALS).fill(0);
  const distances = new Array<number>(DISTANCES).fill(0);
  literals[END_OF_BLOCK] = 1;
  const count = (counts: number[], symbol: number) => {
    counts[symbol] = (counts[symbol] ?? 0) + 1;
  };
  for (const { value, distance } of tokens) {
    count(literals, distance === 0 ? value : lengthSymbol(value).symbol);
    if (distance > 0) count(distances, distanceSymbol(distance).symbol);
  }
  // At least two literals have a code, as a code of one is not complete; the end of the block is one of them.
  if (literals.filter((times) => times > 0).length === 1) literals[0] = 1;
  return { literals: codeLengths(literals, MAX_BITS), distances: codeLengths(distances, MAX_BITS) };
}

/** Bits of a block of these tokens, in the shorter of its two forms. */
export function blockBits(tokens: readonly Token[]): number {
  return planFor(tokens).bits;
}

export function writeBlock(writer: BitWriter, tokens: readonly Token[], isLast: boolean): void {
  const { literals, distances, isFixed, header } = planFor(tokens);
  writer.write(isLast ? 1 : 0, 1);
  writer.write(isFixed ? 1 : 2, 2);
  if (!isFixed) writeHeader(writer, header);
  const [literalCodes, distanceCodes] = [codesOf(literals), codesOf(distances)];
  const put = (codes: readonly number[], lengths: Uint8Array, symbol: number) =>
    writer.write(codes[symbol] ?? 0, lengths[symbol] ?? 0);
  for (const { value, distance } of tokens) {
    if (distance === 0) {
      put(literalCodes, literals, value);
      continue;
    }
    const [length, far] = [lengthSymbol(value), distanceSymbol(distance)];
    put(literalCodes, literals, length.symbol);
    writer.write(value - length.base, length.extra);
    put(distanceCodes, distances, far.symbol);
    writer.write(distance - far.base, far.extra);
  }
  put(literalCodes, literals, END_OF_BLOCK);
}

function planFor(tokens: readonly Token[]): Plan {
  const codes = codesFor(tokens);
  const header = headerFor(codes);
  const own = 3 + header.bits + tokenBits(tokens, codes);
  const fixed = 3 + tokenBits(tokens, { literals: FIXED_LITERALS, distances: FIXED_DISTANCES });
  return fixed <= own
    ? { literals: FIXED_LITERALS, distances: FIXED_DISTANCES, isFixed: true, header, bits: fixed }
    : { ...codes, isFixed: false, header, bits: own };
}

function tokenBits(tokens: readonly Token[], { literals, distances }: Codes): number {
  let bits = literals[END_OF_BLOCK] ?? 0;
  for (const { value, distance } of tokens) {
    if (distance === 0) bits += literals[value] ?? 0;
    else {
      const [length, far] = [lengthSymbol(value), distanceSymbol(distance)];
      bits += (literals[length.symbol] ?? 0) + length.extra + (distances[far.symbol] ?? 0) + far.extra;
    }
  }
  return bits;
}

/** The place of the last number that is not 0; -1 without one. */
function lastUsed(numbers: readonly number[]): number {
  return numbers.reduce((last, number, at) => (number > 0 ? at : last), -1);
}

/** [RFC 1951 3.2.7] */
function headerFor({ literals, distances }: Codes): Header {
  const used = (lengths: Uint8Array, least: number) => Math.max(least, lastUsed([...lengths]) + 1);
  const [literalCount, distanceCount] = [used(literals, 257), used(distances, 1)];
  const all = [...literals.subarray(0, literalCount), ...distances.subarray(0, distanceCount)];
  const symbols = runsOf(all);
  const counts = new Array<number>(LENGTH_ORDER.length).fill(0);
  for (const { symbol } of symbols) counts[symbol] = (counts[symbol] ?? 0) + 1;
  if (counts.filter((times) => times > 0).length === 1) counts[counts[0] === 0 ? 0 : 1] = 1;
  const lengths = codeLengths(counts, MAX_HEADER_BITS);
  const codeCount = Math.max(4, lastUsed(LENGTH_ORDER.map((symbol) => lengths[symbol] ?? 0)) + 1);
  const bits = symbols.reduce(
    (total, { symbol, bits: extra }) => total + (lengths[symbol] ?? 0) + extra,
    14 + 3 * codeCount,
  );
  return { literalCount, distanceCount, symbols, lengths, codeCount, bits };
}

function runsOf(lengths: readonly number[]): { symbol: number; extra: number; bits: number }[] {
  const symbols: { symbol: number; extra: number; bits: number }[] = [];
  for (let at = 0; at < lengths.length; ) {
    const length = lengths[at] ?? 0;
    let end = at + 1;
    while (lengths[end] === length) end++;
    let left = end - at;
    at = end;
    if (length === 0) {
      for (; left >= 11; left -= Math.min(left, 138))
        symbols.push({ symbol: 18, extra: Math.min(left, 138) - 11, bits: 7 });
      if (left >= 3) symbols.push({ symbol: 17, extra: left - 3, bits: 3 });
    } else {
      symbols.push({ symbol: length, extra: 0, bits: 0 });
      for (left--; left >= 3; left -= Math.min(left, 6))
        symbols.push({ symbol: 16, extra: Math.min(left, 6) - 3, bits: 2 });
    }
    for (let rest = length === 0 && left >= 3 ? 0 : left; rest > 0; rest--)
      symbols.push({ symbol: length, extra: 0, bits: 0 });
  }
  return symbols;
}

function writeHeader(writer: BitWriter, { literalCount, distanceCount, symbols, lengths, codeCount }: Header): void {
  writer.write(literalCount - 257, 5);
  writer.write(distanceCount - 1, 5);
  writer.write(codeCount - 4, 4);
  for (const symbol of LENGTH_ORDER.slice(0, codeCount)) writer.write(lengths[symbol] ?? 0, 3);
  const codes = codesOf(lengths);
  for (const { symbol, extra, bits } of symbols) {
    writer.write(codes[symbol] ?? 0, lengths[symbol] ?? 0);
    writer.write(extra, bits);
  }
}

/** The alphabets of deflate. [RFC 1951 3.2.5] */
export const END_OF_BLOCK = 256;
export const LITERALS = 286;
export const DISTANCES = 30;
export const MIN_MATCH = 3;
export const MAX_MATCH = 258;

const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5];
const DISTANCE_EXTRA = Array.from({ length: DISTANCES }, (_, symbol) => Math.max(0, (symbol >> 1) - 1));

export interface SymbolOf {
  readonly symbol: number;
  readonly extra: number;
  readonly base: number;
}

function table(first: number, extras: readonly number[], symbolBase: number): SymbolOf[] {
  const symbols: SymbolOf[] = [];
  let base = first;
  extras.forEach((extra, index) => {
    for (let value = base; value < base + (1 << extra); value++)
      symbols[value] = { symbol: symbolBase + index, extra, base };
    base += 1 << extra;
  });
  return symbols;
}

const LENGTHS = table(MIN_MATCH, LENGTH_EXTRA, 257);
LENGTHS[MAX_MATCH] = { symbol: 285, extra: 0, base: MAX_MATCH };
const SHORT_DISTANCES = table(1, DISTANCE_EXTRA.slice(0, 24), 0);
const NONE: SymbolOf = { symbol: 0, extra: 0, base: 0 };

export const lengthSymbol = (length: number): SymbolOf => LENGTHS[length] ?? NONE;
/** Of distances up to 4096. */
export const distanceSymbol = (distance: number): SymbolOf => SHORT_DISTANCES[distance] ?? NONE;

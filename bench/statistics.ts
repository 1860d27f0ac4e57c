/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  return (quantile(values, 0.5) + quantile(values, 0.5, Math.ceil)) / 2;
}

/** The value that `share` (0 to 1) of the values do not exceed; NaN of nothing. */
export function quantile(values: readonly number[], share: number, round: (at: number) => number = Math.floor): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, round((sorted.length - 1) * share))] ?? Number.NaN;
}

/** For a table: no more digits than the measurement is worth. */
export function rounded(value: number, digits = 0): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

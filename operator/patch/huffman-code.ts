/** The lengths of the best codes for symbols that occur so often, none above `limit` bits; 0 for those of none. */
export function codeLengths(counts: readonly number[], limit: number): Uint8Array {
  const lengths = new Uint8Array(counts.length);
  const leaves = [...counts.keys()]
    .filter((symbol) => (counts[symbol] ?? 0) > 0)
    .map((symbol): Package => ({ count: counts[symbol] ?? 0, symbols: [symbol] }))
    .sort((one, other) => one.count - other.count);
  if (leaves.length < 2) {
    for (const { symbols } of leaves) for (const symbol of symbols) lengths[symbol] = 1;
    return lengths;
  }
  const quick = unlimited(leaves.map(({ count }) => count));
  if (Math.max(...quick) <= limit) {
    leaves.forEach(({ symbols: [symbol = 0] }, index) => {
      lengths[symbol] = quick[index] ?? 0;
    });
    return lengths;
  }
  // Larmore and Hirschberg: each level pairs the packages of the one below, and puts them among the symbols.
  let packages = leaves;
  for (let level = 1; level < limit; level++) packages = merged(leaves, paired(packages));
  for (const { symbols } of packages.slice(0, 2 * leaves.length - 2))
    for (const symbol of symbols) lengths[symbol] = (lengths[symbol] ?? 0) + 1;
  return lengths;
}

/** Huffman's own lengths for counts that are sorted: the nodes made last are the heaviest. */
function unlimited(counts: readonly number[]): number[] {
  const weights = [...counts];
  const parents: number[] = [];
  let [leaf, node] = [0, counts.length];
  const lightest = (): number => {
    const isLeaf = leaf < counts.length && (node >= weights.length || (weights[leaf] ?? 0) <= (weights[node] ?? 0));
    return isLeaf ? leaf++ : node++;
  };
  while (weights.length < 2 * counts.length - 1) {
    const [one, other] = [lightest(), lightest()];
    parents[one] = weights.length;
    parents[other] = weights.length;
    weights.push((weights[one] ?? 0) + (weights[other] ?? 0));
  }
  const depths = new Array<number>(weights.length).fill(0);
  for (let at = weights.length - 2; at >= 0; at--) depths[at] = (depths[parents[at] ?? 0] ?? 0) + 1;
  return depths.slice(0, counts.length);
}

interface Package {
  readonly count: number;
  readonly symbols: readonly number[];
}

function paired(packages: readonly Package[]): Package[] {
  const pairs: Package[] = [];
  for (let at = 0; at + 1 < packages.length; at += 2) {
    const [one, other] = [packages[at], packages[at + 1]];
    if (one && other) pairs.push({ count: one.count + other.count, symbols: [...one.symbols, ...other.symbols] });
  }
  return pairs;
}

function merged(leaves: readonly Package[], pairs: readonly Package[]): Package[] {
  return [...leaves, ...pairs].sort((one, other) => one.count - other.count);
}

/** The canonical codes for lengths, with their bits in the order in which deflate sends them. [RFC 1951 3.2.2] */
export function codesOf(lengths: Uint8Array): number[] {
  const codes = new Array<number>(lengths.length).fill(0);
  let code = 0;
  for (let bits = 1; bits <= 15; bits++) {
    for (let symbol = 0; symbol < lengths.length; symbol++)
      if (lengths[symbol] === bits) codes[symbol] = reversed(code++, bits);
    code <<= 1;
  }
  return codes;
}

function reversed(code: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result |= ((code >> bit) & 1) << (bits - 1 - bit);
  return result;
}

import type { Bench, Check } from "./bench.js";
import { DEFAULT_OPTIONS } from "./bench.js";
import { measureAll, measurePatches, OURS, type Row, SIZES } from "./peers/matrix.js";
import { STRATEGIES } from "./peers/strategies.js";
import { costTable, patchTable, timeTable } from "./peers/tables.js";
import { LINKS } from "./update/models.js";

const BLOCK_ERASE_MS = 200;
const COST_LINK = "4 Mbit/s, 50 ms";

/** Our way beside those of others, on the same models in one run. */
export const peers: Bench = {
  summary:
    "our way beside others': time, share of the ideal, requests, handshakes, bytes, erases, stores, longest slice",
  async run({ size }, say) {
    const sizes = size === DEFAULT_OPTIONS.size ? SIZES : [size];
    const rows = await measureAll(sizes, say);
    const patches = await measurePatches(size, say);
    return {
      tables: [timeTable(rows), costTable(rows, size, COST_LINK), patchTable(patches)],
      checks: [...checksOf(rows), ...patchChecks(patches)],
      notes: [
        "ideal: the bound of an undisturbed transfer (bench/update/bound.ts), which no program can beat.",
        ...STRATEGIES.map(({ name, source }) => `${name}: ${source}.`),
      ],
      figures: { links: LINKS, rows, patches },
    };
  },
};

export function checksOf(rows: readonly Row[]): Check[] {
  const own = rows.filter(({ way }) => way === OURS);
  const faster = rows.filter(
    (row) =>
      row.way !== OURS &&
      own.some(
        (our) => our.size === row.size && our.link === row.link && our.trouble === row.trouble && our.ms > row.ms,
      ),
  );
  return [
    {
      name: "no run is faster than the bound",
      ok: rows.every(({ share }) => share <= 100),
      detail: `${Math.max(...rows.map(({ share }) => share))} % at most`,
    },
    {
      name: "nobody is faster than we are",
      ok: faster.length === 0,
      detail:
        faster.map(({ way, link, size, trouble }) => `${way}: ${size}, ${link}, ${trouble}`).join("; ") || "nowhere",
    },
    {
      name: "our flash never keeps the board longer than the erase of one block",
      ok: own.every(({ longestSliceMs }) => longestSliceMs <= BLOCK_ERASE_MS),
      detail: `${Math.max(...own.map(({ longestSliceMs }) => longestSliceMs))} ms at most`,
    },
  ];
}

function patchChecks(rows: readonly Row[]): Check[] {
  const own = rows.filter(({ way }) => way === OURS);
  const slower = own.filter((our) =>
    rows.some((row) => row.way !== OURS && row.link === our.link && row.trouble === our.trouble && row.ms < our.ms),
  );
  return [
    { name: "no patch is faster than the flash", ok: rows.every(({ share }) => share <= 100) },
    {
      name: "by patch nobody is faster than we are",
      ok: slower.length === 0,
      detail: slower.map(({ link, trouble }) => `${link}, ${trouble}`).join("; ") || "nowhere",
    },
  ];
}

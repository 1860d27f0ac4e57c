/**
 * Patches: their size beside those of others, and what the device's decoder costs. The firmware is fetched from npm;
 * the environment variable `BENCH_IMAGES` names a folder with more, as `NAME.old.bin` and `NAME.new.bin`.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyPatch, makePatch } from "fota-operator/patch";
import { xsAvailable } from "../host-sim/engines/xs/availability.js";
import type { Bench, BenchReport, Cell, Check } from "./bench.js";
import { engineCost } from "./patch/engine-cost.js";
import { missingPrograms, PEERS, peerSizes } from "./patch/peers.js";
import { type ImagePair, publishedPairs } from "./patch/published-images.js";
import { rounded } from "./statistics.js";

const OLD = ".old.bin";
const COLUMNS = [
  "images",
  "image",
  "patch",
  "% of it",
  ...PEERS.map(({ name }) => `${name}, %`),
  "of bsdiff + xz",
  "made in s",
];
const COST_COLUMNS = ["images", "patch, % of the image", "thousand steps of XS a KiB", "ms of XS a KiB"];

export const patch: Bench = {
  summary: "patches: their size, and what the decoder costs",
  run: async (_, say): Promise<BenchReport> => {
    const folder = mkdtempSync(join(tmpdir(), "bench-patch-"));
    try {
      return await measured(folder, say);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measured(folder: string, say: (line: string) => void): Promise<BenchReport> {
  say("firmware is fetched");
  const { pairs: published, missing } = publishedPairs(folder);
  const pairs = [...ownPairs(process.env.BENCH_IMAGES), ...published];
  const programs = missingPrograms();
  const xs = xsAvailable();
  const rows: Cell[][] = [];
  const costs: Cell[][] = [];
  const checks: Check[] = [];
  const figures: Record<string, unknown> = {};
  for (const pair of pairs) {
    say(pair.name);
    const { name, from, to } = pair;
    const start = performance.now();
    const bytes = makePatch({ from, to });
    const seconds = (performance.now() - start) / 1000;
    const peers = peerSizes(folder, pair, programs);
    const share = (size: number) => rounded((100 * size) / to.length, 2);
    const [bsdiff] = peers;
    const ratio = bsdiff === undefined ? undefined : rounded(bytes.length / bsdiff, 2);
    const shares = peers.map((size) => (size === undefined ? "-" : share(size)));
    rows.push([name, to.length, bytes.length, share(bytes.length), ...shares, ratio ?? "-", rounded(seconds, 1)]);
    checks.push(...checksOf(pair, bytes, ratio));
    figures[name] = { image: to.length, patch: bytes.length, peers, seconds };
    if (!xs.available) continue;
    const { steps, milliseconds } = await engineCost(xs.worker, { base: from, patch: bytes, imageSize: to.length });
    const kib = to.length / 1024;
    costs.push([name, share(bytes.length), rounded(steps / kib / 1000, 1), rounded(milliseconds / kib, 2)]);
  }
  const notes = [
    ...missing.map((line) => `left out: ${line}`),
    ...programs.map((program) => `left out: what needs the program ${program}, which is not installed`),
    ...(xs.available ? [] : [`left out: the cost on XS: ${xs.reason}`]),
  ];
  return {
    tables: [
      { title: "Size of patches", columns: COLUMNS, rows },
      ...(costs.length === 0
        ? []
        : [{ title: "Cost of the decoder in JavaScript", columns: COST_COLUMNS, rows: costs }]),
    ],
    checks,
    notes,
    figures,
  };
}

function checksOf(
  { name, from, to, mostOfBsdiff, mostOfImage }: ImagePair,
  bytes: Uint8Array,
  ratio?: number,
): Check[] {
  const same = Buffer.compare(applyPatch({ from, patch: bytes }), to) === 0;
  const checks: Check[] = [{ name: `${name}: the patch gives the image`, ok: same }];
  if (mostOfBsdiff !== undefined && ratio !== undefined)
    checks.push({
      name: `${name}: at most ${mostOfBsdiff} times bsdiff + xz`,
      ok: ratio <= mostOfBsdiff,
      detail: `${ratio}`,
    });
  if (mostOfImage !== undefined)
    checks.push({
      name: `${name}: at most ${100 * mostOfImage} % of the image`,
      ok: bytes.length <= mostOfImage * to.length,
    });
  return checks;
}

/** Images of a folder on this computer; those without an older one are compressed as well. */
function ownPairs(folder: string | undefined): ImagePair[] {
  if (folder === undefined || folder === "" || !existsSync(folder)) return [];
  const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(OLD))
    .map((file) => file.slice(0, -OLD.length))
    .sort();
  return names.flatMap((name, index) => {
    const to = read(`${name}.new.bin`);
    const pair = { name, from: read(`${name}${OLD}`), to };
    return index === 0 ? [pair, { name: `${name} without a base`, to }] : [pair];
  });
}

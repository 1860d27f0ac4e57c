import { createHash } from "node:crypto";
import type { UpdateReport } from "./soak-board.js";
import { growthOf, type Holdings, heapOf } from "./soak-growth.js";

/** What all updates of a soak did. */
export type SoakSummary = {
  readonly updates: number;
  /** How many ended so, by `STATUS` or `STATUS code`. */
  readonly endings: Readonly<Record<string, number>>;
  /** What became of offered patches, in updates that SUCCEEDED: `fits: applied`, `damaged: patch-invalid` and so on. */
  readonly patches: Readonly<Record<string, number>>;
  readonly powerCuts: number;
  readonly boots: number;
  readonly virtualHours: number;
  /** For one update: the mean, and the most. */
  readonly bytesErased: Spread;
  readonly stores: Spread;
  readonly httpBytes: Spread;
  readonly idle: Holdings | undefined;
  readonly heap: ReturnType<typeof heapOf>;
  /** Of everything that happened: the same for the same seed. */
  readonly fingerprint: string;
  readonly violations: readonly string[];
};

type Spread = { readonly mean: number; readonly most: number };

/** What came of all updates. `idle`: the board before the first. */
export function summaryOf(idle: Holdings | undefined, reports: readonly UpdateReport[]): SoakSummary {
  const endings: Record<string, number> = {};
  for (const { status, code } of reports) {
    const ending = [status ?? "never ended", code].filter((word) => word !== undefined).join(" ");
    endings[ending] = (endings[ending] ?? 0) + 1;
  }
  const spread = (name: "bytesErased" | "stores" | "httpBytes"): Spread => ({
    mean: Math.round(sum(reports, name) / Math.max(1, reports.length)),
    most: Math.max(0, ...reports.map((report) => report[name])),
  });
  const samples = reports.flatMap(({ holdings }) => (holdings === undefined ? [] : [holdings]));
  return {
    updates: reports.length,
    endings,
    patches: patchesOf(reports),
    powerCuts: sum(reports, "cuts"),
    boots: sum(reports, "boots"),
    virtualHours: Number((sum(reports, "virtualMs") / 3_600_000).toFixed(1)),
    bytesErased: spread("bytesErased"),
    stores: spread("stores"),
    httpBytes: spread("httpBytes"),
    idle,
    heap: heapOf(samples),
    fingerprint: fingerprintOf(reports),
    violations: [
      ...(idle === undefined ? ["the board did not come to rest before the first update"] : growthOf(idle, samples)),
      ...reports.flatMap(({ number, kind, violations }) =>
        violations.map((text) => `update ${number} (${kind}): ${text}`),
      ),
    ],
  };
}

function patchesOf(reports: readonly UpdateReport[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { offered, patch, status } of reports) {
    if (offered === "none" || status !== "SUCCEEDED") continue;
    const fate = `${offered}: ${patch ?? "passed over"}`;
    counts[fate] = (counts[fate] ?? 0) + 1;
  }
  return counts;
}

/** Memory is left out: it depends on the build of the engine. */
function fingerprintOf(reports: readonly UpdateReport[]): string {
  const known = reports.map(({ holdings, ...report }) => ({
    ...report,
    timers: holdings?.timers,
    sockets: holdings?.sockets,
  }));
  return createHash("sha256").update(JSON.stringify(known)).digest("hex").slice(0, 16);
}

function sum(
  reports: readonly UpdateReport[],
  name: "cuts" | "boots" | "virtualMs" | "bytesErased" | "stores" | "httpBytes",
): number {
  return reports.reduce((total, report) => total + report[name], 0);
}

/** The report as lines for a person. */
export function reportLines(summary: SoakSummary): string[] {
  const { endings, bytesErased, stores, httpBytes, idle, heap, violations } = summary;
  const most = Object.entries(endings).sort(([, one], [, other]) => other - one);
  const spread = (name: string, { mean, most }: Spread) => `${name} per update: ${mean} on average, at most ${most}`;
  return [
    `${summary.updates} updates, ${summary.boots} boots, ${summary.powerCuts} power cuts, ${summary.virtualHours} hours of the board's time`,
    ...most.map(([ending, count]) => `${String(count).padStart(6)} ${ending}`),
    ...Object.entries(summary.patches).map(([fate, count]) => `${String(count).padStart(6)} patch ${fate}`),
    spread("bytes of flash erased", bytesErased),
    spread("stores", stores),
    spread("bytes of HTTP", httpBytes),
    ...(idle === undefined
      ? []
      : [
          `at rest: ${idle.timers} timers, ${idle.sockets} socket, ${idle.sessions} session of the broker, from the first to the last update`,
        ]),
    ...(heap.first === undefined
      ? []
      : [`heap at rest: ${heap.first} slots in the first quarter, ${heap.last} in the last, medians`]),
    `fingerprint ${summary.fingerprint}`,
    ...(violations.length === 0 ? ["every promise was kept"] : violations.map((text) => `broken: ${text}`)),
  ];
}

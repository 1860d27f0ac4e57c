import type { ShownHistory } from "../shown/index.js";

/** A device began to run another version. */
export type VersionChange = {
  readonly at: number;
  readonly thing: string;
  /** "" when nothing tells. */
  readonly from: string;
  readonly to: string;
};

/** Times of a history. */
const STEPS = 60;
/** What devices ran before the first thing that is known of them. */
export const EARLIER = "earlier";
export const UNKNOWN = "unknown";

/** The time that is looked back at the least, so that the first change does not fill the picture. */
const LEAST_SPAN_MS = 5 * 60_000;

/**
 * How many devices ran which version, from the first change to now.
 * @param changes in any order
 * @param versions of all devices, as they are now
 */
export function historyOf(
  changes: readonly VersionChange[],
  versions: ReadonlyMap<string, string>,
  now: number,
): ShownHistory {
  const byThing = new Map<string, VersionChange[]>();
  for (const change of [...changes].sort((one, other) => one.at - other.at)) {
    if (!versions.has(change.thing)) continue;
    const known = byThing.get(change.thing);
    if (known === undefined) byThing.set(change.thing, [change]);
    else known.push(change);
  }
  const first = Math.min(now - LEAST_SPAN_MS, ...[...byThing.values()].map(([change]) => change?.at ?? now));
  const begin = first - (now - first) * 0.05;
  const at = Array.from({ length: STEPS }, (_, step) => Math.round(begin + ((now - begin) * step) / (STEPS - 1)));
  const counts = new Map<string, number[]>();
  const count = (version: string, fromStep: number, toStep: number) => {
    const name = version === "" ? UNKNOWN : version;
    const line = counts.get(name) ?? new Array<number>(STEPS).fill(0);
    for (let step = fromStep; step < toStep; step += 1) line[step] = (line[step] ?? 0) + 1;
    counts.set(name, line);
  };
  const stepAt = (time: number) => at.findIndex((moment) => moment >= time);
  for (const [thing, version] of versions) {
    let step = 0;
    let runs: string | undefined;
    for (const change of byThing.get(thing) ?? []) {
      const until = stepAt(change.at);
      if (until > step) count(runs ?? (change.from || EARLIER), step, until);
      if (until >= 0) step = until;
      runs = change.to;
    }
    // What it runs now is known best by what told it last.
    if (step < STEPS - 1) count(runs ?? version, step, STEPS - 1);
    count(version, STEPS - 1, STEPS);
  }
  const lines = [...counts].map(([version, line]) => ({ version, counts: line }));
  return { at, lines: lines.sort((one, other) => byVersion(one.version, other.version)) };
}

/** The oldest first, and what has no number before all. */
export function byVersion(one: string, other: string): number {
  const rank = (version: string) => (version === UNKNOWN ? 0 : version === EARLIER ? 1 : 2);
  return rank(one) - rank(other) || one.localeCompare(other, "en", { numeric: true });
}

import type { VersionChange } from "./history.js";
import type { JobFollow } from "./job-follow.js";

const MAX_CHANGES = 50_000;

/** Which device began to run what, and when: as it was seen here, and as jobs tell it. */
export class VersionLog {
  readonly #versions = new Map<string, string>();
  #seen: VersionChange[] = [];

  /** A device runs this version now. */
  saw(thing: string, version: string, now: number): void {
    const before = this.#versions.get(thing);
    if (version === "" || version === before) return;
    this.#versions.set(thing, version);
    // What is heard first was so before.
    if (before === undefined) return;
    this.#seen.push({ at: now, thing, from: before, to: version });
    if (this.#seen.length > MAX_CHANGES) this.#seen = this.#seen.slice(MAX_CHANGES / 2);
  }

  /** All changes that are known, each once: a job knows the time better than whoever saw it later. */
  changes(follows: readonly JobFollow[]): readonly VersionChange[] {
    const told = follows.flatMap(({ version: brought, executions }) => {
      return [...executions.values()].flatMap(({ thing, status, lastUpdatedAt, details }): VersionChange[] => {
        const to = details.to || brought;
        return status === "SUCCEEDED" && to !== "" ? [{ at: lastUpdatedAt, thing, from: details.from ?? "", to }] : [];
      });
    });
    const keys = new Set(told.map(keyOf));
    const before = new Map(this.#seen.map((change) => [keyOf(change), change.from]));
    const named = told.map((change) =>
      change.from === "" ? { ...change, from: before.get(keyOf(change)) ?? "" } : change,
    );
    return [...named, ...this.#seen.filter((change) => !keys.has(keyOf(change)))];
  }
}

function keyOf({ thing, to }: VersionChange): string {
  return `${thing} ${to}`;
}

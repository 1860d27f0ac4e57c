import { type Aws, Things } from "../../aws/index.js";
import { FotaError } from "../../failure/index.js";
import { isForGroup } from "../../fleet/index.js";
import { inParallel, type JobLine, latestJobs, readJob } from "../../jobs/index.js";
import type { ShownDevice, ShownFleet, ShownJob, ShownVersion, Trouble } from "../shown/index.js";
import { CallBudget } from "./call-budget.js";
import { cleanText } from "./clean-text.js";
import { historyOf } from "./history.js";
import { type Followed, JobFollow } from "./job-follow.js";
import { Roster } from "./roster.js";
import { SeenStates } from "./seen-states.js";
import { type DeviceParts, shownDevice, versionOf } from "./shown-device.js";
import { failuresOf, shownJob } from "./shown-job.js";
import type { Patience } from "./stuck.js";
import { VersionLog } from "./version-log.js";

/** Jobs that are followed, the latest. */
const MAX_JOBS = 10;
/** Jobs that are looked at once to find those of a group, the latest. */
const LOOKED_FOR_GROUP = 40;
/** Devices that are asked for one by one in a look, for what they said about their jobs. */
const MAX_EXECUTIONS_ASKED = 40;
const MINUTE_MS = 60_000;

/** How a fleet is looked at. */
export type EyeOptions = {
  readonly aws: Aws;
  /** The things of a group. Default: all of the account. */
  readonly group?: string | undefined;
  readonly patience: Patience;
  /** Milliseconds between two looks at what runs on the devices. */
  readonly fleetEveryMs: number;
  /** Devices that are asked for one by one in such a look, for what runs on them. */
  readonly devicesAsked: number;
};

/** What a look saw. */
export type Look = { readonly fleet: ShownFleet; readonly devices: readonly ShownDevice[] };

/**
 * Looks at a fleet again and again. A look costs one request for the list of jobs, what {@link JobFollow} says for each
 * of the latest ten that is not settled, at most 40 for devices one by one, and now and then what {@link Roster} says.
 */
export class FleetEye {
  readonly seen = new SeenStates();
  readonly #options: EyeOptions;
  readonly #roster: Roster;
  readonly #follows = new Map<string, JobFollow>();
  readonly #log = new VersionLog();
  /** Of jobs, when a group is looked at. */
  readonly #reaches = new Map<string, boolean>();
  #fleetAt = Number.NEGATIVE_INFINITY;
  #calls: { readonly at: number; readonly calls: number }[] = [];
  #last: Look | undefined;

  constructor(options: EyeOptions) {
    this.#options = options;
    this.#roster = new Roster(options.aws, options.group);
  }

  /** The last look, while there is one. */
  get last(): Look | undefined {
    return this.#last;
  }

  /** A change was made: what is known of the devices is old. */
  expectNews(): void {
    this.#fleetAt = Number.NEGATIVE_INFINITY;
  }

  /** Never throws: what AWS refuses is part of what it saw. */
  async look(now: number): Promise<Look> {
    let trouble: Trouble | null = null;
    try {
      await this.#lookAtJobs(now);
      if (now - this.#fleetAt >= this.#options.fleetEveryMs) {
        await this.#roster.look(this.#options.devicesAsked, this.#ends(), now);
        this.#fleetAt = now;
      }
    } catch (error) {
      trouble = troubleOf(error);
    }
    this.#last = this.#assemble(now, trouble);
    return this.#last;
  }

  /** A job's targets do not change: each is asked for once. */
  async #ofGroup(group: string, lines: readonly JobLine[]): Promise<readonly JobLine[]> {
    const { aws } = this.#options;
    const recent = lines.slice(0, LOOKED_FOR_GROUP);
    const unknown = recent.filter(({ jobId }) => !this.#reaches.has(jobId));
    if (unknown.length > 0) {
      const things = new Set(await new Things(aws).members(group));
      await inParallel(unknown, async ({ jobId }) => {
        this.#reaches.set(jobId, isForGroup(await readJob(aws, jobId), group, things));
      });
    }
    return recent.filter(({ jobId }) => this.#reaches.get(jobId) === true);
  }

  async #lookAtJobs(now: number): Promise<void> {
    const { aws, group } = this.#options;
    const all = await latestJobs(aws, { most: 250 });
    const lines = (group === undefined ? all : await this.#ofGroup(group, all)).slice(0, MAX_JOBS);
    const ids = new Set(lines.map(({ jobId }) => jobId));
    for (const jobId of this.#follows.keys()) if (!ids.has(jobId)) this.#follows.delete(jobId);
    for (const { jobId } of lines) if (!this.#follows.has(jobId)) this.#follows.set(jobId, new JobFollow(aws, jobId));
    const budget = new CallBudget(MAX_EXECUTIONS_ASKED);
    // The newest first: its devices are who matters.
    const open = lines.flatMap(({ jobId }) => this.#follows.get(jobId) ?? []).filter(({ isSettled }) => !isSettled);
    await inParallel(open, (follow) => follow.look(budget, now), 2);
    for (const { executions } of open)
      for (const execution of executions.values()) if (execution.askedAt === now) this.seen.note(execution);
  }

  /** When a job last ended on each thing. */
  #ends(): ReadonlyMap<string, number> {
    const at = new Map<string, number>();
    for (const { executions } of this.#follows.values())
      for (const { thing, status, lastUpdatedAt } of executions.values())
        if (status !== "QUEUED" && status !== "IN_PROGRESS") at.set(thing, Math.max(at.get(thing) ?? 0, lastUpdatedAt));
    return at;
  }

  #assemble(now: number, trouble: Trouble | null): Look {
    const { aws, patience } = this.#options;
    const follows = [...this.#follows.values()];
    const { latest, succeeded } = this.#byThing(follows);
    const devices = this.#roster.names.map((thing) => {
      const parts: DeviceParts = {
        thing,
        facts: this.#roster.factsOf(thing),
        readAt: this.#roster.readAt(thing),
        latest: latest.get(thing),
        succeeded: succeeded.get(thing),
      };
      this.#log.saw(thing, versionOf(parts), now);
      return shownDevice(parts, patience, now);
    });
    const jobs = follows.flatMap((follow): ShownJob | readonly ShownJob[] => shownJob(follow, now) ?? []);
    jobs.sort((one, other) => other.createdAt - one.createdAt);
    const versions = new Map(devices.map(({ thing, version }) => [thing, version]));
    const fleet: ShownFleet = {
      at: now,
      devices: devices.length,
      unread: this.#roster.unread,
      source: this.#roster.source,
      versions: countVersions(devices),
      history: historyOf(this.#log.changes(follows), versions, now),
      jobs,
      failures: failuresOf([...latest.values()]),
      ...this.#callsUntil(
        now,
        Object.values(aws.calls).reduce((sum, count) => sum + count, 0),
      ),
      trouble,
    };
    return { fleet, devices };
  }

  /** What is known of each thing's latest job, and of the latest that it took. */
  #byThing(follows: readonly JobFollow[]) {
    const latest = new Map<string, Followed>();
    const succeeded = new Map<string, Followed & { readonly version: string }>();
    for (const { executions, version: brought } of follows)
      for (const execution of executions.values()) {
        const { thing, queuedAt, lastUpdatedAt, status, details } = execution;
        if (queuedAt >= (latest.get(thing)?.queuedAt ?? 0)) latest.set(thing, execution);
        const version = details.to || brought;
        if (status !== "SUCCEEDED" || version === "") continue;
        if (lastUpdatedAt >= (succeeded.get(thing)?.lastUpdatedAt ?? 0))
          succeeded.set(thing, { ...execution, version });
      }
    return { latest, succeeded };
  }

  #callsUntil(now: number, calls: number): { readonly calls: number; readonly callsLastMinute: number } {
    if (this.#calls.length === 0) this.#calls = [{ at: now, calls: 0 }];
    this.#calls = [...this.#calls.filter(({ at }) => now - at < MINUTE_MS), { at: now, calls }];
    return { calls, callsLastMinute: calls - (this.#calls[0]?.calls ?? calls) };
  }
}

function countVersions(devices: readonly ShownDevice[]): readonly ShownVersion[] {
  const counts = new Map<string, ShownVersion>();
  for (const { version, project } of devices) {
    const key = JSON.stringify([project, version]);
    counts.set(key, { version, project, devices: (counts.get(key)?.devices ?? 0) + 1 });
  }
  return [...counts.values()].sort((one, other) => other.devices - one.devices);
}

/** What is shown of an error. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof FotaError) return { message: cleanText(error.message), mend: error.mend.map(cleanText) };
  const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  return { message: cleanText(line), mend: [] };
}

import { type Advice, adviceFor } from "../advice/index.js";
import { type Aws, targetOfArn } from "../aws/index.js";
import {
  type Counts,
  executionsOfJob,
  inParallel,
  type JobView,
  latestJobs,
  readExecution,
  readJob,
} from "../jobs/index.js";
import type { DeviceFacts } from "./device-facts.js";
import { fleetFacts } from "./fleet-facts.js";

/** Devices whose failure is asked for; those beyond are counted without a code. */
const MAX_FAILURES_ASKED = 200;
const MINUTE_MS = 60_000;
/** The longest page of AWS IoT's lists. */
const MAX_JOBS_LISTED = 250;
/** Jobs that are looked at to find one of a group. */
const LOOKED_FOR_ONE = 4;

export type VersionLine = { readonly version: string; readonly project: string; readonly devices: number };
export type FailureLine = { readonly code: string; readonly devices: number; readonly advice: Advice | undefined };
export type SilentLine = { readonly thing: string; readonly version: string; readonly since: Date | undefined };
export type JobStateLine = {
  readonly jobId: string;
  readonly status: string;
  readonly version: string;
  readonly counts: Counts;
};

/** What a fleet is like. */
export type FleetStatus = {
  readonly devices: number;
  readonly source: "index" | "devices";
  readonly versions: readonly VersionLine[];
  readonly jobs: readonly JobStateLine[];
  /** Of the jobs in `jobs`. */
  readonly failures: readonly FailureLine[];
  /** Failures that were not asked for, because there are too many. */
  readonly unasked: number;
  readonly silent: readonly SilentLine[];
};

export type StatusWish = {
  readonly group?: string | undefined;
  /** Jobs that are looked at, the latest. */
  readonly jobs: number;
  /** Minutes without a word after which a device is silent. */
  readonly silentMinutes: number;
  readonly now: Date;
};

/** @throws FotaError */
export async function fleetStatus(aws: Aws, wish: StatusWish): Promise<FleetStatus> {
  const { devices, source } = await fleetFacts(aws, wish.group);
  const jobs = await jobsOf(aws, wish, new Set(devices.map(({ thing }) => thing)));
  const { failures, unasked } = await failuresOf(aws, jobs);
  return {
    devices: devices.length,
    source,
    versions: versionsOf(devices),
    jobs: jobs.map(({ jobId, status, note, counts }) => ({ jobId, status, version: note?.version ?? "", counts })),
    failures,
    unasked,
    silent: silentOf(devices, wish),
  };
}

/**
 * The latest jobs, of a group those that reach it. AWS's own list by group lacks what is for some of its things, as a
 * roll-out is while its canaries are at it.
 */
async function jobsOf(
  aws: Aws,
  { group, jobs: most }: StatusWish,
  things: ReadonlySet<string>,
): Promise<readonly JobView[]> {
  const found: JobView[] = [];
  const lines = await latestJobs(aws, { most: MAX_JOBS_LISTED });
  const looked = lines.slice(0, group === undefined ? most : most * LOOKED_FOR_ONE);
  for (let at = 0; at < looked.length && found.length < most; at += most) {
    const read = await inParallel(looked.slice(at, at + most), async ({ jobId }) => await readJob(aws, jobId));
    found.push(...read.filter((job) => group === undefined || isForGroup(job, group, things)));
  }
  return found.slice(0, most);
}

/**
 * Whether a job reaches a group, of which `things` are members: itself, some of them, or as the rest behind canaries.
 */
export function isForGroup({ jobId, targets, note }: JobView, group: string, things: ReadonlySet<string>): boolean {
  if (note?.canary?.rest.includes(group) === true) return true;
  return targets.some((arn) => {
    const target = targetOfArn(arn);
    if (target === undefined) return false;
    if (target.kind === "thing") return things.has(target.name);
    // A job that goes on where another ended has a group of its own.
    return target.name === group || target.name.startsWith(jobId);
  });
}

function versionsOf(devices: readonly DeviceFacts[]): readonly VersionLine[] {
  const counts = new Map<string, VersionLine>();
  for (const { version, project } of devices) {
    const key = JSON.stringify([project, version]);
    const known = counts.get(key);
    counts.set(key, { version, project, devices: (known?.devices ?? 0) + 1 });
  }
  return [...counts.values()].sort((one, other) => other.devices - one.devices);
}

function silentOf(devices: readonly DeviceFacts[], { silentMinutes, now }: StatusWish): readonly SilentLine[] {
  const limit = now.getTime() - silentMinutes * MINUTE_MS;
  return devices
    .filter(({ connected, heardAt }) => connected !== true && (heardAt === undefined || heardAt.getTime() < limit))
    .map(({ thing, version, heardAt }) => ({ thing, version, since: heardAt }))
    .sort((one, other) => (one.since?.getTime() ?? 0) - (other.since?.getTime() ?? 0));
}

async function failuresOf(aws: Aws, jobs: readonly { readonly jobId: string; readonly counts: Counts }[]) {
  const codes = new Map<string, number>();
  let asked = 0;
  let all = 0;
  for (const { jobId, counts } of jobs) {
    for (const status of ["FAILED", "REJECTED", "TIMED_OUT"] as const) {
      all += counts[status];
      if (counts[status] === 0 || asked >= MAX_FAILURES_ASKED) continue;
      const lines = [];
      for await (const line of executionsOfJob(aws, jobId, status)) {
        lines.push(line);
        asked += 1;
        if (asked >= MAX_FAILURES_ASKED) break;
      }
      for (const execution of await inParallel(lines, (line) => readExecution(aws, line))) {
        const code = execution?.details.code || status.toLowerCase().replace("_", "-");
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    }
  }
  const failures = [...codes]
    .map(([code, devices]) => ({ code, devices, advice: adviceFor(code) }))
    .sort((one, other) => other.devices - one.devices);
  return { failures, unasked: all - asked };
}

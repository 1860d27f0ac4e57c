import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import type { Bench, BenchOptions, BenchReport, Check } from "./bench.js";
import { CloudProcess, type Usage } from "./load/cloud-process.js";
import { FleetOperator, type JobState } from "./load/fleet-operator.js";
import { makeIdentity } from "./load/identities.js";
import { FleetThing } from "./load/thing.js";
import { median, quantile, rounded, sum } from "./statistics.js";

/** Handshakes, and requests of the operator, under way at a time: below what a listening socket queues. */
const AT_ONCE = 32;
/** What each thing downloads; the update bench is about large images. */
const IMAGE_BYTES = 65_536;
const MINUTE_MS = 60_000;
/** Beyond the roll-out itself: only a fault lasts so long. */
const PATIENCE_MS = 120_000;
const POLL_MS = 100;

/** A fleet that is connected at once and updated by one job of a thing group. */
export const load: Bench = {
  summary: "a fleet on the local AWS: connect, roll out one job, download, report",
  async run(options, say) {
    const dir = mkdtempSync(join(tmpdir(), "aws-fota-load-"));
    let cloud: CloudProcess | undefined;
    const things: FleetThing[] = [];
    try {
      cloud = await CloudProcess.start(dir);
      return await measure(cloud, things, options, say);
    } finally {
      for (const thing of things) thing.close();
      await cloud?.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

interface Phase {
  readonly name: string;
  readonly seconds: number;
  readonly cloud: Usage | undefined;
  /** Processor time of the cloud in this phase, and of the things, seconds. */
  readonly cloudCpu: number | undefined;
  readonly thingsCpu: number;
}

async function measure(
  cloud: CloudProcess,
  things: FleetThing[],
  { things: count, rate }: BenchOptions,
  say: (line: string) => void,
): Promise<BenchReport> {
  const operator = new FleetOperator(cloud);
  const phases: Phase[] = [];
  const phase = async (name: string, body: () => Promise<void>) => {
    say(name);
    const before = { at: performance.now(), cloud: cloud.usage(), own: process.cpuUsage() };
    await body();
    const own = process.cpuUsage(before.own);
    const usage = cloud.usage();
    phases.push({
      name,
      seconds: (performance.now() - before.at) / 1000,
      cloud: usage,
      cloudCpu: usage === undefined || before.cloud === undefined ? undefined : usage.cpuSec - before.cloud.cpuSec,
      thingsCpu: (own.user + own.system) / 1e6,
    });
  };

  const trust = createSecureContext({ ca: cloud.caPem });
  await phase("provision", async () => {
    await operator.createGroup();
    await inParallel(count, async (index) => {
      const identity = await makeIdentity(`fleet-${index}`);
      await operator.provision(identity);
      things.push(new FleetThing({ identity, cloud: cloud.cloud, caPem: cloud.caPem, trust }));
    });
  });
  await phase("connect", () => inParallel(count, (index) => things[index]?.connect()));
  let surprises = 0;
  await phase("check in", async () => {
    const answers = await Promise.all(things.map((thing) => thing.checkIn()));
    surprises = answers.filter((pending) => pending).length;
  });
  const jobId = "fleet-1";
  const limit = Math.ceil(count / rate) * MINUTE_MS + PATIENCE_MS;
  const startedAt = performance.now();
  await phase("update", async () => {
    await operator.createJob(jobId, randomBytes(IMAGE_BYTES), rate);
    await until(() => things.every((thing) => thing.isDone || thing.faults.length > 0), limit);
  });
  const job = await operator.describeJob(jobId);
  const statuses = await operator.executionStatuses(jobId);
  return report({ things, phases, job, statuses, surprises, startedAt, requests: operator.requests, rate });
}

interface Outcome {
  readonly things: readonly FleetThing[];
  readonly phases: readonly Phase[];
  readonly job: JobState;
  readonly statuses: ReadonlyMap<string, string>;
  readonly surprises: number;
  readonly startedAt: number;
  readonly requests: number;
  readonly rate: number;
}

function report(outcome: Outcome): BenchReport {
  const { things, phases, startedAt, rate } = outcome;
  const count = things.length;
  const [provision, connect, , update] = phases;
  const ownTimes = things.flatMap(({ notifiedAt, terminalAt }) =>
    notifiedAt === undefined || terminalAt === undefined ? [] : [terminalAt - notifiedAt],
  );
  const windows = rolloutWindows(things, startedAt);
  const total = (member: "messagesIn" | "messagesOut" | "throttled" | "repeated" | "bytes") =>
    sum(things.map((thing) => thing[member]));
  const figures = {
    things: count,
    ratePerMinute: rate,
    operatorRequests: outcome.requests,
    provisionedPerSecond: rounded(count / (provision?.seconds ?? Number.NaN), 1),
    connectsPerSecond: rounded(count / (connect?.seconds ?? Number.NaN), 1),
    updateSeconds: rounded(update?.seconds ?? Number.NaN, 2),
    windows,
    oneUpdateMs: {
      median: rounded(median(ownTimes)),
      p95: rounded(quantile(ownTimes, 0.95)),
      worst: rounded(Math.max(...ownTimes)),
    },
    cloudCpuMsPerUpdate: rounded(((update?.cloudCpu ?? Number.NaN) * 1000) / count, 2),
    peakMemoryMiB: rounded(phases.at(-1)?.cloud?.peakMiB ?? Number.NaN),
    messagesFromThings: total("messagesOut"),
    messagesToThings: total("messagesIn"),
    throttled: total("throttled"),
    repeatedNotifications: total("repeated"),
    downloadedBytes: total("bytes"),
    jobProcessDetails: outcome.job.counts,
  };
  const phaseRows = phases.map(({ name, seconds, cloudCpu, cloud, thingsCpu }) => [
    name,
    rounded(seconds, 2),
    rounded(cloudCpu ?? Number.NaN, 2),
    rounded(thingsCpu, 2),
    rounded(cloud?.memoryMiB ?? Number.NaN),
  ]);
  return {
    tables: [
      {
        title: `${count} things, one job, ${rate} executions a minute`,
        columns: ["phase", "seconds", "cloud CPU s", "things CPU s", "cloud MiB"],
        rows: phaseRows,
      },
      {
        title: "figures",
        columns: ["what", "value"],
        rows: [
          ["things provisioned a second", String(figures.provisionedPerSecond)],
          ["things connected and subscribed a second", String(figures.connectsPerSecond)],
          [
            "roll-out windows: things, seconds to the last SUCCEEDED",
            windows.map((w) => `${w.things}: ${w.seconds}`).join("; "),
          ],
          ["from notify-next to SUCCEEDED, ms: median, 95 %, worst", Object.values(figures.oneUpdateMs).join(", ")],
          ["cloud CPU for an update, ms", String(figures.cloudCpuMsPerUpdate)],
          ["cloud memory at most, MiB", String(figures.peakMemoryMiB)],
          ["MQTT messages from things, to things", `${figures.messagesFromThings}, ${figures.messagesToThings}`],
          ["of them turned away by the service's limit", String(figures.throttled)],
        ],
      },
    ],
    checks: checksOf(outcome, figures),
    notes: [
      "Things and cloud share the machine's cores. The limit of 200 reads and 200 writes a second of the Jobs data plane is AWS's own.",
    ],
    figures: { ...figures, phases },
  };
}

function checksOf({ things, job, statuses, surprises }: Outcome, figures: { downloadedBytes: number }): Check[] {
  const count = things.length;
  const faults = things.flatMap(({ thingName, faults }) => faults.map((fault) => `${thingName}: ${fault}`));
  const every = (test: (thing: FleetThing) => boolean) => things.filter((thing) => !test(thing)).length;
  const counts = Object.values(job.counts);
  const check = (name: string, ok: boolean, detail?: string): Check =>
    ok || detail === undefined ? { name, ok } : { name, ok, detail };
  return [
    check("no connection was lost and nothing was refused", faults.length === 0, faults.slice(0, 3).join("; ")),
    check("nobody had a job before there was one", surprises === 0, `${surprises} had`),
    check(
      "every thing was notified of the job once",
      every(({ notifications }) => notifications === 1) === 0,
      `${every(({ notifications }) => notifications === 1)} were not`,
    ),
    check(
      "every thing was told once that nothing else is pending",
      every(({ emptyNotifications }) => emptyNotifications === 1) === 0,
      `${every(({ emptyNotifications }) => emptyNotifications === 1)} were not`,
    ),
    check("every thing downloaded the image", figures.downloadedBytes === count * IMAGE_BYTES),
    check(
      "every execution is SUCCEEDED",
      statuses.size === count && [...statuses.values()].every((status) => status === "SUCCEEDED"),
      `${statuses.size} executions`,
    ),
    check(
      "the job is COMPLETED and jobProcessDetails add up",
      job.status === "COMPLETED" && job.counts.numberOfSucceededThings === count && sum(counts) === count,
      `${job.status} ${JSON.stringify(job.counts)}`,
    ),
  ];
}

/**
 * Things are released in windows of a minute: how many, and how long from the first notification to the last report.
 */
function rolloutWindows(things: readonly FleetThing[], startedAt: number): { things: number; seconds: number }[] {
  const windows = new Map<number, { first: number; last: number; things: number }>();
  for (const { notifiedAt, terminalAt } of things) {
    if (notifiedAt === undefined || terminalAt === undefined) continue;
    const index = Math.floor((notifiedAt - startedAt) / MINUTE_MS);
    const window = windows.get(index) ?? { first: notifiedAt, last: terminalAt, things: 0 };
    windows.set(index, {
      first: Math.min(window.first, notifiedAt),
      last: Math.max(window.last, terminalAt),
      things: window.things + 1,
    });
  }
  return [...windows.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, { first, last, things: members }]) => ({ things: members, seconds: rounded((last - first) / 1000, 2) }));
}

async function inParallel(count: number, action: (index: number) => Promise<void> | undefined): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await action(next++);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker));
}

/** Returns when `done` holds or time is up: then the checks say what is missing. */
async function until(done: () => boolean, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (!done() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

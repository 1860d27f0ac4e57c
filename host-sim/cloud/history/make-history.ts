import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { arnOf } from "../context/arns.js";
import type { CloudContext } from "../context/context.js";
import { makePrivateFolder } from "../files/index.js";
import { control, data } from "../jobs/index.js";
import { memoryContents } from "../s3/contents.js";
import { type CloudServices, createCloudServices } from "../services/cloud-services.js";
import { DEFAULT_ACCOUNT, DEFAULT_REGION } from "../services/cloud-switches.js";
import { updateThingShadow } from "../shadows/operations/update-thing-shadow.js";
import { openLmdbStore } from "../store/lmdb-store.js";
import { PastClock } from "./past-clock.js";

/** Days from one job to the next. */
const DAYS_BETWEEN = 7;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const MAX_RATE = 1000;
/** One thing in so many fails an update. */
const ONE_FAILS_OF = 50;

/** What a fleet has behind it. */
export interface FleetHistory {
  readonly things: number;
  /** Jobs that reached all of them. */
  readonly jobs: number;
  /** Default us-east-1. */
  readonly region?: string | undefined;
}

/** The group of all things that {@link makeHistory} makes. */
export const FLEET_GROUP = "fleet";
/** Their names: `board-00000` and so on. */
export const fleetThing = (index: number): string => `board-${String(index).padStart(5, "0")}`;

/**
 * Writes the state of a cloud in `dir`, which must have none, in which a fleet has been updated once a week: things in
 * a group, an execution of each job for each, and what each reports in two shadows. The services do it themselves, on a
 * clock that runs fast. A minute for 10,000 things.
 */
export function makeHistory(dir: string, { things, jobs, region = DEFAULT_REGION }: FleetHistory): void {
  makePrivateFolder(dir);
  const clock = new PastClock(Date.now() - (jobs + 1) * DAYS_BETWEEN * DAY_MS);
  const context: CloudContext = {
    clock,
    store: openLmdbStore(join(dir, "state")),
    region,
    account: DEFAULT_ACCOUNT,
    random: (byteLength) => new Uint8Array(randomBytes(byteLength)),
    log: (line) => process.stderr.write(`${line}\n`),
  };
  const services = createCloudServices({
    context,
    contents: memoryContents(),
    presignOrigin: () => undefined,
    jobs: { dataPlaneWritesPerSecond: 0, rolloutDelayMs: 0 },
    shadows: { requestsPerSecondAndThing: 0 },
  });
  // In one transaction each, or every thing would wait for the disk.
  context.store.transaction(() => makeThings(services, things));
  for (let job = 1; job <= jobs; job += 1) {
    clock.advance(DAYS_BETWEEN * DAY_MS);
    context.store.transaction(() => runJob(services, clock, things, job));
  }
  services.close();
  context.store.close();
}

function makeThings({ registry, context }: CloudServices, things: number): void {
  const createdAt = context.clock.now();
  registry.putGroup({ thingGroupName: FLEET_GROUP, thingGroupId: "fleet", attributes: {}, createdAt, version: 1 });
  for (let index = 0; index < things; index += 1) {
    const thingName = fleetThing(index);
    const attributes = { place: `hall-${index % 20}`, hardware: index % 3 === 0 ? "r2" : "r1" };
    registry.putThing({ thingName, thingId: thingName, attributes, version: 1 });
    registry.attach("member", FLEET_GROUP, thingName);
  }
}

function runJob({ jobs, shadows, context }: CloudServices, clock: PastClock, things: number, job: number): void {
  const jobId = `update-${job}`;
  const version = `1.0.${job}`;
  control.createJob(jobs, {
    jobId,
    targets: [arnOf(context, "thinggroup", FLEET_GROUP)],
    document: JSON.stringify({ operation: "app_fw_update", fwversion: version }),
    jobExecutionsRolloutConfig: { maximumPerMinute: MAX_RATE },
  });
  clock.advance((Math.ceil(things / MAX_RATE) + 1) * MINUTE_MS);
  for (let index = 0; index < things; index += 1) {
    const thingName = fleetThing(index);
    const fails = (index + job) % ONE_FAILS_OF === 0;
    const statusDetails = fails ? { code: "retries-exhausted" } : { state: "confirmed", cost: "seconds=12" };
    data.updateJobExecution(jobs, { thingName, jobId, status: fails ? "FAILED" : "SUCCEEDED", statusDetails });
    if (fails && job > 1) continue;
    const reported = { version, slot: `ota_${job % 2}`, project: "sample", boots: job, memory: 90_000 + index };
    updateThingShadow(shadows, { thingName, shadowName: "fota" }, { state: { reported } });
    const packages = { firmware: { version, attributes: {} } };
    updateThingShadow(shadows, { thingName, shadowName: "$package" }, { state: { reported: packages } });
  }
  clock.advance(MINUTE_MS);
}

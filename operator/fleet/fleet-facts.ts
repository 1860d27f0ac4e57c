import { GetThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { type Aws, Things } from "../aws/index.js";
import { executionsOfThing, inParallel, readExecution } from "../jobs/index.js";
import { type DeviceFacts, factsOfShadow, PACKAGE_SHADOW, SHADOW, unknownDevice } from "./device-facts.js";
import { searchIndex, searchThings } from "./fleet-index.js";

/** Executions that are looked at for the version of a device that reports none. */
const HISTORY = 5;

/** What is known of a fleet, and who told. */
export type FleetFacts = {
  readonly devices: readonly DeviceFacts[];
  /** `index`: fleet indexing is on. Otherwise each device costs requests of its own. */
  readonly source: "index" | "devices";
};

/**
 * What runs on the things of a group, or on all: from fleet indexing where it is on, else from each thing's shadow,
 * else from its last jobs.
 */
export async function fleetFacts(aws: Aws, group: string | undefined): Promise<FleetFacts> {
  const things = new Things(aws);
  if (group !== undefined) await things.target(`group:${group}`);
  const indexed = await searchIndex(aws, group);
  // The index lags: a thing that it does not have yet is asked for itself.
  const names = group === undefined ? await things.all() : await things.members(group);
  const known = indexed ?? new Map<string, DeviceFacts>();
  const devices = await inParallel(names, async (name) => {
    const facts = known.get(name);
    return facts !== undefined && facts.version !== "" ? facts : await askDevice(aws, name, facts);
  });
  return { devices, source: indexed === undefined ? "devices" : "index" };
}

/** One device. Two to eight requests. */
export async function deviceFacts(aws: Aws, thing: string): Promise<DeviceFacts> {
  const indexed = (await searchThings(aws, [thing]))?.get(thing);
  return indexed !== undefined && indexed.version !== "" ? indexed : await askDevice(aws, thing, indexed);
}

/**
 * Which of these things are connected, and since when.
 * @returns `undefined` where fleet indexing with connectivity is off: nothing else in AWS tells
 */
export async function connections(
  aws: Aws,
  names: readonly string[],
): Promise<ReadonlyMap<string, Pick<DeviceFacts, "connected" | "connectedAt">> | undefined> {
  const found = await searchThings(aws, names);
  if (found === undefined) return undefined;
  return [...found.values()].some(({ connected }) => connected !== undefined) ? found : undefined;
}

/** One device by its shadow, else by its last jobs; `indexed` is what the index knows of it. One to eight requests. */
export async function askDevice(aws: Aws, thing: string, indexed: DeviceFacts | undefined): Promise<DeviceFacts> {
  const reported = (await shadowFacts(aws, thing, SHADOW)) ?? (await shadowFacts(aws, thing, PACKAGE_SHADOW));
  const facts = reported ?? (await factsOfJobs(aws, thing));
  if (indexed === undefined) return facts;
  const { connected, connectedAt, heardAt } = indexed;
  return { ...facts, connected, connectedAt, heardAt: heardAt ?? facts.heardAt };
}

async function shadowFacts(aws: Aws, thing: string, shadowName: string): Promise<DeviceFacts | undefined> {
  const data = await aws.data();
  const found = await aws.askedFor("iot:GetThingShadow", `${thing}/${shadowName}`, (sending) =>
    data.send(new GetThingShadowCommand({ thingName: thing, shadowName }), sending),
  );
  if (found?.payload === undefined) return undefined;
  return factsOfShadow(thing, shadowName, Buffer.from(found.payload).toString("utf8"));
}

/** The version that the last job brought, or that it found. */
async function factsOfJobs(aws: Aws, thing: string): Promise<DeviceFacts> {
  let known = unknownDevice(thing);
  for (const line of await executionsOfThing(aws, thing, HISTORY)) {
    const execution = await readExecution(aws, line);
    if (execution === undefined) continue;
    const { status, details, lastUpdatedAt } = execution;
    const { from = "", to = "", code = "", slot = "" } = details;
    const version = status === "SUCCEEDED" ? to : from;
    if (known.heardAt === undefined && status !== "QUEUED")
      known = { ...known, heardAt: lastUpdatedAt, outcome: status, code };
    if (version !== "") return { ...known, version, slot, source: "jobs" };
  }
  return known;
}

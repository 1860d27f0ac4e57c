import { existsSync } from "node:fs";
import { join } from "node:path";
import { AwsError } from "../context/context.js";
import { makeHistory } from "../history/index.js";
import { type LocalAws, startLocalAws } from "../server/local-aws.js";
import { optionalPort, readOptions, single, UsageError } from "./options.js";

const DEFAULT_DIR = ".state/cloud";
const OPTIONS = ["dir", "mqtt-port", "https-port", "host", "region", "thing", "fleet"];
/** Jobs that a fleet of `--fleet` has behind it. */
const FLEET_JOBS = 5;
const MAX_FLEET = 20_000;

/** The lines a command writes. */
export interface CommandOutput {
  out(line: string): void;
  err(line: string): void;
}

const PROCESS_OUTPUT: CommandOutput = Object.freeze({
  out: (line: string) => void process.stdout.write(`${line}\n`),
  err: (line: string) => void process.stderr.write(`${line}\n`),
});

/**
 * The command `local-aws-iot`: the local AWS alone. Prints one JSON line with its endpoints and files and stays until
 * SIGINT or SIGTERM. `--thing`, which may be repeated, provisions a device; `--fleet` makes many things with a past,
 * without certificates, in a folder that has no state yet. Resolves with the exit code: 0, or 2 after
 * one line on stderr for bad input, or 1 after one line for any other failure.
 */
export async function runCloud(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  try {
    const options = readOptions(argv, OPTIONS);
    const dir = single(options, "dir") ?? DEFAULT_DIR;
    const mqttPort = optionalPort(options, "mqtt-port");
    const httpsPort = optionalPort(options, "https-port");
    const host = single(options, "host");
    const region = single(options, "region");
    if (region !== undefined && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
      throw new UsageError(`--region ${region} is not one`);
    const fleet = fleetIn(options);
    const signal = stopSignal();
    if (fleet !== undefined && !existsSync(join(dir, "state"))) {
      makeHistory(dir, { things: fleet, jobs: FLEET_JOBS, region });
    }
    const cloud = await startOrRefuse(
      {
        dir,
        ...(mqttPort === undefined ? {} : { mqttPort }),
        ...(httpsPort === undefined ? {} : { httpsPort }),
        ...(host === undefined ? {} : { host }),
        ...(region === undefined ? {} : { switches: { region } }),
        log: output.err,
      },
      signal,
    );
    try {
      for (const thing of options.get("thing") ?? []) await createOrRefuse(cloud, thing);
      output.out(JSON.stringify(startLine(cloud)));
      await signal.given;
    } finally {
      await cloud.close();
      signal.ignore();
    }
    return 0;
  } catch (error) {
    const [line = "failed"] = (error instanceof Error ? error.message : "failed").split("\n");
    output.err(`cloud: ${line}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** @throws UsageError */
function fleetIn(options: ReturnType<typeof readOptions>): number | undefined {
  const text = single(options, "fleet");
  if (text === undefined) return undefined;
  const things = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (things < 1 || things > MAX_FLEET) throw new UsageError(`--fleet must be 1...${MAX_FLEET}`);
  return things;
}

/** What the start line says: endpoints, the folder, the authority, and the files of each device. Never a secret. */
function startLine(cloud: LocalAws) {
  const { dir, ca, region, account, mqtt, https } = cloud;
  const things = Object.fromEntries(cloud.devices().map(({ thingName, ...files }) => [thingName, files]));
  return { endpoints: { mqtt, https }, dir, ca, region, account, env: `${dir}/env.sh`, things };
}

/** What keeps a cloud from starting is nearly always the input: a port in use, a folder that cannot be written. */
async function startOrRefuse(
  options: Parameters<typeof startLocalAws>[0],
  signal: { ignore(): void },
): Promise<LocalAws> {
  try {
    return await startLocalAws(options);
  } catch (error) {
    signal.ignore();
    throw new UsageError(error instanceof Error ? error.message : "the cloud does not start");
  }
}

async function createOrRefuse(cloud: LocalAws, thing: string): Promise<void> {
  try {
    await cloud.createDevice(thing);
  } catch (error) {
    if (error instanceof AwsError) throw new UsageError(`--thing ${thing}: ${error.message}`);
    throw error;
  }
}

/**
 * Ctrl-C and `kill`, caught from now until `ignore`: also one that comes while the cloud starts ends it in good order.
 */
function stopSignal(): { readonly given: Promise<void>; ignore(): void } {
  let stop = () => {};
  const given = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const ignore = () => {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return { given, ignore };
}

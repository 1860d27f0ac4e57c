import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { deviceCredentials, ProvisionError, rootCertificate } from "fota-operator/provision";
import { readCloudFiles } from "local-aws-iot";
import { serverNames } from "local-aws-iot/facts";
import type { Board } from "../board/index.js";
import {
  type CommandOutput,
  type Manual,
  type OptionValues,
  optionalText,
  PROCESS_OUTPUT,
  parseOptions,
  type Running,
  reasonOf,
  requiredText,
  runCommand,
  UsageError,
  usageWhenThrown,
} from "../command-line/index.js";
import { BoardWatch } from "../console/board-feed.js";
import { boardLines } from "../console/board-log.js";
import { createProgress } from "../console/progress.js";
import { watchDownload } from "../console/watch-download.js";
import { chooseEngine } from "./engine-choice.js";
import { readInput } from "./files.js";
import { type BoardIdentity, createRealBoard } from "./real-board.js";
import { DASHBOARD_OPTIONS, dashboardWish, openDashboard } from "./with-dashboard.js";

const MQTT_TLS_PORT = 8883;
/** What a shell reports for a program ended by Ctrl-C. */
const EXIT_INTERRUPTED = 130;

const text = (path: string, option: string) => Buffer.from(readInput(path, option)).toString("latin1");

/** `HOST[:PORT]`. TLS checks a name, so an address only works where the server's certificate carries it. */
function endpoint(value: string): { host: string; port: number } {
  const match = /^([A-Za-z0-9.-]+)(?::(\d{1,5}))?$/.exec(value);
  const port = Number(match?.[2] ?? MQTT_TLS_PORT);
  if (match?.[1] === undefined || port < 1 || port > 65_535) throw new UsageError(`--endpoint ${value}: not HOST:PORT`);
  return { host: match[1], port };
}

function identityFromCloud(dir: string, thingName: string): { identity: BoardIdentity; cloudNames: string[] } {
  let cloud: ReturnType<typeof readCloudFiles>["cloud"];
  try {
    cloud = readCloudFiles(dir).cloud;
  } catch (error) {
    throw new UsageError(`--cloud: ${reasonOf(error)}`);
  }
  const folder = join(dir, "things", encodeURIComponent(thingName));
  if (!existsSync(folder)) throw new UsageError(`--thing ${thingName}: the cloud in ${dir} has no such thing`);
  const { host, port } = cloud.mqtt;
  return {
    identity: {
      thingName,
      host,
      port,
      root: rootCertificate(text(cloud.ca, "cloud"), new Date(), "the cloud's root"),
      certificate: readInput(join(folder, "certificate.der"), "thing"),
      key: readInput(join(folder, "private.der"), "thing"),
    },
    cloudNames: serverNames(cloud.region).dns,
  };
}

function identityFromFiles(values: OptionValues, thingName: string): { identity: BoardIdentity; cloudNames: string[] } {
  const { host, port } = endpoint(requiredText(values, "endpoint"));
  const [ca, cert, key] = [requiredText(values, "ca"), requiredText(values, "cert"), requiredText(values, "key")];
  const credentials = deviceCredentials(text(cert, "cert"), text(key, "key"), new Date(), { certificate: cert, key });
  return {
    identity: { thingName, host, port, root: rootCertificate(text(ca, "ca"), new Date(), ca), ...credentials },
    cloudNames: isIP(host) === 0 ? [] : [host],
  };
}

const DEVICE: Manual = {
  name: "device",
  does: "Runs one simulated board on a flash image. Ctrl-C is a power cut; starting again continues with the same flash.",
  options: {
    flash: { type: "string", value: "FILE", does: "the flash, which stays as the board leaves it" },
    image: { type: "string", value: "FILE", does: "what is flashed by cable, where the flash does not exist yet" },
    thing: { type: "string", value: "NAME", does: "the thing's name" },
    cloud: { type: "string", value: "DIR", does: "the folder of a local cloud, which knows the thing" },
    endpoint: { type: "string", value: "HOST:PORT", does: "in place of --cloud: a broker (default port 8883)" },
    ca: { type: "string", value: "FILE", does: "its root (PEM)" },
    cert: { type: "string", value: "FILE", does: "the device's certificate (PEM)" },
    key: { type: "string", value: "FILE", does: "its key (PEM)" },
    engine: { type: "string", value: "node|xs", does: "what runs the firmware (default xs where it could be built)" },
    ...DASHBOARD_OPTIONS,
  },
  example: "--flash board.bin --image v1.bin --thing board-1 --cloud .state/cloud",
  exits: { 1: "the board has nothing left that it can start", [EXIT_INTERRUPTED]: "Ctrl-C: its power was cut" },
};

/** @returns the exit code, see {@link DEVICE} */
export function runDevice(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand(DEVICE, argv, output, (running) => device(argv, running));
}

async function device(argv: readonly string[], { doing }: Running): Promise<number> {
  const values = parseOptions(argv, DEVICE.options);
  const flashFile = requiredText(values, "flash");
  const thingName = requiredText(values, "thing");
  const cloudDir = optionalText(values, "cloud");
  const imageFile = optionalText(values, "image");
  const wish = dashboardWish(values);
  if (wish.dashboard && cloudDir === undefined) throw new UsageError("--dashboard is for --cloud DIR");
  if ((cloudDir === undefined) === (values.endpoint === undefined))
    throw new UsageError("give either --cloud DIR, or --endpoint HOST:PORT with --ca, --cert and --key");
  const { identity, cloudNames } = usageWhenThrown(
    () => (cloudDir === undefined ? identityFromFiles(values, thingName) : identityFromCloud(cloudDir, thingName)),
    ProvisionError,
  );
  if (imageFile === undefined && !existsSync(flashFile))
    throw new UsageError(`--flash ${flashFile} does not exist; --image FILE makes it`);
  const isNew = !existsSync(flashFile);
  if (imageFile !== undefined && !isNew)
    process.stderr.write(`--image ${imageFile} is not used: ${flashFile} is there already, and what it holds runs\n`);
  const engine = chooseEngine(optionalText(values, "engine"), (line) => process.stderr.write(`${line}\n`));

  doing("the board is set up");
  const progress = createProgress(process.stdout, "download");
  let board: Board | undefined;
  const say = (line: string) => {
    progress.end();
    process.stdout.write(`${line}\n`);
  };
  const { promise, resolve } = withResolver<number>();
  const download = watchDownload(() => board, progress);
  const watch = wish.dashboard ? new BoardWatch(thingName, () => board) : undefined;
  try {
    board = await createRealBoard({
      engine,
      identity,
      cloudNames,
      flashFile,
      ...(imageFile === undefined || !isNew ? {} : { image: readInput(imageFile, "image") }),
      onStep: (step) => {
        download(step);
        watch?.onStep(step);
      },
      onEvent: (event) => {
        if (board !== undefined) for (const line of boardLines(event, board)) say(line);
        watch?.onEvent(event);
        if (event.type === "boot-loop" || (event.type === "boot" && event.result.outcome !== "app")) resolve(1);
      },
    });
  } catch (error) {
    throw new UsageError(reasonOf(error));
  }
  const powered = board;
  // From here on a silence is the board's.
  doing("");
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      powered.powerCut();
      resolve(EXIT_INTERRUPTED);
    });
  }
  const page = cloudDir !== undefined && wish.dashboard ? await openDashboard(cloudDir, wish.write, watch) : undefined;
  if (page !== undefined) say(page.url);
  powered.powerOn();
  const code = await promise;
  await page?.close();
  return code;
}

function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

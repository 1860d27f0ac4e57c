import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { readCloudFiles } from "local-aws-iot";
import { serverNames } from "local-aws-iot/facts";
import type { Board } from "../board/index.js";
import { boardLines } from "../console/board-log.js";
import { createProgress } from "../console/progress.js";
import { watchDownload } from "../console/watch-download.js";
import { deviceCredentials, ProvisionError, rootCertificate } from "../provision/index.js";
import {
  type OptionValues,
  optionalText,
  parseOptions,
  requiredText,
  UsageError,
  usageWhenThrown,
} from "./command-line.js";
import { chooseEngine } from "./engine-choice.js";
import { type BoardIdentity, createRealBoard } from "./real-board.js";

const MQTT_TLS_PORT = 8883;
/** What a shell reports for a program ended by Ctrl-C. */
const EXIT_INTERRUPTED = 130;

function file(path: string, option: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch {
    throw new UsageError(`--${option}: ${path} cannot be read`);
  }
}

const text = (path: string, option: string) => Buffer.from(file(path, option)).toString("latin1");

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
    throw new UsageError(`--cloud: ${error instanceof Error ? error.message : String(error)}`);
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
      certificate: file(join(folder, "certificate.der"), "thing"),
      key: file(join(folder, "private.der"), "thing"),
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

/**
 * `npm run device -- --flash FILE --thing NAME --cloud DIR | --endpoint HOST:PORT --ca FILE --cert FILE --key FILE
 * [--image FILE]`: one simulated board on a raw flash image. Ctrl-C is a power cut; starting again continues with the
 * same flash.
 */
export async function runDevice(argv: readonly string[]): Promise<number> {
  const names = ["flash", "thing", "cloud", "endpoint", "ca", "cert", "key", "image", "engine"] as const;
  const values = parseOptions(argv, Object.fromEntries(names.map((name) => [name, { type: "string" as const }])));
  const flashFile = requiredText(values, "flash");
  const thingName = requiredText(values, "thing");
  const cloudDir = optionalText(values, "cloud");
  const imageFile = optionalText(values, "image");
  if ((cloudDir === undefined) === (values.endpoint === undefined))
    throw new UsageError("give either --cloud DIR, or --endpoint HOST:PORT with --ca, --cert and --key");
  const { identity, cloudNames } = usageWhenThrown(
    () => (cloudDir === undefined ? identityFromFiles(values, thingName) : identityFromCloud(cloudDir, thingName)),
    ProvisionError,
  );
  if (imageFile === undefined && !existsSync(flashFile))
    throw new UsageError(`--flash ${flashFile} does not exist; --image FILE makes it`);
  const engine = chooseEngine(optionalText(values, "engine"), (line) => process.stderr.write(`${line}\n`));

  const progress = createProgress(process.stdout, "download");
  let board: Board | undefined;
  const say = (line: string) => {
    progress.end();
    process.stdout.write(`${line}\n`);
  };
  const { promise, resolve } = withResolver<number>();
  const onStep = watchDownload(() => board, progress);
  try {
    board = await createRealBoard({
      engine,
      identity,
      cloudNames,
      flashFile,
      ...(imageFile === undefined || existsSync(flashFile) ? {} : { image: file(imageFile, "image") }),
      onStep,
      onEvent: (event) => {
        if (board !== undefined) for (const line of boardLines(event, board)) say(line);
        if (event.type === "boot-loop" || (event.type === "boot" && event.result.outcome !== "app")) resolve(1);
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const powered = board;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      powered.powerCut();
      resolve(EXIT_INTERRUPTED);
    });
  }
  powered.powerOn();
  return promise;
}

function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

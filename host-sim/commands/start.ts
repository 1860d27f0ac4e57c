import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dashboard } from "fota-operator/dashboard";
import { makePatch } from "fota-operator/patch";
import { type LocalAws, startLocalAws } from "local-aws-iot";
import { isTerminal, serverNames } from "local-aws-iot/facts";
import type { Board } from "../board/index.js";
import {
  type CommandOutput,
  type Manual,
  optionalInteger,
  optionalText,
  PROCESS_OUTPUT,
  parseOptions,
  type Running,
  runCommand,
} from "../command-line/index.js";
import { BoardWatch } from "../console/board-feed.js";
import { boardLines } from "../console/board-log.js";
import { flashMap } from "../console/flash-map.js";
import { createProgress } from "../console/progress.js";
import { watchDownload } from "../console/watch-download.js";
import type { EngineName } from "../engines/index.js";
import { compileFirmware, imageOf } from "../image/index.js";
import { publishImage } from "../publish/index.js";
import { DEFAULT_KEY_ID, digestOf, newSigningKey, signatureOf, trusting } from "../signing/index.js";
import { chooseEngine } from "./engine-choice.js";
import { createRealBoard } from "./real-board.js";
import { summaryLines, type UpdateResult } from "./start-summary.js";
import { DASHBOARD_OPTIONS, dashboardWish, interrupted, openDashboard } from "./with-dashboard.js";

const FROM = "1.0.1";
const TO = "1.0.2";
const THING = "start-board";
/** About what an ESP32 image of this firmware takes: the update downloads what a board would. */
const DEFAULT_IMAGE_SIZE = 1_000_000;
const MAX_IMAGE_SIZE = 0x1f0000;
/** Far beyond the seconds it takes: only a fault ends the update this way. */
const UPDATE_TIMEOUT_MS = 180_000;
const POLL_MS = 25;
const QUIET_MS = 250;

type Say = (who: "cloud" | "operator" | "board", line: string) => void;

const START: Manual = {
  name: "start",
  does: "Shows one complete update of a simulated board by a local AWS, told as it happens.",
  options: {
    json: { type: "boolean", does: "the last line of standard output is one JSON object" },
    engine: { type: "string", value: "node|xs", does: "what runs the firmware (default xs where it could be built)" },
    size: { type: "string", value: "BYTES", does: `length of the images (default ${DEFAULT_IMAGE_SIZE})` },
    delta: { type: "boolean", does: "the update comes as a patch of the running image" },
    ...DASHBOARD_OPTIONS,
  },
  example: "--engine node --json",
  exits: { 0: "the job SUCCEEDED and the new version runs", 1: "anything else" },
};

/** @returns the exit code, see {@link START} */
export function runStart(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand(START, argv, output, (running) => start(argv, running));
}

async function start(argv: readonly string[], { doing }: Running): Promise<number> {
  const values = parseOptions(argv, START.options);
  const size = optionalInteger(values, "size", { min: 400_000, max: MAX_IMAGE_SIZE }) ?? DEFAULT_IMAGE_SIZE;
  const wish = dashboardWish(values);
  const engine = chooseEngine(optionalText(values, "engine"), (line) => process.stdout.write(`${line}\n`));

  const progress = createProgress(process.stdout, "   board | download");
  const say: Say = (who, line) => {
    progress.end();
    process.stdout.write(`${who.padStart(8)} | ${line}\n`);
  };
  const dir = mkdtempSync(join(tmpdir(), "aws-fota-start-"));
  let cloud: LocalAws | undefined;
  let board: Board | undefined;
  let page: Dashboard | undefined;
  const switchOff = () => {
    board?.powerCut();
    board = undefined;
  };
  try {
    doing("the local AWS starts");
    cloud = await startLocalAws({ dir });
    say(
      "cloud",
      `AWS IoT (MQTT, TLS) on port ${cloud.mqtt.port}; S3 and the IoT API (HTTPS) on port ${cloud.https.port}`,
    );
    const delta = values.delta === true;
    const watch = wish.dashboard ? new BoardWatch(THING, () => board) : undefined;
    const ended = wish.dashboard ? interrupted() : undefined;
    if (wish.dashboard) page = await openDashboard(dir, wish.write, watch);
    const made = (one: Board) => {
      board = one;
    };
    const result = await showUpdate({ cloud, engine, size, delta, say, progress, doing, page, ended, watch, made });
    // Its last words come before the summary; with a page it is looked at further.
    if (page === undefined) switchOff();
    for (const line of summaryLines(result)) process.stdout.write(`${line}\n`);
    if (values.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
    if (page !== undefined) {
      say("operator", "the page stays; Ctrl-C ends it");
      doing("");
      await ended;
    }
    return result.status === "SUCCEEDED" && result.runs === TO ? 0 : 1;
  } finally {
    await page?.close();
    switchOff();
    await cloud?.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

type UpdateParts = {
  readonly cloud: LocalAws;
  readonly engine: EngineName;
  readonly size: number;
  readonly delta: boolean;
  readonly say: Say;
  readonly progress: ReturnType<typeof createProgress>;
  readonly doing: Running["doing"];
  /** The page that shows it: the update begins when somebody looks. */
  readonly page: Dashboard | undefined;
  /** Ctrl-C, where there is a page. */
  readonly ended: Promise<void> | undefined;
  readonly watch: BoardWatch | undefined;
  /** Its board is there, and is switched off by whoever hears of it. */
  made(board: Board): void;
};

async function showUpdate(parts: UpdateParts): Promise<UpdateResult> {
  const { cloud, engine, size, delta, say, progress, doing, page, ended, watch } = parts;
  let started = Date.now();
  const device = await cloud.createDevice(THING);
  say("operator", `thing ${THING} with a certificate of its own`);
  const key = newSigningKey();
  doing("the firmware is bundled");
  const firmware = trusting(await compileFirmware(), { [DEFAULT_KEY_ID]: key.publicKey });
  const old = imageOf(firmware, { version: FROM, size });
  // The rest of an image is filled by its seed: with another one nothing of that is left for a patch to take over.
  const image = imageOf(firmware, { version: TO, size, ...(delta ? {} : { seed: 2 }) });
  const patch = delta ? makePatch({ from: old, to: image }) : undefined;
  say("operator", `built ${FROM} and ${TO}, ${image.length} bytes each; ${FROM} is flashed by cable`);
  say("operator", `both trust a signing key of this minute, ${DEFAULT_KEY_ID}: what nobody signed with it is refused`);

  let board: Board | undefined;
  const download = watchDownload(
    () => board,
    progress,
    () => image.length,
  );
  board = await createRealBoard({
    engine,
    identity: {
      thingName: THING,
      host: cloud.mqtt.host,
      port: cloud.mqtt.port,
      root: new Uint8Array(new X509Certificate(readFileSync(cloud.ca)).raw),
      certificate: new Uint8Array(readFileSync(device.certificateDer)),
      key: new Uint8Array(readFileSync(device.privateKeyDer)),
    },
    cloudNames: serverNames(cloud.region).dns,
    image: old,
    onStep: (step) => {
      download(step);
      watch?.onStep(step);
    },
    onEvent: (event) => {
      if (board !== undefined) for (const line of boardLines(event, board)) say("board", line);
      watch?.onEvent(event);
    },
  });
  const running = board;
  parts.made(running);
  if (page !== undefined) {
    say("operator", `the update begins when this page is open: ${page.url}`);
    doing("");
    const isOpen = await Promise.race([page.opened.then(() => true), ended?.then(() => false)]);
    if (isOpen !== true) throw new Error("ended before the page was open");
    started = Date.now();
  }
  doing("the board connects");
  running.powerOn();
  const deadline = started + UPDATE_TIMEOUT_MS;
  // The device is connected, has asked for a job and has been told that there is none.
  await until(() => cloud.counters.mqttPublishesOut > 0, deadline);
  const documentExtra = { sha256: digestOf(image), "sig-sha256-ecdsa": signatureOf(image, key) };
  const patches = patch === undefined ? [] : [{ bytes: patch, base: { image: old, version: FROM } }];
  const { jobId } = await publishImage(cloud, { image, version: TO, thingNames: [THING], documentExtra, patches });
  if (patch !== undefined) say("operator", `made a patch of ${patch.length} bytes out of ${FROM} and ${TO}`);
  say("operator", `signed ${TO}, put it into the bucket and created job ${jobId}`);
  doing("the update goes on");
  const execution = () => executionOf(cloud, jobId);
  let shown = "";
  await until(() => {
    const { status } = execution();
    if (status !== shown) say("cloud", `job ${jobId}: ${status}`);
    shown = status;
    return isTerminal(status);
  }, deadline);
  await quiet(() => JSON.stringify([cloud.counters, running.counters]), deadline);
  say("board", "flash at the end");
  for (const line of flashMap(running.chip)) say("board", `  ${line}`);
  const { status, statusDetails } = execution();
  const slot = running.running;
  const { counters } = running;
  return {
    status,
    from: FROM,
    to: TO,
    slot: slot?.label ?? "",
    runs: (slot === undefined ? undefined : running.chip.describe(slot)?.version) ?? "",
    engine,
    imageBytes: image.length,
    ...(patch === undefined ? {} : { patchBytes: patch.length }),
    httpRequests: cloud.counters.s3,
    httpBodyBytes: cloud.counters.s3BodyBytes,
    mqttPublishes: cloud.counters.mqttPublishesIn,
    tlsHandshakes: counters.handshakes,
    blocksErased: counters.blocksErased,
    sectorsErased: counters.sectorsErased,
    flashWrites: counters.flashWrites,
    recordStores: counters.stores,
    boots: counters.boots,
    milliseconds: Date.now() - started,
    statusDetails,
  };
}

function executionOf(cloud: LocalAws, jobId: string): { status: string; statusDetails: Record<string, string> } {
  try {
    const { execution } = cloud.jobExecution(THING, jobId) as {
      execution?: { status?: string; statusDetails?: { detailsMap?: Record<string, string> } };
    };
    return { status: execution?.status ?? "", statusDetails: execution?.statusDetails?.detailsMap ?? {} };
  } catch {
    // The roll-out has not reached the thing yet.
    return { status: "not rolled out yet", statusDetails: {} };
  }
}

/** Waits until what `look` gives has stood still for a while: the device asks once more for a job after its report. */
async function quiet(look: () => string, deadline: number): Promise<void> {
  let last = "";
  let since = Date.now();
  await until(() => {
    const now = look();
    if (now !== last) since = Date.now();
    last = now;
    return Date.now() - since >= QUIET_MS;
  }, deadline);
}

async function until(done: () => boolean, deadline: number): Promise<void> {
  while (!done()) {
    if (Date.now() > deadline) throw new Error("the update stands still; the lines above show where");
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

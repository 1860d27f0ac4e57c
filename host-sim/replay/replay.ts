import type { JournalEvent } from "../../modules/journal/index.js";
import type { EngineName } from "../engines/index.js";
import { compileFirmware, type FirmwareArchive, imageOf } from "../image/index.js";
import { trustingSimulatedKey } from "../signing/index.js";
import { VirtualWorld } from "../world/virtual-world.js";
import { AttemptFaults } from "./attempt-faults.js";
import { attemptsOf, difference, endOfJob, type JobEnd, ReplayError, type Segment, segmentsOf } from "./replay-plan.js";

const DAY_MS = 86_400_000;
/** What a start can have come from, besides power and the firmware's own restart. */
const RESETS = [
  ...(["panic", "task-watchdog", "int-watchdog", "watchdog", "cpu-lockup", "brownout", "power-glitch"] as const),
  ...(["external", "deep-sleep", "usb", "jtag"] as const),
];
/** Bytes of an image beyond the last place at which something went wrong. */
const BEYOND = 100_000;
const STATE_LINE = /^aws-fota: [a-z-]+ -> ([a-z-]+ \([a-z-]+\))$/;

/** What a replay came to. `difference` is undefined when the board went through the journal's states. */
export type ReplayResult = {
  /** The states of each start. */
  readonly states: readonly (readonly string[])[];
  readonly difference: string | undefined;
};

/** How a journal is replayed. */
export type ReplayOptions = {
  readonly engine?: EngineName;
  /** Default: the project's own, compiled for this run. */
  readonly firmware?: FirmwareArchive;
  /** Each line that the board traces. */
  readonly onTrace?: (line: string) => void;
};

/**
 * Runs a simulated board through what a journal tells: its starts, its connection to AWS IoT as it came and went, the
 * failures of its requests, how its jobs ended. What the journal lost with power at the end of a start is not compared.
 * @throws ReplayError for a journal that cannot be replayed
 */
export async function replay(events: readonly JournalEvent[], options: ReplayOptions = {}): Promise<ReplayResult> {
  const segments = segmentsOf(events);
  const run = await ReplayRun.create(segments, options);
  try {
    return run.play();
  } finally {
    run.close();
  }
}

class ReplayRun {
  readonly #segments: readonly Segment[];
  readonly #world: VirtualWorld;
  readonly #image: (version: string) => Uint8Array;
  readonly #published = new Set<string>();

  private constructor(segments: readonly Segment[], world: VirtualWorld, image: (version: string) => Uint8Array) {
    this.#segments = segments;
    this.#world = world;
    this.#image = image;
  }

  static async create(
    segments: readonly Segment[],
    { engine = "node", firmware: given, onTrace }: ReplayOptions,
  ): Promise<ReplayRun> {
    const firmware = trustingSimulatedKey(given ?? (await compileFirmware({ minify: true })));
    const attempts = attemptsOf(segments);
    const size = Math.max(...attempts.map(({ offset }) => offset), 0) + BEYOND;
    const smallest = imageOf(firmware, { version: "0" }).length;
    const image = (version: string) => imageOf(firmware, { version, size: smallest + size });
    const world = await VirtualWorld.create({
      image: image(segments[0]?.version ?? ""),
      board: {
        engine,
        onEvent: (event) => {
          if (event.type === "trace") onTrace?.(event.text);
        },
      },
    });
    world.cloud.network.faults = new AttemptFaults(attempts, world.cloud).faults;
    return new ReplayRun(segments, world, image);
  }

  play(): ReplayResult {
    for (const [index, segment] of this.#segments.entries()) {
      const isLinked = segment.events.some(({ kind, words }) => kind === "link" && words[0] === "up");
      this.#link(isLinked || this.#goesOn(index));
      if (!this.#start(index, segment)) break;
      if (!this.#live(segment)) break;
      if (this.#goesOn(index)) this.#untilLoading(segment);
    }
    const states = this.#states();
    return { states, difference: difference(this.#segments, states) };
  }

  close(): void {
    this.#world.close();
  }

  /** The next start finds an update of which this one's journal, cut off by power, says nothing. */
  #goesOn(index: number): boolean {
    return this.#segments[index + 1]?.events.some(({ words }) => words[1] === "resume-found") === true;
  }

  #start(index: number, { reason }: Segment): boolean {
    const { board } = this.#world;
    const isThere = () => this.#states().length > index;
    if (index === 0) board.powerOn();
    // A restart of the firmware's own comes by itself.
    else if (reason !== "software") {
      board.powerCut();
      if (reason === "power-on") board.powerOn();
      else this.#restartAs(reason);
    }
    return this.#world.runUntil(isThere, DAY_MS);
  }

  #restartAs(reason: string): void {
    const { board } = this.#world;
    board.powerOn();
    const known = RESETS.find((candidate) => candidate === reason);
    if (known !== undefined) board.reset(known);
  }

  /** One event after the other; false when the board does not get there. */
  #live({ events }: Segment): boolean {
    let states = 0;
    let links = 0;
    for (const event of events) {
      const [first] = event.words;
      if (event.kind === "job") this.#publish(event);
      if (event.kind === "link") this.#link(first === "up");
      if (event.kind === "link" && first === "up") {
        links += 1;
        const wanted = links;
        this.#world.runUntil(() => this.#connections() >= wanted, DAY_MS);
      }
      if (event.kind !== "state") continue;
      states += 1;
      if (event.words[1] === "job-over") this.#end(event);
      const wanted = states;
      if (!this.#world.runUntil(() => (this.#states().at(-1)?.length ?? 0) >= wanted, DAY_MS)) return false;
    }
    return true;
  }

  #untilLoading({ events }: Segment): void {
    const later = this.#segments.flatMap(({ events: all }) => all).find(({ kind }) => kind === "job");
    if (!events.some(({ kind }) => kind === "job") && later !== undefined) this.#publish(later);
    this.#world.runUntil(() => this.#world.record?.includes('"erasedTo"') === true, DAY_MS);
  }

  #link(isUp: boolean): void {
    const { mqtt } = this.#world.cloud;
    if (isUp) mqtt.comeBack();
    else mqtt.goAway();
  }

  #publish(event: JournalEvent): void {
    const [jobId = "job"] = event.words;
    if (this.#published.has(jobId)) return;
    this.#published.add(jobId);
    const events = this.#segments.flatMap((segment) => segment.events);
    const end = endOfJob(events, events.indexOf(event));
    const running = this.#world.runningVersion ?? "0";
    const version =
      this.#segments.map((segment) => segment.version).find((other) => other !== running) ?? after(running);
    this.#world.cloud.publish({ jobId, version, image: this.#image(version), document: documentFor(end) });
  }

  /** The service ends the job without the device. */
  #end(event: JournalEvent): void {
    const events = this.#segments.flatMap((segment) => segment.events);
    const before = events.slice(0, events.indexOf(event));
    const jobId = before.filter(({ kind }) => kind === "job").at(-1)?.words[0];
    if (jobId === undefined) return;
    if (before.filter(({ kind }) => kind === "error").at(-1)?.words[0] === "job-deleted")
      this.#world.cloud.forget(jobId);
    else this.#world.cloud.cancel(jobId);
  }

  #states(): string[][] {
    const found: string[][] = [];
    for (const event of this.#world.events) {
      if (event.type === "boot") found.push([]);
      const state = event.type === "trace" ? STATE_LINE.exec(event.text)?.[1] : undefined;
      if (state !== undefined) found.at(-1)?.push(state);
    }
    return found;
  }

  /** Connections to AWS IoT since the last start. */
  #connections(): number {
    const { events } = this.#world;
    const last = events.map(({ type }) => type).lastIndexOf("boot");
    return events.slice(last).filter((event) => event.type === "trace" && event.text.includes("mqtt: connected"))
      .length;
  }
}

/** A document whose job ends in the state in which the journal's did. The code may be another of the same state. */
function documentFor(end: JobEnd | undefined): Readonly<Record<string, unknown>> {
  if (end?.state === "deciding") return { fwversion: "" };
  if (end?.state === "verifying") return { sha256: "00".repeat(32) };
  const isByServer =
    /^(?:retries-exhausted|redirect|url-expired|access-denied|not-found|request-refused|range-not-satisfiable|size-mismatch|bad-response|disconnected)$/;
  if (end?.state === "downloading" && !isByServer.test(end.code)) return { fwversion: "9999.0.0" };
  return {};
}

/** A version that every agent takes for a newer one. */
function after(version: string): string {
  const match = /^(.*?)(\d+)$/.exec(version);
  if (match === null) throw new ReplayError(`no version is known to come after ${version}`);
  return `${match[1]}${Number(match[2]) + 1}`;
}

import { isTerminal } from "local-aws-iot/facts";
import { Esp32, FlashMemory } from "../../modules/esp32-sim/index.js";
import { type BoardEvent, NodeDigest, type Step } from "../board/index.js";
import type { CutPlan } from "../board/steps.js";
import type { Engine, EngineName } from "../engines/index.js";
import { isRecordStore, VirtualWorld } from "../world/virtual-world.js";
import { addressOf, FlashView } from "./flash-view.js";
import type { SeenStep } from "./plan.js";
import type { KnownImage, Story } from "./story.js";
import type { CutMade, Ending, Rest, StoryRun } from "./story-run.js";
import { Wiretap } from "./wiretap.js";

/** Between a cut and the power's return. */
const OFF_MS = 1000;
/** Virtual time in which every story must be over, whatever was cut. */
const LIMIT_MS = 6 * 3_600_000;
/** Quiet time after the end in which nothing may happen but keep-alives. */
const REST_MS = 5000;
const THING = "board-1";
/**
 * otadata states of an image that no reset takes back: VALID, and every number that ESP-IDF does not define or does not
 * watch.
 */
const UNSETTLED: ReadonlySet<number> = new Set([0, 1, 3, 4]);

/** How one run is made. */
export type RunOptions = {
  readonly engine: Engine | EngineName;
  /** In order of their steps. */
  readonly cuts?: readonly CutPlan[];
  /** Receives what the board tells, for reading along. */
  readonly onEvent?: (event: BoardEvent, now: number) => void;
};

/**
 * Tells one story on a fresh board in a fresh world, with the power cut where it is asked for. Same arguments, same
 * run.
 */
export async function runStory(story: Story, { engine, cuts = [], onEvent }: RunOptions): Promise<StoryRun> {
  const tap = new Wiretap();
  let observer: Observer | undefined;
  const world = await VirtualWorld.create({
    image: story.first.bytes,
    faults: tap.over(),
    thingName: THING,
    board: {
      engine,
      onStep: (step) => observer?.step(step),
      onEvent: (event) => {
        observer?.event(event);
        onEvent?.(event, world?.clock.now() ?? 0);
      },
    },
  });
  try {
    observer = new Observer(world, story, cuts);
    return observer.run(tap);
  } finally {
    world.close();
  }
}

/** Watches the board, cuts its power and gives it back, and plays the operator. */
class Observer {
  readonly #world: VirtualWorld;
  readonly #story: Story;
  readonly #cuts: CutPlan[];
  readonly #view: FlashView;
  readonly #steps: SeenStep[] = [];
  readonly #made: CutMade[] = [];
  readonly #endings: Ending[] = [];
  readonly #seen: string[] = [];
  readonly #start: number;
  #planned: CutPlan | undefined;
  #last: (SeenStep & { readonly onTrial: boolean }) | undefined;
  /** Slot and version of the last boot. */
  #running = { label: "", version: "" };
  #canceled = false;
  #slotBytesErased = 0;
  #otadataErases = 0;
  #recordStores = 0;

  constructor(world: VirtualWorld, story: Story, cuts: readonly CutPlan[]) {
    this.#world = world;
    this.#story = story;
    this.#cuts = [...cuts];
    this.#view = new FlashView(world.board.flash.contents, [story.first, ...story.jobs.map(({ image }) => image)]);
    this.#start = world.clock.now();
  }

  run(tap: Wiretap): StoryRun {
    const { board, clock, cloud } = this.#world;
    this.#planNext();
    board.powerOn();
    for (const { jobId, image, patch } of this.#story.jobs) {
      const patches = patch === undefined ? [] : [{ bytes: patch.bytes, base: { image: this.#story.first.bytes } }];
      cloud.publish({ jobId, version: image.version, image: image.bytes, patches });
    }
    const over = clock.runUntil(() => this.#isOver(), LIMIT_MS);
    let rest: Rest | undefined;
    if (over) {
      clock.advance(REST_MS);
      rest = this.#rest();
    }
    return {
      story: this.#story,
      steps: this.#steps,
      cuts: this.#made,
      endings: this.#endings,
      terminal: tap.terminal,
      rest,
      seen: this.#seen,
      httpBytes: tap.httpBytes,
      httpRequests: tap.httpRequests,
      slotBytesErased: this.#slotBytesErased,
      otadataErases: this.#otadataErases,
      recordStores: this.#recordStores,
      boots: board.counters.boots,
      virtualMs: clock.now() - this.#start,
    };
  }

  step({ number, kind, detail, tearable }: Step): void {
    const address = addressOf(detail);
    const otadata = address !== undefined && this.#view.isOtadata(address);
    const seen = { number, kind, detail, tearable, otadata };
    this.#steps.push(seen);
    this.#last = { ...seen, onTrial: this.#isOnTrial(otadata) };
    if (kind === "flash-erase") {
      if (otadata) this.#otadataErases += 1;
      else this.#slotBytesErased += Number(detail.split("+")[1]);
    }
    if (isRecordStore(seen)) this.#recordStores += 1;
    if (address !== undefined && !otadata) this.#slotTouched(address);
  }

  event(event: BoardEvent): void {
    switch (event.type) {
      case "power-cut":
        this.#powerLost();
        break;
      case "boot":
        this.#booted(event);
        break;
      case "reset":
        if (event.reason !== "software" && !this.#mayCrash())
          this.#seen.push(`no-crash: ${event.reason} ${event.message ?? ""}`);
        this.#checkSelected("reset");
        break;
      case "boot-loop":
        this.#seen.push("valid-image: the board boots again and again");
        break;
      default:
    }
  }

  /** The bootloader's own rewrites happen while no program runs. */
  #isOnTrial(otadata: boolean): boolean {
    const { board } = this.#world;
    if (board.running === undefined) return otadata;
    const { selected } = this.#view;
    return selected?.label !== board.running.label || selected.state === 1;
  }

  #mayCrash(): boolean {
    return this.#story.jobs.some(({ image }) => image.crashes === true && image.version === this.#running.version);
  }

  #slotTouched(address: number): void {
    const { running } = this.#world.board;
    if (running !== undefined && address >= running.offset && address < running.offset + running.size) {
      this.#seen.push(`running-slot: flash of ${running.label} was changed at 0x${address.toString(16)}`);
    }
    const [job] = this.#story.jobs;
    if (job?.fate !== "canceled" || this.#canceled) return;
    const slot = this.#world.board.chip.findPartition("nextota");
    if (slot === undefined || address < slot.offset + job.image.bytes.length / 2) return;
    this.#canceled = true;
    const { clock, cloud } = this.#world;
    clock.after(0, () => cloud.cancel(job.jobId));
  }

  #powerLost(): void {
    const planned = this.#planned;
    const last = this.#last;
    if (planned !== undefined && last !== undefined) this.#made.push({ ...last, where: planned.where });
    this.#checkSelected("power cut");
    this.#planNext();
    const { board, clock } = this.#world;
    clock.after(OFF_MS, () => {
      if (board.state === "off") board.powerOn();
    });
  }

  #planNext(): void {
    this.#planned = this.#cuts.shift();
    this.#world.board.planCut(this.#planned);
  }

  #booted({ result, version = "" }: Extract<BoardEvent, { type: "boot" }>): void {
    if (result.outcome !== "app") {
      this.#seen.push(`valid-image: the bootloader resets for ever: ${result.reason}`);
      return;
    }
    this.#running = { label: result.label, version };
    const image = this.#view.imageIn(result.label);
    if (image?.version !== version) this.#seen.push(`valid-image: ${result.label} boots and is no image of the story`);
  }

  /** A slot that otadata selects holds an image to its last byte. */
  #checkSelected(when: string): void {
    const { selected } = this.#view;
    if (selected === undefined || this.#view.imageIn(selected.label) !== undefined) return;
    this.#seen.push(`no-half-slot: at a ${when} otadata selects ${selected.label}, which is not complete`);
  }

  #isOver(): boolean {
    const { board, cloud } = this.#world;
    const { jobs } = this.#story;
    for (const { jobId } of jobs) {
      const status = cloud.execution(jobId)?.status;
      if (!isTerminal(status) || this.#endings.some((ending) => ending.jobId === jobId)) continue;
      const { selected } = this.#view;
      const { label, version } = this.#running;
      const settled = selected === undefined || (selected.label === label && !UNSETTLED.has(selected.state));
      this.#endings.push({ jobId, status: status ?? "", version, settled });
    }
    return this.#endings.length === jobs.length && board.state === "running" && !this.#world.hasOpenJob;
  }

  #rest(): Rest {
    const { board, cloud, record, runningVersion: version } = this.#world;
    const { size: timers } = board.timers;
    const { size: sockets } = board.sockets;
    const connections = cloud.network.openConnections;
    const { state } = board;
    return { version, nextVersion: this.#nextVersion(), record, timers, sockets, connections, state };
  }

  /** What a reset would start, tried on a copy of the flash. */
  #nextVersion(): string | undefined {
    const { contents } = this.#world.board.flash;
    const copy = new FlashMemory({
      size: contents.size,
      read: (offset, length) => contents.read(offset, length),
      // The bootloader's rewrites would not change its choice of this boot.
      write: () => {},
    });
    const result = new Esp32({ flash: copy, Digest: NodeDigest }).boot();
    return result.outcome === "app" ? this.#view.imageIn(result.label)?.version : undefined;
  }
}

export type { KnownImage };

import { isTerminal } from "local-aws-iot/facts";
import type { BoardEvent, CancelTimer } from "../board/index.js";
import { seededRandom } from "../board/random.js";
import type { Engine, EngineName } from "../engines/index.js";
import { FlashView } from "../interruptions/flash-view.js";
import { Wiretap } from "../interruptions/wiretap.js";
import { VirtualWorld } from "../world/virtual-world.js";
import { NetworkWeather } from "./network-weather.js";
import type { Holdings } from "./soak-growth.js";
import { isBad, type SoakImage, type SoakImages } from "./soak-images.js";
import type { UpdatePlan } from "./soak-plan.js";
import { type Judged, violationsOf } from "./soak-rules.js";

/** What one update did. */
export type UpdateReport = {
  readonly number: number;
  readonly kind: UpdatePlan["kind"];
  /** What was offered beside the image, and what the device says became of it. */
  readonly offered: UpdatePlan["patch"];
  readonly patch: string | undefined;
  /** Of the execution; `undefined` = it never ended. */
  readonly status: string | undefined;
  /** `code` of the status details. */
  readonly code: string | undefined;
  /** Version that runs afterwards. */
  readonly version: string | undefined;
  readonly cuts: number;
  readonly boots: number;
  readonly bytesErased: number;
  readonly stores: number;
  readonly httpBytes: number;
  readonly virtualMs: number;
  /** Absent when the board did not come to rest. */
  readonly holdings: Holdings | undefined;
  readonly violations: readonly string[];
};

/** What a soak board is made of. */
export type SoakOptions = {
  readonly images: SoakImages;
  readonly engine: Engine | EngineName;
  readonly seed: number;
  readonly onEvent?: (event: BoardEvent, board: VirtualWorld["board"]) => void;
};

const THING = "soak-board";
const FIRST_VERSION = "1.0.0";
const HOUR = 3_600_000;
/** Virtual time in which an update must end. */
const LIMIT_MS = 24 * HOUR;
/** Quiet time before the board is looked at. */
const REST_MS = 5000;
const REST_LIMIT_MS = HOUR;
/** Between two attempts to cancel. */
const RETRY_MS = 1000;

/** One board and its cloud through any number of updates, each in the weather that its plan says. */
export class SoakBoard {
  readonly #images: SoakImages;
  readonly #world: VirtualWorld;
  readonly #tap: Wiretap;
  readonly #weather: NetworkWeather;
  #installed: SoakImage;
  /** Version of the last boot, and what was wrong the moment it happened. */
  #booted = "";
  #seen: string[] = [];
  #view: FlashView;
  #mayCrash: string | undefined;
  #cuts: UpdatePlan["cuts"] = [];
  #idleTimers = Number.POSITIVE_INFINITY;
  /** Faults and cancels that are still to come. */
  readonly #troubles: CancelTimer[] = [];

  private constructor(
    options: SoakOptions,
    world: VirtualWorld,
    tap: Wiretap,
    weather: NetworkWeather,
    first: SoakImage,
  ) {
    this.#images = options.images;
    this.#world = world;
    this.#tap = tap;
    this.#weather = weather;
    this.#installed = first;
    this.#view = new FlashView(world.board.flash.contents, [first]);
  }

  /** The board is on and at rest. */
  static async create(options: SoakOptions): Promise<SoakBoard> {
    const { engine, seed, images } = options;
    const tap = new Wiretap();
    const weather = new NetworkWeather(seededRandom(seed ^ 0x5eed));
    const first = images.first(FIRST_VERSION);
    let soak: SoakBoard | undefined;
    const world: VirtualWorld = await VirtualWorld.create({
      image: first.bytes,
      seed,
      faults: tap.over(weather.faults),
      thingName: THING,
      board: {
        engine,
        maxBoots: Number.POSITIVE_INFINITY,
        onEvent: (event) => {
          soak?.event(event);
          options.onEvent?.(event, world.board);
        },
      },
    });
    soak = new SoakBoard(options, world, tap, weather, first);
    world.board.powerOn();
    return soak;
  }

  /**
   * Waits until the board is connected and has nothing to do, and its timers are those of the first rest: a connection
   * that a fault has made deaf is noticed a keep-alive later. `undefined`: that never happened, timers aside.
   */
  rest(): Holdings | undefined {
    const { board, clock, cloud } = this.#world;
    const isIdle = () =>
      board.state === "running" &&
      board.sockets.size === 1 &&
      cloud.mqtt.connectionCount === 1 &&
      !this.#world.hasOpenJob;
    const isQuiet = () => isIdle() && board.timers.size <= this.#idleTimers;
    clock.runUntil(isQuiet, REST_LIMIT_MS);
    clock.advance(REST_MS);
    clock.runUntil(isQuiet, REST_LIMIT_MS);
    if (!isIdle()) return undefined;
    this.#idleTimers = Math.min(this.#idleTimers, board.timers.size);
    const { heap } = board;
    return {
      timers: board.timers.size,
      sockets: board.sockets.size,
      connections: cloud.network.openConnections,
      sessions: cloud.mqtt.connectionCount,
      ...(heap === undefined ? {} : heap),
    };
  }

  /** One update from the creation of its job to rest. */
  update(plan: UpdatePlan): UpdateReport {
    const { board, clock, cloud } = this.#world;
    const before = { ...board.counters };
    const [start, httpBytes] = [clock.now(), this.#tap.httpBytes];
    const from = this.#installed;
    const version = plan.kind === "same-version" ? from.version : `1.0.${plan.number}`;
    const image = this.#images.next(plan, version);
    const jobId = `update-${plan.number}`;
    this.#seen = [];
    this.#view = new FlashView(board.flash.contents, plan.kind === "damaged" ? [from] : [from, image]);
    this.#mayCrash = isBad(plan.kind) ? version : undefined;
    this.#tap.terminal.length = 0;
    this.#beginTrouble(plan, jobId);
    const patches = this.#images.patches(plan, from, image);
    cloud.publish({ jobId, version, image: image.bytes, patches });

    let atEnd: Judged["atEnd"];
    const over = clock.runUntil(() => {
      if (!isTerminal(this.#world.status(jobId))) return false;
      atEnd ??= { status: this.#world.status(jobId) ?? "", version: this.#booted };
      return true;
    }, LIMIT_MS);
    this.#endTrouble();
    const holdings = over ? this.rest() : undefined;
    const runs = this.#world.runningVersion;
    const { status, statusDetails } = cloud.execution(jobId) ?? {};
    const violations = [
      ...this.#seen,
      ...violationsOf({
        kind: plan.kind,
        from: from.version,
        to: version,
        atEnd,
        status,
        runs,
        atRest: holdings !== undefined,
        terminal: this.#tap.terminal,
      }),
    ];
    if (runs === version && plan.kind !== "same-version") this.#installed = image;
    // So that a long run measures the board and not the service.
    cloud.forget(jobId);
    const { counters } = board;
    return {
      number: plan.number,
      kind: plan.kind,
      offered: plan.patch,
      patch: statusDetails?.patch,
      status,
      code: statusDetails?.code,
      version: runs,
      cuts: counters.powerCuts - before.powerCuts,
      boots: counters.boots - before.boots,
      bytesErased: counters.bytesErased - before.bytesErased,
      stores: counters.stores - before.stores,
      httpBytes: this.#tap.httpBytes - httpBytes,
      virtualMs: clock.now() - start,
      holdings,
      violations,
    };
  }

  close(): void {
    this.#world.close();
  }

  event(event: BoardEvent): void {
    if (event.type === "power-cut") this.#powerLost();
    else if (event.type === "boot") this.#bootSeen(event);
    else if (event.type === "boot-loop") this.#seen.push("the board boots again and again");
    else if (event.type === "reset" && event.reason !== "software" && this.#booted !== this.#mayCrash)
      this.#seen.push(`${this.#booted} crashed: ${event.reason} ${event.message ?? ""}`.trimEnd());
  }

  #bootSeen({ result, version = "" }: Extract<BoardEvent, { type: "boot" }>): void {
    if (result.outcome !== "app") {
      this.#seen.push(`the bootloader starts nothing: ${result.reason}`);
      return;
    }
    this.#booted = version;
    if (this.#view.imageIn(result.label)?.version !== version)
      this.#seen.push(`${result.label} boots and is no whole image`);
  }

  #powerLost(): void {
    const { selected } = this.#view;
    if (selected !== undefined && this.#view.imageIn(selected.label) === undefined)
      this.#seen.push(`${selected.label} is selected and not complete when the power goes`);
    const [cut, ...more] = this.#cuts;
    this.#cuts = more;
    const { board, clock } = this.#world;
    this.#planCut();
    clock.after(cut?.offMs ?? REST_MS, () => {
      if (board.state === "off") board.powerOn();
    });
  }

  #planCut(): void {
    const { board } = this.#world;
    const [cut] = this.#cuts;
    board.planCut(
      cut === undefined ? undefined : { step: board.steps + cut.afterSteps, where: cut.where, seed: cut.seed },
    );
  }

  #beginTrouble(plan: UpdatePlan, jobId: string): void {
    const { cloud } = this.#world;
    cloud.network.link = plan.link;
    this.#weather.set(plan.weather);
    if (plan.weather.lastsMs > 0) this.#later(plan.weather.lastsMs, () => this.#weather.clear());
    for (const rule of plan.mqtt) cloud.mqttFaults.add(rule);
    for (const fault of plan.http) cloud.httpFaults.add(fault);
    for (const { atMs, forMs } of plan.outages) {
      this.#later(atMs, () => cloud.goAway());
      this.#later(atMs + forMs, () => cloud.comeBack());
    }
    this.#cuts = plan.cuts;
    this.#planCut();
    if (plan.cancelAtMs !== undefined) this.#later(plan.cancelAtMs, () => this.#cancel(jobId));
  }

  #later(ms: number, action: () => void): void {
    this.#troubles.push(this.#world.clock.after(ms, action));
  }

  #cancel(jobId: string): void {
    const { cloud } = this.#world;
    const status = this.#world.status(jobId);
    // The service has not given the job to the thing yet.
    if (status === undefined) this.#later(RETRY_MS, () => this.#cancel(jobId));
    else if (!isTerminal(status)) cloud.cancel(jobId);
  }

  #endTrouble(): void {
    const { board, cloud } = this.#world;
    for (const cancel of this.#troubles.splice(0)) cancel();
    this.#weather.clear();
    cloud.mqttFaults.clear();
    cloud.httpFaults.clear();
    this.#cuts = [];
    board.planCut(undefined);
    cloud.comeBack();
  }
}

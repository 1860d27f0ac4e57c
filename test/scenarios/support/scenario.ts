import assert from "node:assert/strict";
import { control } from "local-aws-iot/virtual";
import { KeyValueStore, type Step } from "../../../host-sim/board/index.js";
import type { Faults, Link } from "../../../host-sim/board/network/index.js";
import type { EngineName } from "../../../host-sim/engines/index.js";
import type { ConfigValue } from "../../../host-sim/image/index.js";
import type { VirtualJob } from "../../../host-sim/world/virtual-cloud.js";
import { recordIn, VirtualWorld, virtualIdentity, type WorldOptions } from "../../../host-sim/world/virtual-world.js";
import { type AppName, trustingImage } from "./images.js";
import { assertNoSecret, secretsIn } from "./secrets.js";
import { type SeenUpdate, Wire } from "./wire.js";

export const THING = "board-1";
export const FIRST = "1.0.1";
export const SECOND = "1.0.2";
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A slow enough network that faults fall into the middle of things. */
const LINK: Partial<Link> = Object.freeze({ latencyMs: 20, bytesPerSecond: 100_000, chunkBytes: 4096 });

/** Address of the first slot: what lies below is the bootloader's, NVS and otadata. */
const FIRST_SLOT = 0x20000;

/** Resets that mean that something escaped into native code, or hung. */
const CRASHES: readonly string[] = Object.freeze(["panic", "task-watchdog"]);

export type ScenarioOptions = Omit<WorldOptions, "image" | "board" | "config"> & {
  readonly app?: AppName;
  /** Configuration of the application; choosing any makes it the scenario application. */
  readonly config?: Readonly<Record<string, ConfigValue>>;
  /** Version in the first slot. Default 1.0.1. */
  readonly first?: string;
  readonly image?: Uint8Array;
  readonly board?: Omit<NonNullable<WorldOptions["board"]>, "engine">;
  readonly engine?: EngineName;
  /** Default: the power goes on at once. */
  readonly off?: boolean;
};

export type Publication = Partial<VirtualJob>;

/** One board with the whole firmware, one AWS, and all that is watched between them. */
export class Scenario {
  readonly world: VirtualWorld;
  readonly wire: Wire;
  readonly store: KeyValueStore;
  /** Writes into the slot that runs: design rule R9 allows none. */
  readonly runningSlotWrites: string[] = [];
  /** When the board booted, ms. */
  readonly bootTimes: number[] = [];
  /** Bytes of all slots that were erased. */
  slotBytesErased = 0;
  readonly #app: AppName;
  /** Known to the tests, so that they can look for it in what the device tells. */
  readonly #deviceKey: Uint8Array;
  /** The last record that carried a journal. */
  #carrier = "";
  #expectedCrashes = 0;
  #probes = 0;

  private constructor(world: VirtualWorld, wire: Wire, store: KeyValueStore, app: AppName, deviceKey: Uint8Array) {
    this.world = world;
    this.wire = wire;
    this.store = store;
    this.#app = app;
    this.#deviceKey = deviceKey;
  }

  static async start(options: ScenarioOptions = {}): Promise<Scenario> {
    const { config, first = FIRST, image, board, engine = "node", off = false, faults, link, ...rest } = options;
    const app = options.app ?? (config === undefined ? "sample" : "scenario");
    const store = new KeyValueStore();
    let scenario: Scenario | undefined;
    const world = await VirtualWorld.create({
      ...rest,
      thingName: THING,
      image: image ?? (await trustingImage({ app, version: first })),
      link: { ...LINK, ...link },
      ...(config === undefined ? {} : { config }),
      board: {
        store,
        ...board,
        engine,
        onStep: (step) => {
          scenario?.watch(step);
          board?.onStep?.(step);
        },
        onEvent: (event) => {
          if (event.type === "boot") scenario?.bootTimes.push(scenario.now);
          board?.onEvent?.(event);
        },
      },
    });
    const wire = new Wire(() => world.clock.now());
    world.cloud.network.faults = wire.over(faults);
    scenario = new Scenario(world, wire, store, app, (await virtualIdentity()).privateKeyDer);
    if (!off) world.board.powerOn();
    return scenario;
  }

  /** Replaces the faults of the network from now on. */
  set faults(faults: Faults) {
    this.world.cloud.network.faults = this.wire.over(faults);
  }

  /** ms since the virtual clock's present moment is the same for all. */
  get now(): number {
    return this.world.clock.now();
  }

  get jobs() {
    return this.world.cloud.services.jobs;
  }

  image(version: string, config?: Readonly<Record<string, ConfigValue>>): Promise<Uint8Array> {
    return trustingImage({ app: this.#app, version, ...(config === undefined ? {} : { config }) });
  }

  /** Creates a job; by default `job-1`, which brings 1.0.2. Returns its id. */
  async publish(publication: Publication = {}): Promise<string> {
    const { version = SECOND, jobId = "job-1" } = publication;
    const image = publication.image ?? (await this.image(version));
    this.world.cloud.publish({ ...publication, version, jobId, image });
    return jobId;
  }

  /**
   * Runs until it holds. Fails with the last lines of the trace when that takes longer than `limitMs` of virtual time.
   */
  until(done: () => boolean, what: string, limitMs = HOUR): void {
    if (this.world.runUntil(done, limitMs)) return;
    assert.fail(`${what}: not within ${limitMs} ms\n${this.told()}`);
  }

  pass(ms: number): void {
    const end = this.now + ms;
    this.world.runUntil(() => false, ms);
    assert.ok(this.now >= end - ms);
  }

  /** Runs until a line of the trace contains `text`, counted from now on. */
  untilTraced(text: string, limitMs = HOUR): void {
    const from = this.world.trace.length;
    this.until(() => this.world.trace.slice(from).some((line) => line.includes(text)), `trace "${text}"`, limitMs);
  }

  /** Runs until the agent reaches a state. */
  untilState(state: string, limitMs = HOUR): void {
    this.untilTraced(`-> ${state} (`, limitMs);
  }

  /** Runs until so many bytes were accepted since the download began, by what came over the wire. */
  untilLoaded(bytes: number, limitMs = HOUR): void {
    this.until(() => this.wire.httpBytes >= bytes, `${bytes} bytes loaded`, limitMs);
  }

  /** Runs to the end of the execution and returns its status. */
  end(jobId = "job-1", limitMs = 24 * HOUR): string | undefined {
    return this.world.runToEnd(jobId, limitMs);
  }

  /** Runs to the end, which must be this one, with this code. */
  endsWith(status: string, code?: string, jobId = "job-1", limitMs?: number): void {
    const found = this.end(jobId, limitMs);
    const details = this.details(jobId);
    assert.deepEqual(
      { status: found, code: details.code },
      { status, code },
      `${JSON.stringify(details)}\n${this.told()}`,
    );
  }

  /** Runs until the update is complete and proves that it is. */
  succeeds(version = SECOND, jobId = "job-1", limitMs?: number): void {
    this.endsWith("SUCCEEDED", undefined, jobId, limitMs);
    assert.equal(this.world.runningVersion, version);
  }

  details(jobId = "job-1"): Readonly<Record<string, string>> {
    return this.world.cloud.execution(jobId)?.statusDetails ?? {};
  }

  get version(): string | undefined {
    return this.world.runningVersion;
  }

  /** Lines of the trace that contain `text`. */
  traced(text: string): string[] {
    return this.world.trace.filter((line) => line.includes(text));
  }

  cancel(jobId = "job-1", force = true): void {
    control.cancelJob(this.jobs, { jobId, force });
  }

  deleteExecution(jobId = "job-1"): void {
    const executionNumber = this.world.cloud.execution(jobId)?.executionNumber ?? 1;
    control.deleteJobExecution(this.jobs, { jobId, thingName: THING, executionNumber, force: true });
  }

  /** Records, of the library, in the board's store. */
  get record(): string {
    return recordIn(this.store) ?? "";
  }

  /** The last events of the device, as it keeps them. */
  get journal(): string {
    const own = this.store.get("aws-fota", "journal") ?? this.store.get("aws-fota", "journal2");
    return own === undefined ? journalIn(this.#carrier) : String(own);
  }

  /** The programs that may crash: images that are meant to. */
  expectCrashes(count: number): void {
    this.#expectedCrashes += count;
  }

  /**
   * What holds after every scenario: no secret was told, one terminal status for each execution, the running slot was
   * never written, nothing escaped into native code, and connection and record are intact: the device takes, and ends,
   * another job.
   */
  async intact(options: { readonly repeats?: number; readonly probe?: boolean } = {}): Promise<void> {
    this.assertQuiet(options.repeats ?? 0);
    if (options.probe === false) return;
    this.faults = {};
    this.world.cloud.mqttFaults.clear();
    this.world.cloud.httpFaults.clear();
    this.#probes += 1;
    const jobId = `probe-${this.#probes}`;
    const running = this.version ?? "";
    await this.publish({ jobId, version: running });
    this.endsWith("REJECTED", "same-version", jobId);
    this.until(() => !this.record.includes('"job"'), "the record is empty again", MINUTE);
    this.pass(5_000);
    assert.equal(this.world.board.sockets.size, 1, `one connection is left: MQTT\n${this.told()}`);
    assert.equal(this.version, running);
    this.assertQuiet(options.repeats ?? 0);
  }

  close(): void {
    this.world.close();
  }

  /** The last lines of the board's life, for the message of a failure. */
  told(lines = 40): string {
    return this.world.events
      .map((event) =>
        event.type === "trace" ? event.text : `[${event.type} ${"reason" in event ? event.reason : ""}]`,
      )
      .slice(-lines)
      .join("\n");
  }

  /** @param repeats terminal updates that may be sent again, because their answer was lost */
  assertQuiet(repeats: number): void {
    this.#assertNoSecret();
    this.#assertOneEnd(repeats);
    assert.deepEqual(this.runningSlotWrites, [], "R9: the running slot was written");
    const crashes = this.world.events.filter((event) => event.type === "reset" && CRASHES.includes(event.reason));
    assert.equal(crashes.length, this.#expectedCrashes, `programs that crashed\n${this.told()}`);
    for (const code of ["internal-error", "unexpected-event"]) {
      assert.deepEqual(this.traced(`aws-fota: ${code}`), [], "every failure has its own code");
    }
  }

  /** Design rule R11. */
  #assertNoSecret(): void {
    const delivered = this.wire.packets.flatMap(({ direction, body }) =>
      direction === "down" ? [JSON.stringify(body)] : [],
    );
    const messages = this.world.events.flatMap((event) => (event.type === "reset" ? [event.message ?? ""] : []));
    const details = this.wire.updates.map((update) => JSON.stringify(update.details));
    assertNoSecret(
      {
        trace: this.world.trace,
        "reset message": messages,
        statusDetails: details,
        record: [this.record],
        journal: [this.journal],
      },
      secretsIn(delivered, this.#deviceKey),
    );
  }

  #assertOneEnd(repeats: number): void {
    const ends = new Map<string, SeenUpdate[]>();
    for (const update of this.wire.terminal()) {
      const key = `${update.jobId}#${update.executionNumber ?? "-"}`;
      ends.set(key, [...(ends.get(key) ?? []), update]);
    }
    for (const [execution, updates] of ends) {
      const fresh = updates.filter(({ dup }) => !dup);
      assert.ok(fresh.length <= 1 + repeats, `${execution} was ended ${fresh.length} times\n${this.told()}`);
      assert.equal(new Set(updates.map(({ status, details }) => `${status} ${details.code}`)).size, 1, execution);
    }
  }

  /** Called for each step of the board. */
  watch({ kind, detail }: Step): void {
    if (kind === "store" && journalIn(this.record) !== "") this.#carrier = this.record;
    if (kind !== "flash-erase" && kind !== "flash-write") return;
    const { running } = this.world.board;
    const address = Number.parseInt(/0x([0-9a-f]+)/.exec(detail)?.[1] ?? "", 16);
    if (kind === "flash-erase" && address >= FIRST_SLOT)
      this.slotBytesErased += Number(/\+(\d+)/.exec(detail)?.[1] ?? 0);
    if (running === undefined || Number.isNaN(address)) return;
    if (address >= running.offset && address < running.offset + running.size) this.runningSlotWrites.push(detail);
  }
}

/** The journal that a record carries; empty when it has none. */
function journalIn(record: string): string {
  if (record === "") return "";
  const parsed: unknown = JSON.parse(record);
  const has = typeof parsed === "object" && parsed !== null && "journal" in parsed;
  return has && typeof parsed.journal === "string" ? parsed.journal : "";
}

/** Runs a scenario and closes its world, whatever happens. */
export async function scenario(
  options: ScenarioOptions,
  story: (scenario: Scenario) => Promise<void> | void,
): Promise<void> {
  const run = await Scenario.start(options);
  try {
    await story(run);
  } finally {
    run.close();
  }
}

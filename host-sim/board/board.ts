import { Esp32, type Partition } from "../../modules/esp32-sim/index.js";
import { NodeDigest } from "../chip/node-digest.js";
import { BoardHalt, type GuestHeap, type GuestMachine, GuestPanic, type HostValue } from "../engines/engine.js";
import { type FirmwareArchive, unpackFirmware } from "../image/archive.js";
import type { BoardEvent, BoardState, ResetReason } from "./board-events.js";
import { BoardFlash } from "./board-flash.js";
import type { BoardOptions } from "./board-options.js";
import { BoardTime } from "./board-time.js";
import type { CancelTimer } from "./clock.js";
import { type Counters, newCounters } from "./counters.js";
import { GuestNetwork } from "./guest-network.js";
import { GuestTimers } from "./guest-timers.js";
import { type HostCalls, hostCalls } from "./host-calls.js";
import { KeyValueStore } from "./key-value.js";
import { nativeCall } from "./native-call.js";
import { seededRandom } from "./random.js";
import { type CutPlan, StepCounter, type StepKind } from "./steps.js";
import { TraceLines } from "./trace-lines.js";
import { Wifi } from "./wifi.js";

/** CONFIG_ESP_TASK_WDT_TIMEOUT_S, default. */
const TASK_WATCHDOG_MS = 5000;
/** Bootloader and start of the SDK on a board, about. */
const BOOT_MS = 300;

/**
 * A simulated ESP32 board: flash, bootloader, key-value store, clock, timers, network, and the program it reads out of
 * its flash.
 */
export class Board {
  readonly counters: Counters = newCounters();
  readonly store: KeyValueStore;
  readonly flash: BoardFlash;
  readonly wifi: Wifi;
  readonly timers: GuestTimers;
  readonly sockets: GuestNetwork;
  readonly #options: BoardOptions;
  readonly #steps: StepCounter;
  readonly #random: () => number;
  readonly #chip: Esp32;
  readonly #trace: TraceLines;
  readonly #time: BoardTime;
  #state: BoardState = "off";
  #resetReason: ResetReason = "power-on";
  #machine: GuestMachine | undefined;
  #calls: HostCalls = {};
  #inTurn = false;
  /** The running program has ended and the turn it was in unwinds. */
  #ended: { readonly reason: ResetReason; readonly message?: string } | undefined;
  #bootTimer: CancelTimer | undefined;
  #bootsSincePower = 0;

  constructor(options: BoardOptions) {
    this.#options = options;
    const { clock } = options;
    this.#time = new BoardTime(clock);
    this.#random = options.seed === undefined && !clock.virtual ? () => Math.random() : seededRandom(options.seed ?? 1);
    this.#steps = new StepCounter(
      () => this.#losePower(),
      () => this.#state === "off" || this.#ended !== undefined,
    );
    this.#steps.onStep = options.onStep;
    const timing = options.flashTiming ?? clock.virtual;
    this.flash = new BoardFlash(options.flash, this.#steps, this.counters, timing ? (ms) => clock.block(ms) : () => {});
    this.store = options.store ?? new KeyValueStore();
    this.timers = new GuestTimers(clock, (id) => this.#deliver("timer", "timer", id, []));
    this.sockets = new GuestNetwork(
      options.network,
      this.#steps,
      this.counters,
      (event, id, args) => this.#deliver("net-in", event, id, args),
      () => this.time,
    );
    this.wifi = new Wifi(clock, () => this.#deliver("net-in", "wifi.changed", 0, ["connection"]));
    this.#trace = new TraceLines((text) => this.#tell({ type: "trace", text }));
    this.#chip = new Esp32({
      flash: this.flash,
      Digest: NodeDigest,
      ...pick(options, ["rollback", "bootloaderRollback", "skipValidate", "antiRollback"]),
    });
  }

  get state(): BoardState {
    return this.#state;
  }

  /** Steps so far, see {@link Step.number}. */
  get steps(): number {
    return this.#steps.count;
  }

  /** Why the present, or last, boot happened. */
  get resetReason(): ResetReason {
    return this.#resetReason;
  }

  /** The chip with its ESP-IDF calls, for inspection. Using its writing calls counts as the board's own steps. */
  get chip(): Esp32 {
    return this.#chip;
  }

  /** Slot whose code runs; `undefined` while none does. */
  get running(): Partition | undefined {
    return this.#state === "running" ? this.#chip.running : undefined;
  }

  /** Milliseconds since 1970 by the board's own clock. */
  get time(): number {
    return this.#time.now;
  }

  /** Heap of the running program, where the engine can tell it. */
  get heap(): GuestHeap | undefined {
    return this.#machine?.heap();
  }

  /** Cuts the power at a step to come; `undefined` takes the plan back. */
  planCut(plan: CutPlan | undefined): void {
    this.#steps.plan = plan;
  }

  /** Switches on a board that is off. The program starts on a later turn of the clock. @throws Error when it is on */
  powerOn(): void {
    if (this.#state !== "off") throw new Error("the board is on");
    this.#time.powerOn(this.#options.clockSet === true);
    this.#bootsSincePower = 0;
    this.#tell({ type: "power-on" });
    this.#reset("power-on");
  }

  /** Takes the power away, now. Does nothing when the board is off. */
  powerCut(): void {
    if (this.#state !== "off") this.#losePower();
  }

  /** Presses the reset button: as a power cut followed by power on, though the time of day is kept. */
  pressReset(): void {
    this.reset("power-on");
  }

  /** The chip begins anew for a reason outside of the program, as "brownout" or "usb". Does nothing without power. */
  reset(reason: ResetReason): void {
    if (this.#state === "off") return;
    this.#dropProgram();
    this.#reset(reason);
  }

  #losePower(): void {
    this.counters.powerCuts += 1;
    this.#state = "off";
    this.#dropProgram();
    this.#tell({ type: "power-cut" });
  }

  #dropProgram(): void {
    this.#bootTimer?.();
    this.#bootTimer = undefined;
    this.timers.clearAll();
    this.wifi.reset();
    this.sockets.dropAll();
    this.#machine?.kill();
    this.#machine = undefined;
    this.#calls = {};
    this.#trace.flush();
  }

  #reset(reason: ResetReason): void {
    this.#resetReason = reason;
    if (this.#bootsSincePower >= (this.#options.maxBoots ?? 100)) {
      this.#state = "stuck";
      this.#tell({ type: "boot-loop", boots: this.#bootsSincePower });
      return;
    }
    this.#state = "booting";
    this.#bootTimer = this.#options.clock.after(this.#options.bootMs ?? BOOT_MS, () => this.#turn(() => this.#boot()));
  }

  #boot(): void {
    this.#bootTimer = undefined;
    this.counters.boots += 1;
    this.#bootsSincePower += 1;
    this.#time.boot();
    const result = this.#chip.boot();
    const boot = { type: "boot", number: this.counters.boots, reason: this.#resetReason, result } as const;
    if (result.outcome === "reset-loop") {
      this.#state = "stuck";
      this.#tell(boot);
      return;
    }
    const record = this.#chip.readRunningBundle();
    this.#state = "running";
    this.#tell({
      ...boot,
      otadata: this.#chip.otadata(),
      ...(record === undefined ? {} : { version: record.version, project: record.project }),
    });
    this.#start(readFirmware(record?.bundle), `${result.label}/main.js`);
  }

  #start(archive: FirmwareArchive, name: string): void {
    const { engine, ports, config, resources, clock } = this.#options;
    const firmware: FirmwareArchive = {
      ...archive,
      config: { ...archive.config, ...config },
      resources: { ...archive.resources, ...resources },
    };
    this.#calls = hostCalls({
      clock,
      ticks: () => this.#time.ticks,
      now: () => this.#time.now,
      setTime: (seconds) => this.#time.set(seconds),
      random: this.#random,
      trace: (text) => this.#trace.write(text),
      delay: (ms) => this.#delay(ms),
      restart: () => this.#steps.perform("restart", "restart", () => this.#end("software")),
      abort: (message) => this.#end("panic", message),
      resetReason: () => this.#resetReason,
      heap: () => this.#machine?.heap(),
      timers: this.timers,
      network: this.sockets,
      wifi: this.wifi,
      store: this.store,
      steps: this.#steps,
      counters: this.counters,
      chip: this.#chip,
      native: this.#options.native ?? nativeCall,
      firmware,
    });
    const machine = engine.load({ ports, firmware: firmware.program, name }, (call, args) => this.#call(call, args));
    this.#machine = machine;
    this.counters.turns += 1;
    machine.start();
  }

  #call(name: string, args: readonly HostValue[]): HostValue {
    if (this.#state !== "running" || this.#ended !== undefined) throw new BoardHalt("the program has ended");
    const call = this.#calls[name];
    if (call === undefined) throw new Error(`unknown host call ${name}`);
    return call(args);
  }

  #delay(ms: number): void {
    const limit = this.#options.taskWatchdogMs ?? TASK_WATCHDOG_MS;
    if (limit > 0 && ms > limit) {
      this.#options.clock.block(limit);
      this.#end("task-watchdog", `blocked for ${ms} ms`);
    }
    this.#options.clock.block(ms);
  }

  /** The program ends here; the turn it is in unwinds and then the board resets. */
  #end(reason: ResetReason, message?: string): never {
    this.#ended ??= message === undefined ? { reason } : { reason, message };
    throw new BoardHalt(reason);
  }

  #deliver(kind: StepKind, event: string, id: number, args: readonly HostValue[]): void {
    const machine = this.#machine;
    if (this.#state !== "running" || machine === undefined) return;
    if (this.#inTurn) {
      // Something called back while the program runs: it hears of it on its next turn.
      this.#options.clock.after(0, () => {
        if (this.#machine === machine) this.#deliver(kind, event, id, args);
      });
      return;
    }
    this.#turn(() => {
      this.#steps.perform(kind, `${event} ${id} ${args.length > 0 ? String(args[0]) : ""}`.trimEnd(), () => {
        this.counters.turns += 1;
        machine.dispatch(event, id, args);
      });
    });
  }

  /** Runs a piece of the board's life; what ends the program in it is dealt with afterwards. */
  #turn(action: () => void): void {
    this.#inTurn = true;
    this.#ended = undefined;
    try {
      action();
    } catch (error) {
      if (error instanceof GuestPanic) this.#ended ??= { reason: error.reason, message: error.message };
      else if (!(error instanceof BoardHalt)) throw error;
    } finally {
      this.#inTurn = false;
    }
    const ended = this.#ended;
    this.#ended = undefined;
    if (ended === undefined || this.#state === "off") return;
    this.#dropProgram();
    this.counters.restarts += 1;
    this.#tell({ type: "reset", ...ended });
    this.#reset(ended.reason);
  }

  #tell(event: BoardEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** @throws GuestPanic: an image with nothing to run in it is a program that crashes at once */
function readFirmware(bundle: Uint8Array | undefined): FirmwareArchive {
  if (bundle === undefined) throw new GuestPanic("the image carries no program");
  try {
    return unpackFirmware(bundle);
  } catch (error) {
    throw new GuestPanic(error instanceof Error ? error.message : String(error));
  }
}

function pick<T extends object, K extends keyof T>(source: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => source[key] !== undefined).map((key) => [key, source[key]])) as Pick<
    T,
    K
  >;
}

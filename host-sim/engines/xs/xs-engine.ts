import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import {
  BoardHalt,
  type Engine,
  type GuestHeap,
  type GuestMachine,
  GuestPanic,
  type GuestProgram,
  type HostFunction,
  type HostValue,
} from "../engine.js";
import { GUEST_TSCONFIG } from "../guest/guest-bundle.js";
import { xsAvailable } from "./availability.js";
import { decodeValue, encodeValue, type TextCodec } from "./wire.js";
import { WorkerGone, WorkerProcess } from "./worker-process.js";

const GUEST_MAIN = fileURLToPath(new URL("./guest-main.ts", import.meta.url));
const text: TextCodec = {
  encode: (value) => Buffer.from(value, "utf8"),
  decode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"),
};

/** First bytes of xsnap's messages. */
const ANSWER = 0x2e; // "."
const EXCEPTION = 0x21; // "!"
const REQUEST = 0x3f; // "?"
/** Ends the meter in an answer. */
const METER_END = 1;

/** xsnap-worker's exit codes, as the device words them. */
const EXITS: Readonly<Record<number, string>> = Object.freeze({
  11: "memory full",
  12: "stack overflow",
  15: "unhandled exception",
  16: "not enough keys",
});
const TOO_MUCH_COMPUTATION = 17;

/** How XS runs a program. */
export interface XsEngineOptions {
  /**
   * Steps of computation that one turn may take before the task watchdog bites. Default: 2,000,000,000, some ten
   * seconds. 0 = no limit.
   */
  readonly turnLimit?: number;
  /** The engine's binary. Default: the one of `@agoric/xsnap`. */
  readonly worker?: string;
}

const DEFAULT_TURN_LIMIT = 2_000_000_000;

/**
 * Runs programs on the XS engine, each in a process of its own.
 * @throws Error with the reason when XS is not available here
 */
export async function xsEngine(options: XsEngineOptions = {}): Promise<Engine> {
  const xs = xsAvailable(options.worker === undefined ? process.env : { XSNAP_WORKER: options.worker });
  if (!xs.available) throw new Error(`XS is not available: ${xs.reason}`);
  guestMain ??= bundleGuestMain();
  const plumbing = await guestMain;
  const limit = options.turnLimit ?? DEFAULT_TURN_LIMIT;
  const args = limit > 0 ? ["-l", String(limit), "-i", "10000"] : [];
  return {
    name: "xs",
    load: (program, host) => new XsMachine(new WorkerProcess(xs.worker, args), plumbing, program, host),
  };
}

let guestMain: Promise<string> | undefined;

async function bundleGuestMain(): Promise<string> {
  const result = await build({
    entryPoints: [GUEST_MAIN],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    platform: "neutral",
    tsconfigRaw: GUEST_TSCONFIG,
    logLevel: "silent",
  });
  return result.outputFiles[0]?.text ?? "";
}

class XsMachine implements GuestMachine {
  readonly #worker: WorkerProcess;
  readonly #program: GuestProgram;
  readonly #host: HostFunction;
  #halt: BoardHalt | undefined;
  #heap: GuestHeap | undefined;

  constructor(worker: WorkerProcess, plumbing: string, program: GuestProgram, host: HostFunction) {
    this.#worker = worker;
    this.#program = program;
    this.#host = host;
    try {
      this.#turn("e", text.encode(plumbing));
      this.#command(["load", program.ports]);
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  start(): void {
    this.#command(["start", this.#program.firmware, this.#program.name]);
  }

  dispatch(event: string, id: number, args: readonly HostValue[]): void {
    this.#command(["dispatch", event, id, ...args]);
  }

  kill(): void {
    this.#halt ??= new BoardHalt("killed");
    this.#worker.kill();
  }

  heap(): GuestHeap | undefined {
    return this.#heap;
  }

  #command(command: readonly HostValue[]): void {
    const thrown = this.#turn("?", encodeValue(command, text));
    if (thrown.length > 0) throw this.#panic(`unhandled exception: ${text.decode(thrown)}`);
    const log = this.#worker.newLog();
    const rejection = /^Unhandled exception (.*)$/m.exec(log)?.[1];
    if (rejection !== undefined) throw this.#panic(`unhandled rejection: ${rejection}`);
  }

  /** Sends one command and serves the guest's host calls until it is done. */
  #turn(prefix: "e" | "?", body: Uint8Array): Uint8Array {
    if (this.#halt !== undefined) throw this.#halt;
    try {
      this.#worker.send(prefix, body);
      for (;;) {
        const message = this.#worker.receive();
        const rest = message.subarray(1);
        if (message[0] === REQUEST) {
          const answer = this.#serve(rest);
          // The board may have been switched off by whoever watched that call.
          if (this.#halt !== undefined) throw this.#halt;
          this.#worker.send("/", answer);
        } else if (message[0] === ANSWER) return this.#afterMeter(rest);
        else if (message[0] === EXCEPTION) throw this.#panic(`unhandled exception: ${text.decode(rest)}`);
        else throw new Error("xsnap-worker speaks something else");
      }
    } catch (error) {
      if (error instanceof WorkerGone) throw goneBecause(error);
      throw error;
    }
  }

  #serve(request: Uint8Array): Uint8Array {
    const call = decodeValue(request, text);
    const [name, ...args] = isArray(call) ? call : [];
    try {
      return encodeValue([this.#host(String(name), args)], text);
    } catch (error) {
      if (error instanceof BoardHalt) {
        this.#halt ??= error;
        this.#worker.kill();
        throw error;
      }
      return encodeValue([null, error instanceof Error ? error.message : String(error)], text);
    }
  }

  #afterMeter(answer: Uint8Array): Uint8Array {
    const end = answer.indexOf(METER_END);
    const told = text.decode(answer.subarray(0, Math.max(0, end)));
    const meter = /"currentHeapCount":(\d+),"compute":(\d+),"allocate":(\d+)/.exec(told);
    if (meter !== null)
      this.#heap = { slots: Number(meter[1]), computed: Number(meter[2]), allocated: Number(meter[3]) };
    return answer.subarray(end + 1);
  }

  #panic(message: string): GuestPanic {
    this.kill();
    return new GuestPanic(message);
  }
}

function goneBecause(gone: WorkerGone): GuestPanic {
  if (gone.code === TOO_MUCH_COMPUTATION) return new GuestPanic("a turn did not end", "task-watchdog");
  const why =
    gone.code === undefined ? "the engine was killed" : (EXITS[gone.code] ?? `the engine ended with ${gone.code}`);
  return new GuestPanic(`${why} ${gone.log}`.trim());
}

function isArray(value: HostValue): value is readonly HostValue[] {
  return Array.isArray(value);
}

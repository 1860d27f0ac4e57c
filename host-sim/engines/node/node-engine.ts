import { constants, createContext, runInContext, Script } from "node:vm";
import type { Engine, GuestMachine, GuestProgram, HostFunction, HostValue } from "../engine.js";
import { BoardHalt, GuestPanic } from "../engine.js";
import { fromGuest, type GuestRealm, toGuest } from "./crossing.js";
import { RejectionWatch } from "./rejections.js";

/** How Node runs a program. */
export interface NodeEngineOptions {
  /**
   * Longest turn in milliseconds of real time; beyond it the task watchdog bites. Default: no limit, as watching costs
   * 50 microseconds a turn. (`Timer.delay` is watched by the board in any case.)
   */
  readonly turnLimitMs?: number;
}

/** Runs programs in a context of their own inside this process. */
export function nodeEngine(options: NodeEngineOptions = {}): Engine {
  return { name: "node", load: (program, host) => new NodeMachine(program, host, options.turnLimitMs) };
}

type Entry = (...args: readonly unknown[]) => unknown;

/** Parts of the guest's realm that the engine itself needs, made inside it. */
const REALM = `({
  bytes: (length) => new Uint8Array(length), array: () => [], object: () => ({}), error: (message) => new Error(message),
  isPromise: (value) => value instanceof Promise, prototype: Promise.prototype,
  probe: (promise, report) => { const then = Promise.prototype.then; then.call(promise, undefined, (reason) => report(reason)); },
})`;

/** Jobs of a context with its own queue run when a script in it ends, so an empty script runs them. */
const DRAIN = new Script("undefined");
const TURN = new Script("globalThis[Symbol.for('host-sim.turn')]()");
const TURN_KEY = Symbol.for("host-sim.turn");

class NodeMachine implements GuestMachine {
  readonly #context = createContext(constants.DONT_CONTEXTIFY, {
    microtaskMode: "afterEvaluate",
    codeGeneration: { strings: true, wasm: false },
  });
  readonly #realm: GuestRealm;
  readonly #host: HostFunction;
  readonly #program: GuestProgram;
  readonly #watch: RejectionWatch;
  readonly #turnLimitMs: number | undefined;
  #require: Entry | undefined;
  #dispatch: Entry | undefined;
  #halt: BoardHalt | undefined;

  constructor(program: GuestProgram, host: HostFunction, turnLimitMs: number | undefined) {
    this.#program = program;
    this.#host = host;
    this.#turnLimitMs = turnLimitMs;
    this.#realm = runInContext(REALM, this.#context) as GuestRealm;
    const { prototype } = this.#realm;
    this.#watch = new RejectionWatch((promise) => Object.getPrototypeOf(promise) === prototype);
    this.#turn(() => {
      const guest = runInContext(program.ports, this.#context, { filename: "ports.js" })(this.#call) as {
        require: Entry;
        dispatch: Entry;
      };
      this.#require = guest.require;
      this.#dispatch = guest.dispatch;
    });
  }

  start(): void {
    this.#turn(() => {
      const module = { exports: this.#realm.object() };
      const main = runInContext(`(function (require, exports, module) {${this.#program.firmware}\n})`, this.#context, {
        filename: this.#program.name,
      }) as Entry;
      main(this.#require, module.exports, module);
    });
  }

  dispatch(event: string, id: number, args: readonly HostValue[]): void {
    this.#turn(() => this.#dispatch?.(event, id, ...args.map((value) => toGuest(value, this.#realm))));
  }

  kill(): void {
    this.#halt ??= new BoardHalt("killed");
    this.#require = undefined;
    this.#dispatch = undefined;
  }

  heap(): undefined {
    return undefined;
  }

  readonly #call = (name: string, ...args: readonly unknown[]): unknown => {
    // A program may catch the exception that ended it; it cannot do anything any more.
    if (this.#halt !== undefined) throw this.#halt;
    try {
      return toGuest(this.#host(name, args.map(fromGuest)), this.#realm);
    } catch (error) {
      if (error instanceof BoardHalt) {
        this.#halt ??= error;
        throw error;
      }
      throw this.#realm.error(error instanceof Error ? error.message : String(error));
    }
  };

  #turn(action: () => void): void {
    if (this.#halt !== undefined) throw this.#halt;
    let thrown: unknown;
    let failed = false;
    this.#watch.during(() => {
      try {
        this.#limited(action);
        DRAIN.runInContext(this.#context);
      } catch (error) {
        thrown = error;
        failed = true;
      }
    });
    if (this.#halt !== undefined) throw this.#halt;
    if (failed) throw panicOf(thrown);
    this.#checkRejections();
  }

  #limited(action: () => void): void {
    if (this.#turnLimitMs === undefined) {
      action();
      return;
    }
    Reflect.defineProperty(this.#context, TURN_KEY, { value: action, configurable: true });
    try {
      TURN.runInContext(this.#context, { timeout: this.#turnLimitMs });
    } finally {
      Reflect.deleteProperty(this.#context, TURN_KEY);
    }
  }

  #checkRejections(): void {
    const suspects = this.#watch.suspects();
    if (suspects.length === 0) return;
    let panic: GuestPanic | undefined;
    for (const promise of suspects) {
      this.#realm.probe(promise, (reason) => {
        panic ??= new GuestPanic(`unhandled rejection: ${describe(reason)}`);
      });
    }
    DRAIN.runInContext(this.#context);
    if (panic !== undefined) throw panic;
  }
}

function panicOf(error: unknown): GuestPanic {
  if (typeof error === "object" && error !== null && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") {
    return new GuestPanic("a turn did not end", "task-watchdog");
  }
  return new GuestPanic(`unhandled exception: ${describe(error)}`);
}

/** `TypeError: message` and the first places of the stack. The error is of the guest's realm, or anything at all. */
function describe(error: unknown): string {
  const text = String(error);
  if (typeof error !== "object" || error === null || !("stack" in error) || typeof error.stack !== "string")
    return text;
  const places = error.stack.split("\n").filter((line) => /^\s+at /.test(line));
  return [text, ...places.slice(0, 3)].join("\n");
}

/**
 * Runs contract programs one after the other and reports each by one trace line; no test framework exists on the
 * device.
 */
import { type Socket, type SocketOptions, TCP, Timer, type TimerId } from "./sdk.js";

declare const trace: (...parts: readonly string[]) => void;

/** Given to each program. A program ends by `done`, by a failed check, or by its time-out. */
export interface Check {
  equal(actual: unknown, expected: unknown, what: string): void;
  ok(condition: boolean, what: string): void;
  /** `action` throws an error whose class and message are these; `message` undefined = any. */
  throws(action: () => unknown, className: string, message: string | undefined, what: string): void;
  /** A callback for the SDK: an exception in it fails the program instead of ending the machine. */
  callback<A extends unknown[]>(action: (this: unknown, ...args: A) => void): (this: unknown, ...args: A) => void;
  after(ms: number, action: () => void): void;
  cleanup(action: () => void): void;
  /** Exceptions that left the callbacks of a {@link Check.GuardedTCP}: on the device each would have been a restart. */
  readonly escaped: string[];
  /** A TCP class that keeps exceptions from native code and turns the first one into a later `onError`. */
  readonly GuardedTCP: new (
    options: SocketOptions,
  ) => Socket;
  done(): void;
}

export interface Program {
  readonly name: string;
  readonly run: (check: Check) => void;
}

const TIMEOUT_MS = 8000;

/** The classes of errors are told apart by their names: their constructors belong to different realms on host-sim. */
export function nameOf(error: unknown): string {
  return typeof error === "object" && error !== null && "name" in error ? String(error.name) : typeof error;
}

export function messageOf(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
}

function show(value: unknown): string {
  if (value instanceof ArrayBuffer) return `bytes ${Array.from(new Uint8Array(value)).join(",")}`;
  if (ArrayBuffer.isView(value)) return `bytes view of ${value.byteLength}`;
  if (typeof value === "object" && value !== null) return JSON.stringify(value, Object.keys(value).sort());
  return String(value);
}

class Failure extends Error {}

class Run implements Check {
  readonly escaped: string[] = [];
  readonly GuardedTCP: new (
    options: SocketOptions,
  ) => Socket;
  readonly #cleanups: (() => void)[] = [];
  readonly #onEnd: (failure: string | undefined) => void;
  readonly #timeout: TimerId;
  #ended = false;

  constructor(onEnd: (failure: string | undefined) => void) {
    this.#onEnd = onEnd;
    this.#timeout = Timer.set(() => this.end(`time-out ${this.escaped.join()}`.trim()), TIMEOUT_MS);
    this.GuardedTCP = guardedClass((error) => this.escaped.push(`${nameOf(error)}: ${messageOf(error)}`));
  }

  equal(actual: unknown, expected: unknown, what: string): void {
    const [one, other] = [show(actual), show(expected)];
    if (one !== other) throw new Failure(`${what}: ${one} instead of ${other}`);
  }

  ok(condition: boolean, what: string): void {
    if (!condition) throw new Failure(what);
  }

  throws(action: () => unknown, className: string, message: string | undefined, what: string): void {
    let thrown: unknown;
    try {
      action();
    } catch (error) {
      thrown = error ?? "undefined";
    }
    if (thrown === undefined) throw new Failure(`${what}: nothing thrown`);
    this.equal(nameOf(thrown), className, `${what}: class of "${messageOf(thrown)}"`);
    // Debug builds add the function's name.
    const text = messageOf(thrown).replace(/ \(in \w+\)$/, "");
    if (message !== undefined) this.equal(text, message, `${what}: message`);
  }

  callback<A extends unknown[]>(action: (this: unknown, ...args: A) => void): (this: unknown, ...args: A) => void {
    const run = this;
    return function (this: unknown, ...args: A) {
      if (!run.#ended) run.attempt(() => action.apply(this, args));
    };
  }

  after(ms: number, action: () => void): void {
    Timer.set(
      this.callback(() => action()),
      ms,
    );
  }

  cleanup(action: () => void): void {
    this.#cleanups.push(action);
  }

  done(): void {
    this.end(undefined);
  }

  attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.end(error instanceof Failure ? error.message : `${nameOf(error)}: ${messageOf(error)}`);
    }
  }

  end(failure: string | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    Timer.clear(this.#timeout);
    // Not here: a client that is closed inside its onReadable throws.
    Timer.set(() => {
      for (const cleanup of this.#cleanups) {
        try {
          cleanup();
        } catch {
          // What failed may refuse to be closed; the next program does not care.
        }
      }
      this.#onEnd(failure);
    });
  }
}

function guardedClass(onException: (error: unknown) => void): new (options: SocketOptions) => Socket {
  return class GuardedTCP extends TCP {
    constructor(options: SocketOptions) {
      let dead = false;
      const guard = (callback: SocketOptions["onReadable"]) =>
        callback &&
        function (this: unknown, count: number) {
          if (dead) return;
          try {
            callback.call(this, count);
          } catch (error) {
            dead = true;
            onException(error);
            Timer.set(() => {
              // Clients that were closed meanwhile throw once more.
              try {
                options.onError?.call(this);
              } catch (second) {
                onException(second);
              }
            });
          }
        };
      const { onReadable, onWritable } = options;
      super({
        ...options,
        ...(onReadable && { onReadable: guard(onReadable) }),
        ...(onWritable && { onWritable: guard(onWritable) }),
      } as SocketOptions);
    }
  };
}

export function runAll(programs: readonly Program[]): void {
  const next = (index: number): void => {
    const program = programs[index];
    if (program === undefined) {
      trace(`contract done ${programs.length}\n`);
      return;
    }
    const run = new Run((failure) => {
      trace(failure === undefined ? `contract ok ${program.name}\n` : `contract not ok ${program.name}: ${failure}\n`);
      Timer.set(() => next(index + 1));
    });
    run.attempt(() => program.run(run));
  };
  Timer.set(() => next(0));
}

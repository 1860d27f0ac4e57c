import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, constants, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const COLON = 0x3a;
const FIRST_BUFFER_BYTES = 1 << 16;
const LONGEST_LENGTH_DIGITS = 9;

/** The process ended. `log` is what it wrote to its error output. */
export class WorkerGone extends Error {
  override readonly name = "WorkerGone";
  constructor(
    /** Exit code; `undefined` when it was killed. */
    readonly code: number | undefined,
    readonly log: string,
  ) {
    super(`the engine ended (${code ?? "killed"}) ${log}`.trim());
  }
}

/**
 * An `xsnap-worker`, spoken to synchronously: netstrings through two named pipes, as Node has no synchronous reads on
 * the pipes it makes itself. The worker sees the end of its input when this process dies, and ends too.
 */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #input: number;
  readonly #output: number;
  readonly #log: number;
  #logSeen = 0;
  #buffer: Buffer = Buffer.alloc(FIRST_BUFFER_BYTES);
  #start = 0;
  #end = 0;
  #open = true;

  /** @throws Error when the process or its pipes cannot be made */
  constructor(worker: string, args: readonly string[]) {
    const folder = mkdtempSync(join(tmpdir(), "host-sim-xs-"));
    try {
      const [input, output] = [join(folder, "input"), join(folder, "output")];
      execFileSync("mkfifo", [input, output]);
      // Opened for both directions first, as opening one end alone would wait for the other.
      const holds = [openSync(input, constants.O_RDWR), openSync(output, constants.O_RDWR)];
      const childInput = openSync(input, constants.O_RDONLY);
      const childOutput = openSync(output, constants.O_WRONLY);
      this.#input = openSync(input, constants.O_WRONLY);
      this.#output = openSync(output, constants.O_RDONLY);
      this.#log = openSync(join(folder, "log"), "a+");
      // The shell tells how the engine ended: by the time its own end of the pipe closes, the exit code is in the log.
      this.#child = spawn("/bin/sh", ["-c", '"$@"; echo "exit $?" >&2', "sh", worker, "board", ...args], {
        stdio: ["ignore", this.#log, this.#log, childInput, childOutput],
        env: { TZ: "UTC" },
        cwd: tmpdir(),
        detached: true,
      });
      this.#child.unref();
      this.#child.on("error", () => {});
      for (const file of [...holds, childInput, childOutput]) closeSync(file);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Sends `prefix` and `body` as one netstring. @throws WorkerGone */
  send(prefix: string, body: Uint8Array): void {
    const head = Buffer.from(`${body.length + 1}:${prefix}`, "latin1");
    const frame = Buffer.allocUnsafe(head.length + body.length + 1);
    frame.set(head);
    frame.set(body, head.length);
    frame[frame.length - 1] = 0x2c;
    let at = 0;
    while (at < frame.length) {
      try {
        at += writeSync(this.#input, frame, at);
      } catch {
        this.#fail();
      }
    }
  }

  /** Waits for the next netstring. @throws WorkerGone */
  receive(): Uint8Array {
    for (;;) {
      const colon = this.#buffer.subarray(this.#start, this.#end).indexOf(COLON);
      if (colon > LONGEST_LENGTH_DIGITS) throw new Error("xsnap-worker speaks something else");
      if (colon >= 0) {
        const begin = this.#start + colon + 1;
        const length = Number(this.#buffer.toString("latin1", this.#start, begin - 1));
        if (this.#end >= begin + length + 1) {
          const message = Uint8Array.prototype.slice.call(this.#buffer, begin, begin + length);
          this.#start = begin + length + 1;
          return message;
        }
        this.#reserve(colon + 1 + length + 1);
      }
      this.#fill();
    }
  }

  /** What the worker has written to its error output since the last call. */
  newLog(): string {
    const size = fstatSync(this.#log).size;
    if (size <= this.#logSeen) return "";
    const bytes = Buffer.alloc(size - this.#logSeen);
    const count = readSync(this.#log, bytes, 0, bytes.length, this.#logSeen);
    this.#logSeen += count;
    return bytes.toString("utf8", 0, count);
  }

  /** Ends the process at once. Idempotent. */
  kill(): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.#child.pid !== undefined) {
      try {
        process.kill(-this.#child.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    for (const file of [this.#input, this.#output, this.#log]) closeSync(file);
  }

  #fill(): void {
    if (this.#start > 0 && this.#start === this.#end) {
      this.#start = 0;
      this.#end = 0;
    } else if (this.#end === this.#buffer.length) this.#reserve(this.#end - this.#start + 1);
    const count = readSync(this.#output, this.#buffer, this.#end, this.#buffer.length - this.#end, null);
    if (count === 0) this.#fail();
    this.#end += count;
  }

  /** Makes room for `length` bytes from the current start on. */
  #reserve(length: number): void {
    if (this.#start + length <= this.#buffer.length) return;
    const target = length > this.#buffer.length ? Buffer.alloc(2 * length) : this.#buffer;
    this.#buffer.copy(target, 0, this.#start, this.#end);
    this.#buffer = target;
    this.#end -= this.#start;
    this.#start = 0;
  }

  #fail(): never {
    const log = this.newLog();
    const code = /^exit (\d+)$/m.exec(log)?.[1];
    this.kill();
    throw new WorkerGone(code === undefined ? undefined : Number(code), log.replace(/^exit \d+\n?$/m, ""));
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * One of the project's commands as a process of its own, with a pipe for a terminal and the TypeScript loader of this
 * process.
 */
export class CommandProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #out = "";
  #err = "";
  readonly exit: Promise<number | null>;

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [...process.execArgv, join(ROOT, "host-sim/cli.ts"), ...args], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => this.#take(() => (this.#out += chunk.toString("utf8"))));
    this.#child.stderr?.on("data", (chunk: Buffer) => this.#take(() => (this.#err += chunk.toString("utf8"))));
    this.exit = new Promise((resolve) => {
      this.#child.on("close", (code) => {
        resolve(code);
        this.#take(() => {});
      });
    });
  }

  get out(): string {
    return this.#out;
  }

  get err(): string {
    return this.#err;
  }

  get lines(): string[] {
    return this.#out.split("\n").filter((line) => line !== "");
  }

  /** Resolves when standard output matches; rejects with all output when the process ends before. */
  seen(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (pattern.test(this.#out)) {
          this.#waiting.delete(look);
          resolve();
        } else if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
          this.#waiting.delete(look);
          reject(new Error(`ended without ${pattern}:\n${this.#out}\n${this.#err}`));
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends the process, whatever it does, and waits for that. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGKILL");
    await this.exit;
  }

  #take(change: () => void): void {
    change();
    for (const look of [...this.#waiting]) look();
  }
}

/** Runs a command to its end. */
export async function runCommand(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const command = new CommandProcess(args);
  const code = await command.exit;
  return { code, out: command.out, err: command.err };
}

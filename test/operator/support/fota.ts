import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const BIN = join(ROOT, "operator/bin.mjs");

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** The tool as a process of its own, with pipes for a terminal. */
export class Fota {
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  readonly ended: Promise<Ended>;
  out = "";
  err = "";

  constructor(args: readonly string[], { cwd = ROOT, env = {} }: FotaOptions = {}) {
    // Whatever AWS this computer is used to: only what a test names.
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|FOTA)_/.test(name)));
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { ...clean, AWS_EC2_METADATA_DISABLED: "true", AWS_CONFIG_FILE: "/dev/null", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    child.stdout.on("data", (chunk: Buffer) => this.#take(() => (this.out += chunk.toString("utf8"))));
    child.stderr.on("data", (chunk: Buffer) => this.#take(() => (this.err += chunk.toString("utf8"))));
    this.ended = new Promise((resolve) => {
      child.on("close", (code) => {
        resolve({ code, out: this.out, err: this.err });
        this.#take(() => {});
      });
    });
  }

  /** Resolves when either stream matches; rejects with all output when the process ends before. */
  seen(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (pattern.test(this.out) || pattern.test(this.err)) {
          this.#waiting.delete(look);
          resolve();
        } else if (this.#child.exitCode !== null) {
          this.#waiting.delete(look);
          reject(new Error(`ended without ${pattern}:\n${this.out}\n${this.err}`));
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  #take(change: () => void): void {
    change();
    for (const look of [...this.#waiting]) look();
  }
}

export type FotaOptions = { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> };

/** Runs the tool to its end. */
export async function fota(args: readonly string[], options: FotaOptions = {}): Promise<Ended> {
  return await new Fota(args, options).ended;
}

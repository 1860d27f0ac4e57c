import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type CloudDescription, type Credentials, readCloudFiles } from "local-aws-iot";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
/** Of the times in /proc on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  /** Processor time since the start, seconds. */
  readonly cpuSec: number;
  /** Resident now, and at most so far. */
  readonly memoryMiB: number;
  readonly peakMiB: number;
}

/** `npm run cloud` as a process of its own, so that what it takes can be told from what its clients take. */
export class CloudProcess {
  readonly cloud: CloudDescription;
  readonly credentials: Credentials;
  /** The authority's certificate. */
  readonly caPem: string;
  readonly #child: ChildProcess;
  readonly #errors: () => string;

  private constructor(child: ChildProcess, dir: string, errors: () => string) {
    this.#child = child;
    this.#errors = errors;
    const { cloud, credentials } = readCloudFiles(dir);
    this.cloud = cloud;
    this.credentials = credentials;
    this.caPem = readFileSync(cloud.ca, "utf8");
  }

  /** Rejects with what it wrote when the cloud does not start. */
  static async start(dir: string): Promise<CloudProcess> {
    const child = spawn(process.execPath, ["--import", LOADER, join(ROOT, "host-sim/cli.ts"), "cloud", "--dir", dir], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    child.stderr?.on("data", (bytes: Buffer) => {
      errors = (errors + bytes.toString("utf8")).slice(-10_000);
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once("data", () => resolve());
      child.once("error", reject);
      child.once("exit", () => reject(new Error(`the cloud did not start: ${errors}`)));
    });
    return new CloudProcess(child, dir, () => errors);
  }

  /** The last lines of its log. */
  get errors(): string {
    return this.#errors();
  }

  /** Undefined where the system has no /proc. */
  usage(): Usage | undefined {
    try {
      const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8");
      // The second field, the name, may contain spaces; utime and stime are the 14th and the 15th.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
      const kibibytes = (name: string) =>
        Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? Number.NaN);
      return {
        cpuSec: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
        memoryMiB: kibibytes("VmRSS") / 1024,
        peakMiB: kibibytes("VmHWM") / 1024,
      };
    } catch {
      return undefined;
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    this.#child.kill("SIGTERM");
    const force = setTimeout(() => this.#child.kill("SIGKILL"), 5000);
    await gone;
    clearTimeout(force);
  }
}

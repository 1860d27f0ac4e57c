/** Builds applications with `mcconfig` for Moddable's Linux simulator and runs them there without a screen. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { ModdableSdk } from "./sdk.js";
import { XsbugListener } from "./xsbug-listener.js";

export interface BuildOptions {
  readonly sdk: ModdableSdk;
  /**
   * Folder of the application's `manifest.json`. Its name is the application's: it must differ from those of other
   * builds under way.
   */
  readonly folder: string;
  /** `name=value` for `mc/config`. */
  readonly config?: Readonly<Record<string, string | number>>;
  readonly timeoutMs?: number;
}

export interface RunOptions {
  readonly sdk: ModdableSdk;
  /** What {@link buildApp} returned. */
  readonly library: string;
  readonly onTrace: (line: string) => void;
  /** The program stopped in the debugger (a `debugger` statement); it is continued. */
  readonly onBreak?: (message: string) => void;
  /** Instruments by name, about once a second. */
  readonly onSamples?: (values: Readonly<Record<string, number>>) => void;
  /** The run is ended after so long. Default two minutes. */
  readonly timeoutMs?: number;
  /** Of the simulator's process, beside the SDK's. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface SimulatorExit {
  /** "stopped": by `stop()`; "aborted": the virtual machine gave up, see `abort`; "ended": the simulator by itself. */
  readonly cause: "stopped" | "aborted" | "ended" | "time-out";
  /** Why the virtual machine gave up, such as "unhandled exception" or "memory full": what restarts a device. */
  readonly abort?: string;
  readonly code: number | null;
  readonly signal: string | null;
  /** What the simulator itself printed. */
  readonly output: string;
}

export interface SimulatorRun {
  readonly pid: number | undefined;
  readonly exit: Promise<SimulatorExit>;
  /** Ends the simulator at once, as a power cut does. */
  stop(): void;
}

/** The simulator shows this and stays open; a device restarts. */
const ABORT = /^XS abort: (.*)$/;

const BUILD_TIMEOUT_MS = 600_000;
const RUN_TIMEOUT_MS = 120_000;

/** Time for the screen in memory to take its files away; the simulator itself ends at the first signal. */
const CLEAN_UP_MS = 2000;

/** Ends a process and those it started: they are a group of their own. */
function killGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const send = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal);
    } catch {
      // The whole group has ended.
    }
  };
  send("SIGTERM");
  const timer = setTimeout(() => send("SIGKILL"), CLEAN_UP_MS);
  child.once("close", () => clearTimeout(timer));
}

/**
 * Builds and returns the path of the library that {@link runApp} takes.
 * @throws Error with the end of the build's output
 */
export async function buildApp(options: BuildOptions): Promise<string> {
  const { sdk, folder, config = {} } = options;
  const settings = Object.entries(config).map(([name, value]) => `${name}=${value}`);
  const child = spawn("mcconfig", ["-d", "-m", "-p", "lin", "-t", "build", ...settings], {
    cwd: folder,
    env: sdk.environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const timer = setTimeout(() => killGroup(child), options.timeoutMs ?? BUILD_TIMEOUT_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearTimeout(timer);
  if (code !== 0)
    throw new Error(`mcconfig failed (${code ?? "killed"}):\n${output.split("\n").slice(-40).join("\n")}`);
  return join(outputFolder(sdk, folder, "bin"), "mc.so");
}

function outputFolder(sdk: ModdableSdk, folder: string, kind: "bin" | "tmp"): string {
  return join(sdk.root, "build", kind, "lin", "mc", "debug", basename(folder));
}

/** Removes what a build left in the SDK's folders. */
export function removeBuild(sdk: ModdableSdk, folder: string): void {
  for (const kind of ["bin", "tmp"] as const) rmSync(outputFolder(sdk, folder, kind), { recursive: true, force: true });
}

/** Starts the simulator on a screen in memory. Its programs' traces come through XS's debug connection. */
export async function runApp(options: RunOptions): Promise<SimulatorRun> {
  const { sdk, library, onTrace, onBreak, onSamples } = options;
  let cause: SimulatorExit["cause"] = "ended";
  const stop = (reason: SimulatorExit["cause"]): void => {
    if (cause === "ended") cause = reason;
    killGroup(child);
  };
  let abort: string | undefined;
  const listener = await XsbugListener.open({
    onTrace: (line) => {
      onTrace(line);
      abort ??= ABORT.exec(line)?.[1];
      if (abort !== undefined) stop("aborted");
    },
    ...(onBreak && { onBreak }),
    ...(onSamples && { onSamples }),
  });
  const simulators = join(sdk.root, "build", "simulators");
  // xvfb-run leaves its files behind when it is ended by a signal.
  const temporary = mkdtempSync(join(tmpdir(), "simulator-"));
  const child = spawn("xvfb-run", ["-a", "mcsim", simulators, library], {
    env: {
      ...sdk.environment,
      ...options.environment,
      XSBUG_PORT: String(listener.port),
      XSBUG_HOST: "127.0.0.1",
      TMPDIR: temporary,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const timer = setTimeout(() => stop("time-out"), options.timeoutMs ?? RUN_TIMEOUT_MS);
  const exit = new Promise<SimulatorExit>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      listener.close();
      rmSync(temporary, { recursive: true, force: true });
      resolve({ cause, code, signal, output, ...(abort === undefined ? {} : { abort }) });
    });
  });
  return { pid: child.pid, exit, stop: () => stop("stopped") };
}

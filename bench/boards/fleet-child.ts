import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { FleetSetup, FleetState } from "./board-fleet.js";

const PROGRAM = fileURLToPath(new URL("./fleet-process.ts", import.meta.url));
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** What a process of boards answers. */
export type ChildState = FleetState & { readonly cpuSec: number; readonly memoryMiB: number };

/** A process with some of the boards. */
export class FleetChild {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(setup: FleetSetup): Promise<FleetChild> {
    // Typed arrays go as they are.
    const child = fork(PROGRAM, { execArgv: ["--import", LOADER], serialization: "advanced", stdio: "inherit" });
    const started = new FleetChild(child);
    await started.#ask(setup);
    return started;
  }

  powerOn(): Promise<ChildState> {
    return this.#ask("on");
  }

  state(): Promise<ChildState> {
    return this.#ask("state");
  }

  /** Ends with its boards' power cut. */
  async stop(): Promise<void> {
    if (!this.#child.connected) return;
    const ended = once(this.#child, "exit");
    this.#child.send("stop");
    await ended;
  }

  async #ask(message: FleetSetup | "on" | "state"): Promise<ChildState> {
    const answer = once(this.#child, "message");
    this.#child.send(message);
    const [state] = await answer;
    return state as ChildState;
  }
}

/** A device that consists of a simulator process for each boot, and of the files that stay. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModdableSdk } from "../sdk.js";
import { runApp, type SimulatorExit, type SimulatorRun } from "../simulator.js";

const BOOT_MS = 120_000;

/** From power-on, or a restart, to the end of the process. */
export class Boot {
  readonly lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  #run: SimulatorRun | undefined;
  #exit: SimulatorExit | undefined;

  static async start(
    sdk: ModdableSdk,
    library: string,
    onSamples?: (values: Readonly<Record<string, number>>) => void,
  ): Promise<Boot> {
    const boot = new Boot();
    const run = await runApp({
      sdk,
      library,
      timeoutMs: BOOT_MS,
      onTrace: (line) => boot.#take(line),
      ...(onSamples && { onSamples }),
    });
    boot.#run = run;
    void run.exit.then((exit) => {
      boot.#exit = exit;
      boot.#wake();
    });
    return boot;
  }

  get text(): string {
    return this.lines.join("\n");
  }

  /** The first line that matches. Rejects when the boot ends before it, or after `timeoutMs`. */
  seen(pattern: RegExp, timeoutMs = 60_000): Promise<string> {
    return this.#wait(`no line matches ${pattern}`, timeoutMs, () => this.lines.find((line) => pattern.test(line)));
  }

  /** The firmware restarted the device: its process ended by itself. */
  async restarted(timeoutMs = 60_000): Promise<void> {
    const exit = await this.#wait("no restart", timeoutMs, () => this.#exit);
    const asked = this.lines.some((line) => line.startsWith("restart: the simulator ends here"));
    if (exit.cause === "ended" && exit.code === 0 && asked) return;
    const { cause, abort, code, signal, output } = exit;
    throw new Error(`no restart: ${JSON.stringify({ cause, abort, code, signal, output })}:\n${this.text}`);
  }

  /** Cuts the power. */
  async cut(): Promise<void> {
    this.#run?.stop();
    await this.#run?.exit;
  }

  #take(line: string): void {
    this.lines.push(line);
    this.#wake();
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  #wait<T>(missing: string, timeoutMs: number, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle();
      };
      const fail = (why: string) => end(() => reject(new Error(`${missing} ${why}:\n${this.text}`)));
      const timer = setTimeout(() => fail(`within ${timeoutMs} ms`), timeoutMs);
      const look = () => {
        const found = find();
        if (found !== undefined) end(() => resolve(found));
        else if (this.#exit !== undefined) fail(`before the simulator ${this.#exit.cause}`);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** The device's state, and one boot at a time. */
export class SimulatedDevice {
  readonly state = mkdtempSync(join(tmpdir(), "moddable-device-"));
  readonly #sdk: ModdableSdk;
  #boot: Boot | undefined;

  constructor(sdk: ModdableSdk) {
    this.#sdk = sdk;
  }

  async boot(library: string, onSamples?: (values: Readonly<Record<string, number>>) => void): Promise<Boot> {
    await this.#boot?.cut();
    this.#boot = await Boot.start(this.#sdk, library, onSamples);
    return this.#boot;
  }

  /** As it leaves the factory: nothing in flash, nothing in NVS. */
  erase(): void {
    for (const name of readdirSync(this.state)) rmSync(join(this.state, name), { recursive: true });
  }

  async remove(): Promise<void> {
    await this.#boot?.cut();
    rmSync(this.state, { recursive: true, force: true });
  }
}

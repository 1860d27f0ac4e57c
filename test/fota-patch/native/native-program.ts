import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FotaPatchFunctions } from "../../../modules/fota-patch/native/native-frame-decoder.js";

const HARNESS = fileURLToPath(new URL("./harness.c", import.meta.url));
const SOURCE = fileURLToPath(new URL("../../../modules/fota-patch/native/fota_patch.c", import.meta.url));
const FLAGS = ["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"];
/** What is undefined, or outside of what was given, ends the program. */
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const MAX_OUTPUT = 1 << 28;

/** True when the machine has a C compiler called cc. */
export function hasCompiler(): boolean {
  return spawnSync("cc", ["--version"]).status === 0;
}

/** One patch for the trace: its frames, from `offset` of the image on, in pieces of `chunk`. */
export interface TracedPatch {
  readonly imageSize: number;
  readonly offset: number;
  readonly base: Uint8Array;
  readonly frames: Uint8Array;
  readonly chunk: number;
}

/** `fota_patch.c` compiled with the host's compiler. */
export class NativeProgram {
  #folder = mkdtempSync(join(tmpdir(), "fota-patch-"));
  readonly #memoryLength: number;

  /** Compiles with all warnings as errors, and with sanitizers where there are some. @throws Error of the compiler */
  constructor() {
    const compiled = (flags: readonly string[]) =>
      spawnSync("cc", [...FLAGS, ...flags, "-o", this.#program, SOURCE, HARNESS]);
    const strict = compiled(SANITIZERS);
    const run = strict.status === 0 ? strict : compiled([]);
    if (run.status !== 0) throw new Error(run.stderr.toString());
    this.#memoryLength = this.#run("memory", []).readInt32LE(0);
  }

  /** The functions as `mc/ffi` gives them: each call is a run of the program. */
  get functions(): FotaPatchFunctions {
    const call = (memory: ArrayBuffer, numbers: readonly number[], bytes = new Uint8Array(0)): number => {
      const output = this.#run("calls", [new Uint8Array(memory), Int32Array.from(numbers), bytes]);
      new Uint8Array(memory).set(output.subarray(4));
      return output.readInt32LE(0);
    };
    return {
      fota_patch_memory: () => this.#memoryLength,
      fota_patch_begin: (memory, imageOffset, length, baseSize) => {
        call(memory, [1, imageOffset, length, baseSize]);
      },
      fota_patch_decode: (memory, bytes, from, to) =>
        call(memory, [2, from, to, bytes.byteLength], new Uint8Array(bytes)),
    };
  }

  /** What every call gave, see `traceOf`. @throws Error when it did what C leaves undefined */
  trace(patches: readonly TracedPatch[]): number[][] {
    const output = this.#run(
      "trace",
      patches.flatMap(({ imageSize, offset, base, frames, chunk }) => [
        Int32Array.of(imageSize, offset, base.length, frames.length, chunk),
        base,
        frames,
      ]),
    );
    const numbers = Array.from({ length: output.length / 4 }, (_, index) => output.readInt32LE(4 * index));
    const traces: number[][] = [];
    for (let at = 0; at < numbers.length; ) {
      const start = at;
      // A step that ended with a piece, a part of the base or a frame has one number more; -1 ends the trace.
      for (let step = numbers[at]; step !== -1; step = numbers[at])
        at += step === 1 || step === 2 || step === 3 ? 3 : 2;
      traces.push(numbers.slice(start, ++at));
    }
    return traces;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #run(mode: string, input: readonly (Uint8Array | Int32Array)[]): Buffer {
    const bytes = input.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength));
    const run = spawnSync(this.#program, [mode], { input: Buffer.concat(bytes), maxBuffer: MAX_OUTPUT });
    if (run.status !== 0) throw new Error(`${mode} ended with ${run.status ?? run.signal}: ${run.stderr.toString()}`);
    return run.stdout;
  }

  get #program(): string {
    return join(this.#folder, "harness");
  }
}

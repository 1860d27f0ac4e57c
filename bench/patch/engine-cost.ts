/** What the decoder costs on the XS engine: steps as the engine counts them, and time. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { WorkerProcess } from "../../host-sim/engines/xs/worker-process.js";

const ENTRY = fileURLToPath(new URL("./guest.ts", import.meta.url));
const ANSWER = 0x2e; // "."
const METER_END = 1;
/** Bytes of an image that one message brings. */
const SLICE = 8192;
const ROUNDS = 3;

export interface EngineCost {
  readonly steps: number;
  readonly milliseconds: number;
}

export interface EngineTask {
  readonly base: Uint8Array | undefined;
  readonly patch: Uint8Array;
  readonly imageSize: number;
}

/** @throws Error when the engine or the decoder in it fails */
export async function engineCost(worker: string, { base, patch, imageSize }: EngineTask): Promise<EngineCost> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    logLevel: "silent",
  });
  const engine = new WorkerProcess(worker, []);
  const evaluate = (source: string): EngineCost => {
    engine.send("e", Buffer.from(source));
    const start = performance.now();
    const answer = Buffer.from(engine.receive());
    const milliseconds = performance.now() - start;
    if (answer[0] !== ANSWER) throw new Error(`the engine: ${answer.toString()}`);
    const { compute }: { compute: number } = JSON.parse(answer.toString("utf8", 1, answer.indexOf(METER_END)));
    return { steps: compute, milliseconds };
  };
  try {
    evaluate(outputFiles[0]?.text ?? "");
    const load = (name: string, bytes: Uint8Array): void => {
      evaluate(`expect("${name}", ${bytes.length})`);
      for (let at = 0; at < bytes.length; at += SLICE)
        evaluate(`take("${name}", ${at}, [${bytes.subarray(at, at + SLICE).join()}])`);
    };
    load("patch", patch);
    if (base !== undefined) load("base", base);
    const idle = evaluate("0");
    const runs = Array.from({ length: ROUNDS }, () => {
      evaluate(`prepare(${imageSize})`);
      return evaluate("run()");
    });
    const fastest = runs.reduce((best, run) => (run.milliseconds < best.milliseconds ? run : best));
    return { steps: fastest.steps - idle.steps, milliseconds: fastest.milliseconds };
  } finally {
    engine.kill();
  }
}

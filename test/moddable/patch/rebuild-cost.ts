/** What images out of patches cost in Moddable's simulator, with the decoder in JavaScript and with that in C. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makePatch } from "fota-operator/patch";
import type { ModdableSdk } from "../sdk.js";
import { buildApp, removeBuild, runApp } from "../simulator.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const HERE = fileURLToPath(new URL(".", import.meta.url));
const SOURCES = ["memory_flash.c"];
/** Room for three images, so that no garbage is collected while it is measured. */
const ROOMY = { chunk: { initial: 24_000_000 }, heap: { initial: 100_000 }, stack: 1024 };
/** A base may not be empty as a file. */
const NO_BASE = new Uint8Array(1);

export interface RebuildPair {
  readonly name: string;
  readonly from?: Uint8Array;
  readonly to: Uint8Array;
}

export interface RebuildCost {
  readonly name: string;
  readonly decoder: "script" | "native";
  /** Computing alone, without flash. */
  readonly microseconds: number;
  /** Bytes of slots and chunks, garbage included. */
  readonly allocated: number;
  /** Reads of the base. */
  readonly reads: number;
  /** Pieces that were not the image's; and one where bytes were missing. */
  readonly wrong: number;
  readonly image: number;
  readonly patch: number;
}

export async function rebuildCosts(sdk: ModdableSdk, pairs: readonly RebuildPair[]): Promise<RebuildCost[]> {
  const folder = join(ROOT, "build/moddable", `patch-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(HERE, "measure.ts"), join(folder, "main.ts"));
  for (const source of SOURCES) copyFileSync(join(HERE, source), join(folder, source));
  const names = pairs.flatMap(({ from, to }, index) => {
    writeFileSync(join(folder, `base-${index}.bin`), from ?? NO_BASE);
    writeFileSync(join(folder, `image-${index}.bin`), to);
    writeFileSync(join(folder, `patch-${index}.bin`), makePatch({ from, to }));
    return ["base", "image", "patch"].map((kind) => `./${kind}-${index}`);
  });
  const buffers = ["uint8_t *", "int32_t", "uint8_t *", "int32_t", "int32_t"];
  const manifest = {
    include: [
      "$(MODDABLE)/examples/manifest_base.json",
      "$(MODDABLE)/modules/base/instrumentation/manifest.json",
      "$(MODDABLE)/modules/base/debug/manifest.json",
      join(ROOT, "modules/fota-patch/native/manifest.json"),
    ],
    modules: { "*": "./main" },
    creation: ROOMY,
    config: { count: pairs.length },
    ffi: {
      sources: SOURCES.map((source) => `./${source}`),
      functions: {
        cpu_microseconds: { arguments: [], returns: "int32_t" },
        flash_read: { arguments: buffers, returns: "void" },
        flash_compare: { arguments: buffers, returns: "int32_t" },
      },
    },
    data: { "*": names },
    typescript: { tsconfig: { compilerOptions: { noImplicitAny: false } } },
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  const costs: RebuildCost[] = [];
  try {
    const library = await buildApp({ sdk, folder });
    const run = await runApp({
      sdk,
      library,
      onTrace: (line) => {
        const text = /^patch (\{.*\})$/.exec(line)?.[1];
        if (text !== undefined) {
          const { index, ...cost } = JSON.parse(text);
          costs.push({ name: pairs[index]?.name ?? "?", ...cost });
        }
        if (line === "patches done") run.stop();
      },
    });
    const exit = await run.exit;
    if (exit.cause !== "stopped")
      throw new Error(`the simulator ${exit.cause} after ${costs.length} images: ${exit.abort ?? exit.output}`);
  } finally {
    removeBuild(sdk, folder);
    rmSync(folder, { recursive: true, force: true });
  }
  return costs;
}

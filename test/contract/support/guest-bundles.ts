/** The contract's programs as one file, for host-sim (CommonJS) and for Moddable's build (ECMAScript module). */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { sdkPlugin } from "../../../host-sim/ports/sdk-plugin.js";
import { SDK_SPECIFIERS } from "../../../host-sim/ports/specifiers.js";

const MAIN = fileURLToPath(new URL("../guest/main.ts", import.meta.url));

async function bundle(format: "cjs" | "esm"): Promise<string> {
  const result = await build({
    entryPoints: [MAIN],
    bundle: true,
    write: false,
    format,
    target: "es2022",
    banner: { js: '"use strict";' },
    platform: "neutral",
    logLevel: "silent",
    ...(format === "cjs" ? { plugins: [sdkPlugin()] } : { external: Object.keys(SDK_SPECIFIERS) }),
    tsconfigRaw: JSON.stringify({ compilerOptions: { target: "es2022" } }),
  });
  return result.outputFiles[0]?.text ?? "";
}

export function contractFirmware(): Promise<string> {
  return bundle("cjs");
}

export function contractModule(): Promise<string> {
  return bundle("esm");
}

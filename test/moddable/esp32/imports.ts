/** Which modules of a build import which, read from the JavaScript that becomes bytecode. */
import { readFileSync } from "node:fs";
import { build, type Plugin } from "esbuild";
import { importedSpecifier } from "../../../host-sim/image/index.js";
import type { BuildModule, DeviceBuild } from "./device-build.js";

export type ModuleImport = { readonly from: BuildModule; readonly specifier: string };

/** Of standard JavaScript, by a parser; `import()` too. */
async function importsOf(modules: readonly BuildModule[]): Promise<ModuleImport[]> {
  const byScript = new Map(modules.map((module) => [module.script, module]));
  const found: ModuleImport[] = [];
  const record: Plugin = {
    name: "record-imports",
    setup({ onResolve }) {
      onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
        if (kind === "entry-point") return undefined;
        const from = byScript.get(importer);
        if (from !== undefined) found.push({ from, specifier: path });
        return { path, external: true };
      });
    },
  };
  await build({
    entryPoints: [...byScript.keys()],
    bundle: true,
    format: "esm",
    target: "esnext",
    write: false,
    outdir: "/",
    logLevel: "silent",
    plugins: [record],
  });
  return found;
}

/**
 * Of the SDK's JavaScript, which binds native code in a syntax of its own: by its import statements. `import()` is left
 * out, the SDK asks for optional modules with it.
 */
function sdkImportsOf(from: BuildModule): ModuleImport[] {
  const text = readFileSync(from.script, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const statements = text.matchAll(/^\s*(?:import|export)\s+(?:[\w*${}\s,]+?\s+from\s+)?["']([^"']+)["']/gm);
  return [...statements].map(([, specifier]) => ({ from, specifier: specifier ?? "" }));
}

/** What the application's modules and `setup/*`, and all that these lead to, import and the build does not have. */
export async function missingModules(
  device: DeviceBuild,
  isOurs: (module: BuildModule) => boolean,
): Promise<ModuleImport[]> {
  const modules = [...device.modules.values()];
  const imports = [
    ...(await importsOf(modules.filter(isOurs))),
    ...modules.filter((m) => !isOurs(m)).flatMap(sdkImportsOf),
  ];
  const waiting = modules.filter((m) => isOurs(m) || m.specifier === "main" || m.specifier.startsWith("setup/"));
  const reached = new Set(waiting);
  const missing: ModuleImport[] = [];
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    for (const imported of imports) {
      if (imported.from !== module) continue;
      const target = device.modules.get(importedSpecifier(module.specifier, imported.specifier));
      if (target === undefined) missing.push(imported);
      else if (!reached.has(target)) waiting.push(target);
      if (target !== undefined) reached.add(target);
    }
  }
  return missing;
}

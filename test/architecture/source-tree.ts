import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Paths below `folder`, relative to the root with forward slashes, whose name ends with one of `endings`. */
export function filesBelow(folder: string, ...endings: string[]): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path, ...endings);
    return endings.some((ending) => entry.name.endsWith(ending))
      ? [relative(ROOT, join(ROOT, path)).split(sep).join("/")]
      : [];
  });
}

export const readText = (path: string): string => readFileSync(join(ROOT, path), "utf8");

export type Import = { readonly specifier: string; readonly typeOnly: boolean };

/** Imports and re-exports of one TypeScript source. A line-based reading is enough: the formatter keeps them at the top in one form. */
export function importsOf(path: string): Import[] {
  const source = readText(path).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const found: Import[] = [];
  for (const [, keyword, type, clause, specifier] of source.matchAll(
    /^(import|export)\s+(type\s+)?((?:[\w*${}\s,]+?)\s+from\s+)?["']([^"']+)["']/gm,
  )) {
    if (keyword === "export" && clause === undefined) continue;
    const named = /^\{([^}]*)\}/.exec(clause?.trim() ?? "")?.[1];
    const allTypes = named?.split(",").every((name) => name.trim() === "" || name.trim().startsWith("type ")) ?? false;
    found.push({ specifier: specifier ?? "", typeOnly: type !== undefined || (named !== undefined && allTypes) });
  }
  for (const [, specifier] of source.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g))
    found.push({ specifier: specifier ?? "", typeOnly: false });
  return found;
}

const MODULE_SPECIFIER =
  /^(aws-fota|aws-jobs|device-ports|esp32-sim|fota-download|guarded-tcp|mqtt-session|ota-partition|strict-tls)\//;

/** Specifiers whose file depends on the platform, with the file that the type check uses (`paths` of tsconfig.json). */
const PLATFORM_FILES: Readonly<Record<string, string>> = {
  "device-ports/slots": "modules/device-ports/esp32/slots.ts",
  "device-ports/process": "modules/device-ports/sim/lin/process.ts",
  "network-link": "src/esp32/network-link.ts",
};

/** The project file or folder that an import names, or `undefined` for the SDK, Node and packages. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
  if (Object.hasOwn(PLATFORM_FILES, specifier)) return PLATFORM_FILES[specifier];
  if (MODULE_SPECIFIER.test(specifier)) return `modules/${specifier}.ts`;
  return undefined;
}

/** The unit of the dependency rules: `src`, `modules/<name>`, `host-sim/<part>`, `test` or `bench`. */
export function unitOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "modules" || top === "host-sim" ? `${top}/${second}` : top;
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Paths below `folder`, relative to the root with forward slashes, whose name ends with one of `endings`. */
export function filesBelow(folder: string, ...endings: string[]): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name === "node_modules") return [];
    if (entry.isDirectory()) return filesBelow(path, ...endings);
    return endings.some((ending) => entry.name.endsWith(ending))
      ? [relative(ROOT, join(ROOT, path)).split(sep).join("/")]
      : [];
  });
}

export const readText = (path: string): string => readFileSync(join(ROOT, path), "utf8");

export type Import = { readonly specifier: string; readonly typeOnly: boolean };

/** Imports and re-exports of the file at `path`, see {@link importsIn}. */
export function importsOf(path: string): Import[] {
  return importsIn(readText(path));
}

/**
 * Imports and re-exports of one TypeScript source, with the sources it names by `new URL`, for example to have them
 * compiled. A line-based reading is enough: the formatter keeps imports at the top in one form.
 */
export function importsIn(source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const found: Import[] = [];
  for (const [, keyword, type, clause, specifier] of code.matchAll(
    /^(import|export)\s+(type\s+)?((?:[\w*${}\s,]+?)\s+from\s+)?["']([^"']+)["']/gm,
  )) {
    if (keyword === "export" && clause === undefined) continue;
    const named = /^\{([^}]*)\}/.exec(clause?.trim() ?? "")?.[1];
    const allTypes = named?.split(",").every((name) => name.trim() === "" || name.trim().startsWith("type ")) ?? false;
    found.push({ specifier: specifier ?? "", typeOnly: type !== undefined || (named !== undefined && allTypes) });
  }
  for (const [, specifier] of code.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g))
    found.push({ specifier: specifier ?? "", typeOnly: false });
  for (const [, specifier] of code.matchAll(/\bnew URL\(\s*["'](\.[^"']+\.ts)["']/g))
    found.push({ specifier: specifier ?? "", typeOnly: false });
  return found;
}

type ManifestPart = {
  readonly modules?: Readonly<Record<string, string | readonly string[]>>;
  readonly platforms?: Readonly<Record<string, ManifestPart>>;
};

/** The sources behind each specifier of the firmware's manifests: several where the platform decides. */
const FIRMWARE: ReadonlyMap<string, ReadonlySet<string>> = (() => {
  const sources = new Map<string, Set<string>>();
  const read = (folder: string, { modules = {}, platforms = {} }: ManifestPart): void => {
    for (const [specifier, targets] of Object.entries(modules)) {
      const own = [targets].flat().filter((target) => target.startsWith("."));
      const known = sources.get(specifier) ?? new Set<string>();
      for (const target of own) known.add(posix.join(folder, `${target}.ts`));
      if (known.size > 0) sources.set(specifier, known);
    }
    for (const part of Object.values(platforms)) read(folder, part);
  };
  for (const path of [
    "manifest.json",
    ...filesBelow("modules", "manifest.json"),
    ...filesBelow("src", "manifest.json"),
  ])
    read(posix.dirname(path), JSON.parse(readText(path)));
  return sources;
})();

/** A package inside the repository: its folder, its name, and the file behind each way in. */
export type InnerPackage = {
  readonly folder: string;
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
  /** Packages it may import. */
  readonly dependencies: ReadonlySet<string>;
};

function packageIn(folder: string): InnerPackage {
  const { name, exports = {}, ...rest } = JSON.parse(readText(posix.join(folder, "package.json")));
  const dependencies = ["dependencies", "devDependencies", "optionalDependencies"].flatMap((kind) =>
    Object.keys(rest[kind] ?? {}),
  );
  return { folder, name, exports, dependencies: new Set(dependencies) };
}

/** The project's own package, and the packages inside it. */
export const PROJECT = packageIn("");
export const INNER_PACKAGES: readonly InnerPackage[] = [packageIn("host-sim/cloud"), packageIn("operator")];

/**
 * The project's files that an import names: none for the SDK, Node and foreign packages, several where the platform
 * decides.
 */
export function resolveImport(from: string, specifier: string): readonly string[] {
  if (specifier.startsWith(".")) {
    const source = posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
    return [!existsSync(join(ROOT, source)) && existsSync(join(ROOT, `${source}x`)) ? `${source}x` : source];
  }
  const sources = FIRMWARE.get(specifier);
  if (sources !== undefined) return [...sources];
  const [first = "", ...rest] = specifier.split("/");
  const inner = INNER_PACKAGES.find(({ name }) => name === first);
  if (inner === undefined) return [];
  // A way in that the package does not export leads to a file that does not exist.
  const way = [".", ...rest].join("/");
  return [posix.join(inner.folder, inner.exports[way] ?? way)];
}

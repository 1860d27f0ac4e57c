import { readFileSync } from "node:fs";
import { posix } from "node:path";

/**
 * What a source imports, or passes on, when its types are erased. A line-based reading is enough: the formatter keeps
 * imports in one form.
 */
export function valueImports(file: string): string[] {
  const code = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const statements = code.matchAll(
    /^(?:import|export)\s+(?!type\s)(?:([\w*${}\s,]+?)\s+from\s+)?["']([^"']+)["'];?$/gm,
  );
  return [...statements].filter(([, clause = ""]) => !isTypesOnly(clause)).map(([, , specifier = ""]) => specifier);
}

/** Such as `{ type One, type Two }`. */
function isTypesOnly(clause: string): boolean {
  const names = /^\{([^}]*)\}$/.exec(clause.trim())?.[1]?.split(",") ?? [];
  return names.length > 0 && names.every((name) => name.trim() === "" || name.trim().startsWith("type "));
}

/** XS resolves a relative import from specifier to specifier. */
export function importedSpecifier(from: string, imported: string): string {
  if (!/^\.{1,2}\//.test(imported)) return imported;
  return posix.join(posix.dirname(from), imported).replace(/\.(js|ts)$/, "");
}

/**
 * The modules that the SDK's linker evaluates at build time, in the order of appearance: those that are named in
 * `preload`, and what they import. What is not among `modules` is the SDK's.
 */
export function evaluatedModules(modules: ReadonlyMap<string, string>, preload: readonly string[]): string[] {
  const found = new Set(preload);
  for (const specifier of found) {
    const file = modules.get(specifier);
    if (file === undefined) continue;
    for (const imported of valueImports(file)) {
      const name = importedSpecifier(specifier, imported);
      if (modules.has(name)) found.add(name);
    }
  }
  return [...found];
}

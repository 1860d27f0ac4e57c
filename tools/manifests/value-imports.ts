import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";

/** What a TypeScript file imports, or passes on, when its types are erased. */
export function valueImports(file: string): string[] {
  const { code } = transformSync(readFileSync(file, "utf8"), {
    loader: "ts",
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return [...code.matchAll(/^(?:import|export)\s+(?:[\w*${}\s,]+?\s+from\s+)?"([^"]+)"/gm)].map(
    ([, specifier = ""]) => specifier,
  );
}

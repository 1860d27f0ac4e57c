import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";

/** Whether nothing is left of a TypeScript file when its types are erased. */
export function isTypesOnly(file: string): boolean {
  const { code } = transformSync(readFileSync(file, "utf8"), {
    loader: "ts",
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return code.trim() === "";
}

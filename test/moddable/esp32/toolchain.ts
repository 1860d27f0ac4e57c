/** What generating and linking a device build needs; no compiler for the ESP32 among it. */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const LOCAL_TOOLS = fileURLToPath(new URL("../../../node_modules/.bin", import.meta.url));

export type Toolchain = {
  /** The folder that `MODDABLE` names. */
  readonly moddable: string;
  /** For the tools' processes: a `PATH` on which `tsc` is this project's. */
  readonly environment: Readonly<Record<string, string>>;
};

export type ToolchainSearch =
  | { readonly found: true; readonly toolchain: Toolchain }
  /** One line that says what is missing. */
  | { readonly found: false; readonly missing: string };

const PROGRAMS = ["mcconfig", "xsc", "xsl", "mcrez", "tsc", "make"];

export function findToolchain(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ToolchainSearch {
  for (const name of ["MODDABLE", "IDF_PATH"]) {
    const folder = environment[name] ?? "";
    if (folder === "") return { found: false, missing: `${name} is not set` };
    if (!existsSync(folder)) return { found: false, missing: `${name} names no folder: ${folder}` };
  }
  const path = [LOCAL_TOOLS, environment.PATH ?? ""].join(delimiter);
  const absent = PROGRAMS.find((program) => !onPath(program, path));
  if (absent !== undefined) return { found: false, missing: `${absent} is not on PATH` };
  const defined = Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return {
    found: true,
    toolchain: { moddable: environment.MODDABLE ?? "", environment: { ...Object.fromEntries(defined), PATH: path } },
  };
}

function onPath(program: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Where the Moddable SDK is, if it is here. */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const LOCAL_TOOLS = fileURLToPath(new URL("../../node_modules/.bin", import.meta.url));

export interface ModdableSdk {
  /** The folder that `MODDABLE` names. */
  readonly root: string;
  /** For the tools' processes: with `MODDABLE`, and a `PATH` on which `tsc` is this project's. */
  readonly environment: Readonly<Record<string, string>>;
}

export type SdkAvailability =
  | { readonly available: true; readonly sdk: ModdableSdk }
  | { readonly available: false; readonly reason: string };

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

/** Looks for the SDK and for what running its Linux simulator without a screen needs. */
export function findSdk(environment: Readonly<Record<string, string | undefined>> = process.env): SdkAvailability {
  const root = environment.MODDABLE ?? "";
  if (root === "" || !existsSync(root)) return { available: false, reason: "MODDABLE names no folder" };
  const path = [LOCAL_TOOLS, environment.PATH ?? ""].join(delimiter);
  for (const program of ["mcconfig", "mcsim", "xvfb-run"]) {
    if (!onPath(program, path)) return { available: false, reason: `${program} is not on PATH` };
  }
  const defined = Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return { available: true, sdk: { root, environment: { ...Object.fromEntries(defined), PATH: path } } };
}

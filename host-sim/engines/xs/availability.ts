import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const PACKAGE = "@agoric/xsnap";
const FOLDERS: Readonly<Record<string, string>> = Object.freeze({ linux: "lin", darwin: "mac" });

/** Whether programs can run on XS here; if not, why, in words for the user. */
export type XsAvailability =
  | { readonly available: true; readonly worker: string }
  | { readonly available: false; readonly reason: string };

/**
 * Looks for the XS engine that `@agoric/xsnap` built when it was installed. The environment variable `XSNAP_WORKER`
 * names another `xsnap-worker`.
 */
export function xsAvailable(environment: Readonly<Record<string, string | undefined>> = process.env): XsAvailability {
  const named = environment.XSNAP_WORKER;
  if (named !== undefined && named !== "") {
    return isExecutable(named)
      ? { available: true, worker: named }
      : { available: false, reason: `XSNAP_WORKER names ${named}, which cannot be executed` };
  }
  const folder = FOLDERS[process.platform];
  if (folder === undefined) return { available: false, reason: `${PACKAGE} does not support ${process.platform}` };
  let root: string;
  try {
    root = dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
  } catch {
    return { available: false, reason: `${PACKAGE} is not installed (it needs a C compiler when it is)` };
  }
  const worker = join(root, "xsnap-native/xsnap/build/bin", folder, "release/xsnap-worker");
  return isExecutable(worker)
    ? { available: true, worker }
    : { available: false, reason: `${PACKAGE} is installed but not built: run "npm rebuild ${PACKAGE}"` };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

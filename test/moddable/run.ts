/**
 * `npm run test:moddable`: the suites under test/moddable, which `npm test` runs too: the SDK's contract and the whole
 * firmware in Moddable's simulator, and the check of the device build. They are skipped there, by name, where the SDK
 * is missing; here that is an error. With names, such as "memory", only the suites that begin with one.
 *
 * Exit code: 0 when nothing failed, 1 when a test failed, 2 when the SDK is missing.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findSdk } from "./sdk.js";

const found = findSdk();
if (!found.available) {
  process.stderr.write(`test:moddable needs the Moddable SDK's tools and xvfb-run: ${found.reason}\n`);
  process.exit(2);
}
const suites = fileURLToPath(new URL("../run.ts", import.meta.url));
const names = process.argv.slice(2);
const wanted = names.length === 0 ? ["moddable/"] : names.map((name) => `moddable/${name}`);
const args = [...process.execArgv, suites, ...wanted];
const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
process.exitCode = status ?? 1;

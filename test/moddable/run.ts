/**
 * `npm run test:moddable`: the suites under test/moddable, which `npm test` runs too: the SDK's contract and the whole
 * firmware in Moddable's simulator, and the check of the device build. They are skipped there, by name, where the SDK
 * is missing; here that is an error. With names, such as "memory", only the suites that begin with one.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { helpLines, isHelpAsked, type Manual } from "../../host-sim/command-line/index.js";
import { SUITE_ARGUMENTS } from "../support/suite-manual.js";
import { findSdk } from "./sdk.js";

const MODDABLE: Manual = {
  name: "test:moddable",
  does: "Runs the suites on the Moddable SDK: its contract, the firmware in its simulator, the check of the device build.",
  ...SUITE_ARGUMENTS,
  example: "simulator",
  exits: { 0: "nothing failed", 1: "a test failed", 2: "a mistake of the caller, or the SDK is missing" },
};

const argv = process.argv.slice(2);
if (isHelpAsked(argv)) {
  process.stdout.write(`${helpLines(MODDABLE).join("\n")}\n`);
  process.exit(0);
}
const found = findSdk();
if (!found.available) {
  process.stderr.write(`test:moddable needs the Moddable SDK's tools and xvfb-run: ${found.reason}\n`);
  process.exit(2);
}
const suites = fileURLToPath(new URL("../run.ts", import.meta.url));
const wanted = argv.length === 0 ? ["moddable/"] : argv.map((name) => `moddable/${name}`);
const args = [...process.execArgv, suites, ...wanted];
const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
process.exitCode = status ?? 1;

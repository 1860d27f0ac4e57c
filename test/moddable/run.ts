/**
 * `npm run test:moddable`: the suites under test/moddable, which `npm test` runs too: the SDK's contract and the whole
 * firmware in Moddable's simulator, and the check of the device build. They are skipped there, by name, where the SDK
 * is missing; here that is an error. With names, such as "memory", only the suites that begin with one.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  type Manual,
  PROCESS_OUTPUT,
  parseOptionsAndArguments,
  runCommand,
  UsageError,
} from "../../host-sim/command-line/index.js";
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
process.exitCode = await runCommand(MODDABLE, argv, PROCESS_OUTPUT, async () => {
  const { values, positionals } = parseOptionsAndArguments(argv, MODDABLE.options);
  const found = findSdk();
  if (!found.available) throw new UsageError(`the Moddable SDK's tools and xvfb-run are needed: ${found.reason}`);
  const suites = fileURLToPath(new URL("../run.ts", import.meta.url));
  const names = positionals.length === 0 ? [""] : positionals;
  const passed = Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const args = [...process.execArgv, suites, ...passed, ...names.map((name) => `moddable/${name}`)];
  return spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
});

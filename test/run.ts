/**
 * The test command: every suite under test/, or those whose path contains one of the arguments.
 *
 *     npm test                     everything CI runs
 *     npm test -- aws-fota jobs    suites whose path contains "aws-fota" or "jobs"
 *     npm test -- --grep "R7"      tests whose title matches the regular expression
 *     npm test -- --without "XS"   tests whose title does not match it
 *     npm test -- --patience 10    where everything takes longer: ten times the time that a test may take
 */
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import Mocha from "mocha";
import {
  type Manual,
  type OptionValues,
  optionalText,
  PROCESS_OUTPUT,
  parseOptionsAndArguments,
  type Running,
  runCommand,
  UsageError,
} from "../host-sim/command-line/index.js";
import { CountingReporter } from "./support/counting-reporter.js";
import { SUITE_ARGUMENTS } from "./support/suite-manual.js";

const TEST_FOLDER = dirname(fileURLToPath(import.meta.url));

/** Tests start local servers and compile firmware; none of them measures time. */
const TEST_TIMEOUT_MS = 60_000;

function suites(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return suites(path);
      return entry.name.endsWith(".test.ts") ? [path] : [];
    });
}

const TEST: Manual = {
  name: "test",
  does: "Runs every suite, as CI does, or those whose path contains one of the arguments.",
  ...SUITE_ARGUMENTS,
  example: 'aws-fota --grep "R7"',
  exits: { 0: "nothing failed", 1: "a test failed" },
};

/** @throws UsageError */
function titlesIn(values: OptionValues): { grep: string; invert: boolean } | undefined {
  const [grep, without] = [optionalText(values, "grep"), optionalText(values, "without")];
  if (grep !== undefined && without !== undefined) throw new UsageError("--grep and --without exclude each other");
  const pattern = grep ?? without;
  return pattern === undefined ? undefined : { grep: pattern, invert: grep === undefined };
}

/** @throws UsageError */
function patienceIn(values: OptionValues): number {
  const text = optionalText(values, "patience");
  const patience = Number(text ?? 1);
  if (!(patience >= 1)) throw new UsageError(`--patience ${text}: not a number of at least 1`);
  return patience;
}

async function main(argv: readonly string[], { doing }: Running): Promise<number> {
  const { values, positionals: parts } = parseOptionsAndArguments(argv, TEST.options);
  const [titles, patience] = [titlesIn(values), patienceIn(values)];
  const files = suites(TEST_FOLDER).filter(
    (file) => parts.length === 0 || parts.some((part) => relative(TEST_FOLDER, file).includes(part)),
  );
  if (files.length === 0) throw new UsageError(`no suite matches ${parts.join(" ")}`);

  const mocha = new Mocha({
    reporter: CountingReporter,
    timeout: TEST_TIMEOUT_MS * patience,
    ...titles,
  });
  for (const file of files) mocha.addFile(file);
  doing("the suites are loaded");
  await mocha.loadFilesAsync();
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on(Mocha.Runner.constants.EVENT_TEST_BEGIN, (test) => doing(test.fullTitle()));
  });
  return failures > 0 ? 1 : 0;
}

const argv = process.argv.slice(2);
const code = await runCommand(TEST, argv, PROCESS_OUTPUT, (running) => main(argv, running));
// The AWS device SDK's native threads keep the process alive after its tests, so it is ended here, once the report is
// written.
process.stdout.write("", () => process.exit(code));

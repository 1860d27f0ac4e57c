/**
 * The test command: every suite under test/, or those whose path contains one of the arguments.
 *
 *     npm test                     everything CI runs
 *     npm test -- aws-fota jobs    suites whose path contains "aws-fota" or "jobs"
 *     npm test -- --grep "R7"      tests whose title matches the regular expression
 *     npm test -- --without "XS"   tests whose title does not match it
 *     npm test -- --patience 10    where everything takes longer: ten times the time that a test may take
 *
 * Exit code: 0 when nothing failed, 1 when a test failed, 2 for bad arguments or when no suite was found.
 */
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import Mocha from "mocha";
import { CountingReporter } from "./support/counting-reporter.js";

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

function usage(text: string): never {
  process.stderr.write(
    `${text}\nusage: npm test -- [--grep PATTERN | --without PATTERN] [--patience FACTOR] [PART OF A PATH ...]\n`,
  );
  process.exit(2);
}

const parts: string[] = [];
let patience = 1;
let titles: { grep: string; invert: boolean } | undefined;
for (let args = process.argv.slice(2); args.length > 0; ) {
  const arg = args.shift() ?? "";
  if (arg === "--grep" || arg === "--without") {
    if (titles !== undefined) usage("only one pattern");
    titles = { grep: args.shift() ?? usage(`${arg} needs a pattern`), invert: arg === "--without" };
  } else if (arg === "--patience") {
    patience = Number(args.shift());
    if (!(patience >= 1)) usage("--patience needs a number of at least 1");
  } else if (arg.startsWith("-")) usage(`unknown option ${arg}`);
  else parts.push(arg);
}

const files = suites(TEST_FOLDER).filter(
  (file) => parts.length === 0 || parts.some((part) => relative(TEST_FOLDER, file).includes(part)),
);
if (files.length === 0) usage(`no suite matches ${parts.join(" ")}`);

const mocha = new Mocha({
  reporter: CountingReporter,
  timeout: TEST_TIMEOUT_MS * patience,
  ...titles,
});
for (const file of files) mocha.addFile(file);
await mocha.loadFilesAsync();
mocha.run((failures) => {
  // The AWS device SDK's native threads keep the process alive after its tests, so it is ended here, once the report is
  // written.
  process.stdout.write("", () => process.exit(failures > 0 ? 1 : 0));
});

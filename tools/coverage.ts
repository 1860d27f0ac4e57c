/**
 * `npm run coverage -- [--write] [PART OF A PATH ...]`: runs the suites, all but those on the SDK and some that repeat
 * others, or those that are named, and prints which share of lines and branches they ran, by folder. A report of every
 * line is left in `build/coverage/index.html`. `--write` brings the table of docs/reliability.md up to date.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Manual, PROCESS_OUTPUT, parseOptionsAndArguments, runCommand } from "../host-sim/command-line/index.js";
import { byFolder, coverageTable, type FileSummary, replaceTable } from "./coverage/summary.js";
import { isTypesOnly } from "./manifests/types-only.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const REPORT = join(ROOT, "build", "coverage");
const RAW = join(REPORT, "v8");
const DOCUMENT = join(ROOT, "docs", "reliability.md");
const MEASURED = ["modules", "src", "host-sim", "operator"];
const LOADER = pathToFileURL(join(ROOT, "tools", "coverage", "loader.mjs")).href;

/**
 * Power cuts by the thousand, and scenarios that are repeated on XS: they take most of the time and run nothing new but
 * the firmware out of flash.
 */
const LEFT_OUT = "^the power cut |, on XS";

/** How much longer a test may take while V8 counts. */
const PATIENCE = "10";

/**
 * A process that the everyday loader compiled for has other offsets in the same files, and cannot be added up with the
 * others.
 */
const OTHER_LOADER = "/node_modules/tsx/dist/";

function runSuites(parts: readonly string[]): boolean {
  const { MODDABLE: _none, ...environment } = process.env;
  const run = [join(ROOT, "test", "run.ts"), "--without", LEFT_OUT, "--patience", PATIENCE, ...parts];
  const { status } = spawnSync(process.execPath, ["--import", LOADER, ...run], {
    env: { ...environment, NODE_V8_COVERAGE: RAW },
    stdio: "inherit",
  });
  return status === 0;
}

function dropOtherLoaders(): void {
  for (const name of readdirSync(RAW)) {
    const file = join(RAW, name);
    if (readFileSync(file, "utf8").includes(OTHER_LOADER)) rmSync(file);
  }
}

function report(): ReadonlyMap<string, FileSummary> {
  const sources = MEASURED.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
  ).filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts") && !path.includes("node_modules"));
  const excluded = ["**/*.d.ts", "**/node_modules/**", ...sources.filter((path) => isTypesOnly(join(ROOT, path)))];
  const c8 = join(dirname(createRequire(import.meta.url).resolve("c8/package.json")), "bin", "c8.js");
  const { status } = spawnSync(
    process.execPath,
    [
      ...[c8, "report", "--all", "--exclude-after-remap", "--temp-directory", RAW, "--reports-dir", REPORT],
      ...["--reporter", "json-summary", "--reporter", "html"],
      ...MEASURED.flatMap((folder) => ["--include", `${folder}/**/*.ts`]),
      ...excluded.flatMap((path) => ["--exclude", path]),
    ],
    { cwd: ROOT, stdio: "inherit" },
  );
  if (status !== 0) throw new Error("c8 made no report");
  const summary: Record<string, FileSummary> = JSON.parse(readFileSync(join(REPORT, "coverage-summary.json"), "utf8"));
  return new Map(
    Object.entries(summary)
      .filter(([path]) => path !== "total")
      .map(([path, figures]) => [relative(ROOT, path).split(sep).join("/"), figures]),
  );
}

const COVERAGE: Manual = {
  name: "coverage",
  does: "Runs the suites and prints which share of lines and branches they ran; every line in build/coverage/index.html.",
  takes: "[PART OF A PATH ...]",
  options: { write: { type: "boolean", does: "bring the table of docs/reliability.md up to date" } },
  example: "mqtt-session",
  exits: { 0: "nothing failed", 1: "a test failed; the table is not written then" },
};

const argv = process.argv.slice(2);
process.exitCode = await runCommand(COVERAGE, argv, PROCESS_OUTPUT, async () => {
  const { values, positionals } = parseOptionsAndArguments(argv, COVERAGE.options);
  rmSync(REPORT, { recursive: true, force: true });
  mkdirSync(RAW, { recursive: true });
  const passed = runSuites(positionals);
  process.stderr.write("c8 counts what was run ...\n");
  dropOtherLoaders();
  const table = coverageTable(byFolder(report()));
  process.stdout.write(`\n${table}\n`);
  if (passed && values.write === true) writeFileSync(DOCUMENT, replaceTable(readFileSync(DOCUMENT, "utf8"), table));
  return passed ? 0 : 1;
});

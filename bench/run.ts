/**
 * The measurements: `npm run bench`, all or the named ones.
 *
 *     npm run bench -- load update --repeat 3 --json
 *
 * Tables on standard output; with `--json` the last line is one JSON object with all figures.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Manual,
  optionalInteger,
  optionalText,
  PROCESS_OUTPUT,
  parseOptionsAndArguments,
  type Running,
  runCommand,
  UsageError,
} from "../host-sim/command-line/index.js";
import { type Bench, type BenchOptions, type BenchReport, DEFAULT_OPTIONS } from "./bench.js";
import { thisMachine } from "./machine.js";
import { reportLines } from "./print.js";

/** Loaded when called for. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  boards: async () => (await import("./boards.js")).boards,
  fleet: async () => (await import("./fleet.js")).fleet,
  load: async () => (await import("./load.js")).load,
  patch: async () => (await import("./patch.js")).patch,
  peers: async () => (await import("./peers.js")).peers,
  update: async () => (await import("./update.js")).update,
};

/** Bounds of the options: the benches are for this machine's loopback, and end. */
const RANGES: Readonly<Record<keyof BenchOptions, { readonly min: number; readonly max: number }>> = {
  things: { min: 1, max: 2000 },
  rate: { min: 1, max: 1000 },
  boards: { min: 1, max: 10_000 },
  processes: { min: 1, max: 16 },
  size: { min: 400_000, max: 0x1f0000 },
  repeat: { min: 1, max: 20 },
};

const BENCH: Manual = {
  name: "bench",
  does: "Measures, and prints the figures as tables.",
  takes: `[${Object.keys(BENCHES).join(" | ")} ...]`,
  options: {
    things: {
      type: "string",
      value: "N",
      does: `things of the load bench, and a tenth of those of the fleet bench (default ${DEFAULT_OPTIONS.things})`,
    },
    rate: {
      type: "string",
      value: "N",
      does: `things a minute that its job is rolled out to (default ${DEFAULT_OPTIONS.rate})`,
    },
    boards: {
      type: "string",
      value: "N",
      does: `whole boards of the boards bench (default ${DEFAULT_OPTIONS.boards})`,
    },
    processes: { type: "string", value: "N", does: `that share them (default ${DEFAULT_OPTIONS.processes})` },
    size: { type: "string", value: "BYTES", does: `length of an image (default ${DEFAULT_OPTIONS.size})` },
    repeat: { type: "string", value: "N", does: `runs of each (default ${DEFAULT_OPTIONS.repeat})` },
    trace: {
      type: "string",
      value: "FILE.svg",
      does: "of the update bench: one update as a picture of what is busy when",
    },
    write: { type: "boolean", does: "the figures of the peers bench to bench/results.json, which the documents state" },
    json: { type: "boolean", does: "the last line is one JSON object with all figures" },
  },
  example: "update --repeat 3",
  exits: { 0: "every check holds", 1: "one does not, or a bench breaks" },
};

interface Wanted {
  readonly names: readonly string[];
  readonly options: BenchOptions;
  readonly json: boolean;
  readonly trace: string | undefined;
  readonly write: boolean;
}

const RESULTS = fileURLToPath(new URL("./results.json", import.meta.url));
/** Whose figures depend on nothing but the code: they can stand in the repository. */
const WRITTEN = "peers";

/** @throws UsageError */
function wantedBy(argv: readonly string[]): Wanted {
  const { values, positionals } = parseOptionsAndArguments(argv, BENCH.options);
  for (const name of positionals) {
    if (!Object.hasOwn(BENCHES, name))
      throw new UsageError(`unknown bench "${name}"; there are: ${Object.keys(BENCHES).join(", ")}`);
  }
  const number = (name: keyof BenchOptions) => optionalInteger(values, name, RANGES[name]) ?? DEFAULT_OPTIONS[name];
  const isWhole = values.size === undefined && (positionals.length === 0 || positionals.includes(WRITTEN));
  if (values.write === true && !isWhole)
    throw new UsageError(`--write is for the bench ${WRITTEN} at the usual size: its figures stand in the documents`);
  return {
    names: positionals.length === 0 ? Object.keys(BENCHES) : [...new Set(positionals)],
    options: {
      things: number("things"),
      rate: number("rate"),
      boards: number("boards"),
      processes: number("processes"),
      size: number("size"),
      repeat: number("repeat"),
    },
    json: values.json === true,
    trace: optionalText(values, "trace"),
    write: values.write === true,
  };
}

async function main(argv: readonly string[], { doing }: Running): Promise<number> {
  const { names, options, json, trace, write } = wantedBy(argv);
  const print = (lines: readonly string[]) => process.stdout.write(`${lines.join("\n")}\n`);
  const machine = thisMachine();
  print([
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`,
    "",
  ]);
  const results: Record<string, Pick<BenchReport, "checks" | "figures">> = {};
  let failed = false;
  if (trace !== undefined) {
    doing("one update is drawn");
    const { drawUpdate } = await import("./update/draw-update.js");
    writeFileSync(trace, await drawUpdate(options.size));
    print([`one update: ${trace}`]);
    if (argv.every((argument) => !Object.hasOwn(BENCHES, argument) || argument === "update")) return 0;
  }
  for (const name of names) {
    const bench = await BENCHES[name]?.();
    if (bench === undefined) continue;
    doing(`the bench ${name} runs`);
    const report = await bench.run(options, (line) => process.stderr.write(`${name}: ${line}\n`));
    print(reportLines(name, report));
    results[name] = { checks: report.checks, figures: report.figures };
    if (write && name === WRITTEN) writeFileSync(RESULTS, `${JSON.stringify(report.figures, null, 2)}\n`);
    failed ||= report.checks.some(({ ok }) => !ok);
  }
  if (json) print([JSON.stringify({ machine, options, benches: results })]);
  return failed ? 1 : 0;
}

const argv = process.argv.slice(2);
process.exitCode = await runCommand(BENCH, argv, PROCESS_OUTPUT, (running) => main(argv, running));

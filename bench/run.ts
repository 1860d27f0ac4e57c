/**
 * The measurements: `npm run bench`, all or the named ones.
 *
 *     npm run bench -- load update --repeat 3 --json
 *
 * Tables on standard output; with `--json` the last line is one JSON object with all figures.
 */
import {
  type Manual,
  optionalInteger,
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
  load: async () => (await import("./load.js")).load,
  patch: async () => (await import("./patch.js")).patch,
  update: async () => (await import("./update.js")).update,
};

/** Bounds of the options: the benches are for this machine's loopback, and end. */
const RANGES: Readonly<Record<keyof BenchOptions, { readonly min: number; readonly max: number }>> = {
  things: { min: 1, max: 2000 },
  rate: { min: 1, max: 1000 },
  size: { min: 300_000, max: 0x1f0000 },
  repeat: { min: 1, max: 20 },
};

const BENCH: Manual = {
  name: "bench",
  does: "Measures, and prints the figures as tables.",
  takes: `[${Object.keys(BENCHES).join(" | ")} ...]`,
  options: {
    things: { type: "string", value: "N", does: `things of the load bench (default ${DEFAULT_OPTIONS.things})` },
    rate: {
      type: "string",
      value: "N",
      does: `things a minute that its job is rolled out to (default ${DEFAULT_OPTIONS.rate})`,
    },
    size: { type: "string", value: "BYTES", does: `length of an image (default ${DEFAULT_OPTIONS.size})` },
    repeat: { type: "string", value: "N", does: `runs of each (default ${DEFAULT_OPTIONS.repeat})` },
    json: { type: "boolean", does: "the last line is one JSON object with all figures" },
  },
  example: "update --repeat 3",
  exits: { 0: "every check holds", 1: "one does not, or a bench breaks" },
};

interface Wanted {
  readonly names: readonly string[];
  readonly options: BenchOptions;
  readonly json: boolean;
}

/** @throws UsageError */
function wantedBy(argv: readonly string[]): Wanted {
  const { values, positionals } = parseOptionsAndArguments(argv, BENCH.options);
  for (const name of positionals) {
    if (!Object.hasOwn(BENCHES, name))
      throw new UsageError(`unknown bench "${name}"; there are: ${Object.keys(BENCHES).join(", ")}`);
  }
  const number = (name: keyof BenchOptions) => optionalInteger(values, name, RANGES[name]) ?? DEFAULT_OPTIONS[name];
  return {
    names: positionals.length === 0 ? Object.keys(BENCHES) : [...new Set(positionals)],
    options: {
      things: number("things"),
      rate: number("rate"),
      size: number("size"),
      repeat: number("repeat"),
    },
    json: values.json === true,
  };
}

async function main(argv: readonly string[], { doing }: Running): Promise<number> {
  const { names, options, json } = wantedBy(argv);
  const print = (lines: readonly string[]) => process.stdout.write(`${lines.join("\n")}\n`);
  const machine = thisMachine();
  print([
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`,
    "",
  ]);
  const results: Record<string, Pick<BenchReport, "checks" | "figures">> = {};
  let failed = false;
  for (const name of names) {
    const bench = await BENCHES[name]?.();
    if (bench === undefined) continue;
    doing(`the bench ${name} runs`);
    const report = await bench.run(options, (line) => process.stderr.write(`${name}: ${line}\n`));
    print(reportLines(name, report));
    results[name] = { checks: report.checks, figures: report.figures };
    failed ||= report.checks.some(({ ok }) => !ok);
  }
  if (json) print([JSON.stringify({ machine, options, benches: results })]);
  return failed ? 1 : 0;
}

const argv = process.argv.slice(2);
process.exitCode = await runCommand(BENCH, argv, PROCESS_OUTPUT, (running) => main(argv, running));

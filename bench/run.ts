/**
 * The measurements: `npm run bench`, all or the named ones.
 *
 *     npm run bench -- load update --repeat 3 --json
 *
 * Tables on standard output; with `--json` the last line is one JSON object with all figures. Exit code: 0 when every
 * check holds, 1 when one does not or a bench breaks, 2 after one line on standard error for bad arguments.
 */
import { parseArgs } from "node:util";
import { optionalInteger, UsageError } from "../host-sim/commands/command-line.js";
import { type Bench, type BenchOptions, type BenchReport, DEFAULT_OPTIONS } from "./bench.js";
import { thisMachine } from "./machine.js";
import { reportLines } from "./print.js";

/** Loaded when called for. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  load: async () => (await import("./load.js")).load,
  update: async () => (await import("./update.js")).update,
};

/** Bounds of the options: the benches are for this machine's loopback, and end. */
const RANGES: Readonly<Record<keyof BenchOptions, { readonly min: number; readonly max: number }>> = {
  things: { min: 1, max: 2000 },
  rate: { min: 1, max: 1000 },
  size: { min: 300_000, max: 0x1f0000 },
  repeat: { min: 1, max: 20 },
};

interface Wanted {
  readonly names: readonly string[];
  readonly options: BenchOptions;
  readonly json: boolean;
}

/** @throws UsageError */
function wantedBy(argv: readonly string[]): Wanted {
  const { values, positionals } = parsed(argv);
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

function parsed(argv: readonly string[]) {
  const texts = Object.fromEntries(Object.keys(RANGES).map((name) => [name, { type: "string" as const }]));
  try {
    const options = { ...texts, json: { type: "boolean" as const } };
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error instanceof Error ? error.message : String(error)).split(/\.\s|\n/)[0] ?? "");
  }
}

async function main(argv: readonly string[]): Promise<number> {
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
    const report = await bench.run(options, (line) => process.stderr.write(`${name}: ${line}\n`));
    print(reportLines(name, report));
    results[name] = { checks: report.checks, figures: report.figures };
    failed ||= report.checks.some(({ ok }) => !ok);
  }
  if (json) print([JSON.stringify({ machine, options, benches: results })]);
  return failed ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/**
 * The fuzz command: damaged input for every parser that meets bytes from outside.
 *
 *     npm run fuzz -- --seconds 60                          all targets, a fair share each
 *     npm run fuzz -- --seconds 600 --target image,url      some of them
 *     npm run fuzz -- --seed 7 --target image --cases 500   exactly one batch again
 *     npm run fuzz -- --list                                what there is
 */
import { inspect } from "node:util";
import {
  type Manual,
  nearestWord,
  optionalInteger,
  optionalText,
  PROCESS_OUTPUT,
  parseOptions,
  runCommand,
  UsageError,
} from "../../host-sim/command-line/index.js";
import { encodeFoundCase } from "../support/fuzz/found-case.js";
import { type FuzzResult, fuzz } from "../support/fuzz/fuzz-run.js";
import type { FuzzTarget } from "../support/fuzz/fuzz-target.js";
import { TARGETS } from "./targets/index.js";

/** Cases of one batch of a target of cost 1; each batch has a seed of its own, so that it can be run again alone. */
const BATCH_CASES = 2000;
/** A case that takes the processor longer than this is found as well. */
const SLOW_MS = 2000;
const DEFAULT_SECONDS = 60;
/** Says at least so often how far it is. */
const TELL_MS = 1500;
const MAX_NUMBER = 9_999_999_999;

type Tally = { cases: number; milliseconds: number; slowestMs: number; readonly verdicts: Map<string, number> };

const FUZZ: Manual = {
  name: "fuzz",
  does: "Feeds damaged input to every parser that meets bytes from outside.",
  options: {
    seconds: { type: "string", value: "N", does: `how long (default ${DEFAULT_SECONDS})` },
    seed: { type: "string", value: "S", does: "what the input is drawn from (default another one each time)" },
    target: { type: "string", value: "NAME,...", does: "these parsers (default all)" },
    cases: { type: "string", value: "N", does: "exactly one batch of so many cases" },
    list: { type: "boolean", does: "name the targets" },
  },
  example: "--target image --seed 7 --cases 500",
  exits: { 0: "nothing was found", 1: "a case broke an invariant" },
};

/** @throws UsageError */
function readOptions(args: readonly string[]) {
  const values = parseOptions(args, FUZZ.options);
  const whole = (name: string) => optionalInteger(values, name, { min: 0, max: MAX_NUMBER });
  const names = optionalText(values, "target")?.split(",");
  const known = TARGETS.map(({ name }) => name);
  const targets = (names ?? known).map((wanted) => {
    const target = TARGETS.find(({ name }) => name === wanted);
    if (target !== undefined) return target;
    const nearest = nearestWord(wanted, known);
    const hint = nearest === undefined ? "--list names them" : `did you mean ${nearest}?`;
    throw new UsageError(`no target is called ${wanted}; ${hint}`);
  });
  const seed = whole("seed") ?? Math.floor(Math.random() * 0x7fffffff);
  return { targets, seed, seconds: whole("seconds"), cases: whole("cases"), list: values.list === true };
}

function report(target: FuzzTarget, seed: number, cases: number, { failure }: FuzzResult): void {
  if (failure === undefined) return;
  const found = encodeFoundCase({
    target: target.name,
    found: "SAY WHAT WAS WRONG",
    verdict: "SAY WHAT IS RIGHT",
    input: failure.input,
  });
  process.stdout.write(
    `\n${target.name}: an invariant is broken\n${inspect(failure.error)}\n\n` +
      `the batch again:  npm run fuzz -- --target ${target.name} --seed ${seed} --cases ${cases}\n` +
      `once it is mended, keep it as a file in test/fixtures/fuzz:\n${found}`,
  );
}

function main(argv: readonly string[]): number {
  const { targets, seed, seconds, cases, list } = readOptions(argv);
  if (list) {
    for (const { name, reads } of targets) process.stdout.write(`${name.padEnd(18)} ${reads}\n`);
    return 0;
  }

  const tallies = new Map<FuzzTarget, Tally>(
    targets.map((target) => [target, { cases: 0, milliseconds: 0, slowestMs: 0, verdicts: new Map() }]),
  );
  const deadline = Date.now() + (seconds ?? DEFAULT_SECONDS) * 1000;
  let found = 0;
  const started = performance.now();
  let told = started;
  process.stdout.write(`seed ${seed}\n`);
  for (let round = 0; round === 0 || (cases === undefined && Date.now() < deadline); round++) {
    for (const [target, tally] of tallies) {
      if (round > 0 && Date.now() >= deadline) break;
      // A batch keeps the processor to itself, so that no clock could break the silence.
      if (performance.now() - told > TELL_MS) {
        const done = Math.round((performance.now() - started) / 1000);
        process.stderr.write(`  ${done} s of ${seconds ?? DEFAULT_SECONDS}: ${target.name}, round ${round + 1}\n`);
        told = performance.now();
      }
      const batch = cases ?? Math.ceil(BATCH_CASES / (target.cost ?? 1));
      const result = fuzz(target, { seed: seed + round, cases: batch });
      tally.cases += result.cases;
      tally.milliseconds += result.milliseconds;
      tally.slowestMs = Math.max(tally.slowestMs, result.slowest.milliseconds);
      for (const [verdict, count] of result.verdicts)
        tally.verdicts.set(verdict, (tally.verdicts.get(verdict) ?? 0) + count);
      if (result.slowest.milliseconds > SLOW_MS) {
        found += 1;
        const { milliseconds, length } = result.slowest;
        process.stdout.write(
          `${target.name}: ${milliseconds} ms for an input of ${length}, in batch ${seed + round}\n`,
        );
      }
      if (result.failure === undefined) continue;
      found += 1;
      report(target, seed + round, batch, result);
      // The same fault would be found again and again.
      tallies.delete(target);
    }
  }
  for (const [{ name }, tally] of tallies) {
    const verdicts = [...tally.verdicts]
      .sort((one, other) => other[1] - one[1])
      .map(([verdict, count]) => `${verdict} ${count}`);
    const columns = [
      name.padEnd(18),
      `${String(tally.cases).padStart(9)} cases`,
      `${(tally.milliseconds / 1000).toFixed(1).padStart(7)} s of the processor`,
      `at most ${tally.slowestMs.toFixed(0).padStart(3)} ms`,
    ];
    process.stdout.write(`${columns.join("  ")}  ${verdicts.join(", ")}\n`);
  }
  return found > 0 ? 1 : 0;
}

const argv = process.argv.slice(2);
process.exitCode = await runCommand(FUZZ, argv, PROCESS_OUTPUT, async () => main(argv));

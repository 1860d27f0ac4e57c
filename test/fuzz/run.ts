/**
 * The fuzz command: damaged input for every parser that meets bytes from outside.
 *
 *     npm run fuzz -- --seconds 60                          all targets, a fair share each
 *     npm run fuzz -- --seconds 600 --target image,url      some of them
 *     npm run fuzz -- --seed 7 --target image --cases 500   exactly one batch again
 *     npm run fuzz -- --list                                what there is
 *
 * Exit code: 0 when nothing was found, 1 when a case broke an invariant, 2 for bad arguments.
 */
import { inspect } from "node:util";
import { encodeFoundCase } from "../support/fuzz/found-case.js";
import { type FuzzResult, fuzz } from "../support/fuzz/fuzz-run.js";
import type { FuzzTarget } from "../support/fuzz/fuzz-target.js";
import { TARGETS } from "./targets/index.js";

/** Cases of one batch of a target of cost 1; each batch has a seed of its own, so that it can be run again alone. */
const BATCH_CASES = 2000;
/** A case that takes the processor longer than this is found as well. */
const SLOW_MS = 2000;
const DEFAULT_SECONDS = 60;

type Tally = { cases: number; milliseconds: number; slowestMs: number; readonly verdicts: Map<string, number> };

function usage(text: string): never {
  process.stderr.write(
    `${text}\nusage: npm run fuzz -- [--seconds N] [--seed S] [--target NAME,...] [--cases N] [--list]\n`,
  );
  process.exit(2);
}

function readOptions(args: readonly string[]) {
  const values = new Map<string, string>();
  for (let index = 0; index < args.length; index++) {
    const name = args[index] ?? "";
    if (!["--seconds", "--seed", "--target", "--cases", "--list"].includes(name)) usage(`unknown option ${name}`);
    values.set(name, name === "--list" ? "" : (args[++index] ?? usage(`${name} needs a value`)));
  }
  const whole = (name: string): number | undefined => {
    const text = values.get(name);
    if (text === undefined) return undefined;
    return /^\d{1,10}$/.test(text) ? Number(text) : usage(`${name} takes a whole number`);
  };
  const names = values.get("--target")?.split(",");
  const targets = (names ?? TARGETS.map(({ name }) => name)).map(
    (wanted) =>
      TARGETS.find(({ name }) => name === wanted) ?? usage(`no target is called ${wanted}; --list names them`),
  );
  const seed = whole("--seed") ?? Math.floor(Math.random() * 0x7fffffff);
  return { targets, seed, seconds: whole("--seconds"), cases: whole("--cases"), list: values.has("--list") };
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

const { targets, seed, seconds, cases, list } = readOptions(process.argv.slice(2));
if (list) {
  for (const { name, reads } of targets) process.stdout.write(`${name.padEnd(18)} ${reads}\n`);
  process.exit(0);
}

const tallies = new Map<FuzzTarget, Tally>(
  targets.map((target) => [target, { cases: 0, milliseconds: 0, slowestMs: 0, verdicts: new Map() }]),
);
const deadline = Date.now() + (seconds ?? DEFAULT_SECONDS) * 1000;
let found = 0;
process.stdout.write(`seed ${seed}\n`);
for (let round = 0; round === 0 || (cases === undefined && Date.now() < deadline); round++) {
  for (const [target, tally] of tallies) {
    if (round > 0 && Date.now() >= deadline) break;
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
      process.stdout.write(`${target.name}: ${milliseconds} ms for an input of ${length}, in batch ${seed + round}\n`);
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
process.exit(found > 0 ? 1 : 0);

/**
 * Cuts the power at every step of an update, and runs the whole firmware on until it is over.
 *
 *     npm run test:interruptions                              every single cut of every story
 *     npm run test:interruptions -- --story good              of one story
 *     npm run test:interruptions -- --every 5                 each fifth cut of every story
 *     npm run test:interruptions -- --pairs 500 --seed 7      500 pairs of cuts for each story, chosen by the seed
 *     npm run test:interruptions -- --story good --step 107 --where torn     one run again, with what the board says
 *
 * `--engine xs` runs the firmware on XS.
 */
import type { CutPlace, CutPlan } from "../host-sim/board/index.js";
import {
  type Manual,
  optionalInteger,
  optionalText,
  PROCESS_OUTPUT,
  parseOptions,
  type Running,
  repeatedText,
  runCommand,
  UsageError,
} from "../host-sim/command-line/index.js";
import { type Engine, engineByName, xsAvailable } from "../host-sim/engines/index.js";
import {
  cutArguments,
  describeCut,
  type Failure,
  INVARIANTS,
  runSet,
  runStory,
  type SetReport,
  STORY_NAMES,
  type Story,
  type StoryName,
  sampledCuts,
  sampledPairs,
  singleCuts,
  storyNamed,
  violationsOf,
} from "../host-sim/interruptions/index.js";
import { storyMakers } from "./support/story-makers.js";

const INTERRUPTIONS: Manual = {
  name: "test:interruptions",
  does: "Cuts the power at every step of an update, and runs the whole firmware on until it is over.",
  options: {
    story: { type: "string", value: "NAME", does: `one of ${STORY_NAMES.join(", ")} (default all)` },
    engine: { type: "string", value: "node|xs", does: "what runs the firmware (default node)" },
    every: { type: "string", value: "N", does: "only each Nth of the single cuts (default 1, all of them)" },
    pairs: { type: "string", value: "N", does: "so many pairs of cuts for each story, in place of every single cut" },
    seed: { type: "string", value: "S", does: "what the pairs are drawn from (default 1)" },
    step: { type: "string", multiple: true, value: "K", does: "one run again, cut at this step; needs --story" },
    where: { type: "string", multiple: true, value: "PLACE", does: "before, torn or after, for each --step" },
    variant: { type: "string", multiple: true, value: "V", does: "which torn state, for each --step" },
    json: { type: "boolean", does: "one JSON object for each story" },
  },
  example: "--story good --step 107 --where torn",
  exits: { 0: "every run kept every invariant", 1: "one did not" },
};
const MAX_STEP = 1_000_000;
const MAX_PAIRS = 1_000_000;
const PLACES: readonly string[] = ["before", "torn", "after"] satisfies CutPlace[];
/** Failures shown in full for each story. */
const SHOWN = 10;
const PLAIN_STEP_PERCENT = 10;

type Request = {
  readonly stories: readonly StoryName[];
  readonly engine: "node" | "xs";
  readonly every: number;
  readonly pairs: number | undefined;
  readonly seed: number;
  readonly cuts: readonly CutPlan[];
  readonly json: boolean;
};

function readRequest(argv: readonly string[]): Request {
  const values = parseOptions(argv, INTERRUPTIONS.options);
  const story = optionalText(values, "story");
  const engine = optionalText(values, "engine") ?? "node";
  const [step = [], where = [], variant = []] = ["step", "where", "variant"].map((each) => repeatedText(values, each));
  const name = STORY_NAMES.find((known) => known === story);
  if (story !== undefined && name === undefined)
    throw new UsageError(`--story ${story}: there are ${STORY_NAMES.join(", ")}`);
  if (engine !== "node" && engine !== "xs") throw new UsageError(`--engine ${engine}: there are node and xs`);
  const pairs = optionalInteger(values, "pairs", { min: 1, max: MAX_PAIRS });
  const every = optionalInteger(values, "every", { min: 1, max: MAX_STEP }) ?? 1;
  if (every > 1 && pairs !== undefined) throw new UsageError("--every is for single cuts, not for --pairs");
  const seed = optionalInteger(values, "seed", { min: 0, max: 0xffff_ffff }) ?? 1;
  if (step.length !== where.length) throw new UsageError("--step and --where go together");
  if (variant.length > 0 && variant.length !== step.length)
    throw new UsageError("--variant is given for every --step or for none");
  if (step.length > 0 && pairs !== undefined) throw new UsageError("--pairs and --step exclude each other");
  if (step.length > 0 && name === undefined) throw new UsageError("--step needs --story");
  const cuts = step.map((text, index): CutPlan => {
    const place = where[index];
    if (!isPlace(place)) throw new UsageError(`--where ${place}: there are ${PLACES.join(", ")}`);
    const planned = { step: whole("step", text, 1), where: place };
    const chosen = variant[index];
    return chosen === undefined ? planned : { ...planned, seed: whole("variant", chosen, 0) };
  });
  if (cuts.some((cut, index) => cut.step <= (cuts[index - 1]?.step ?? 0)))
    throw new UsageError("--step: the steps must rise");
  if (engine === "xs") {
    const xs = xsAvailable();
    if (!xs.available) throw new UsageError(`--engine xs: ${xs.reason}`);
  }
  return {
    stories: name === undefined ? STORY_NAMES : [name],
    engine,
    every,
    pairs,
    seed,
    cuts,
    json: values.json === true,
  };
}

function whole(name: string, text: string, min: number): number {
  return optionalInteger({ [name]: text }, name, { min, max: MAX_STEP }) ?? min;
}

function isPlace(text: string | undefined): text is CutPlace {
  return text !== undefined && PLACES.includes(text);
}

const write = (line: string): void => void process.stdout.write(`${line}\n`);

/** One run with everything the board says. */
async function again(story: Story, cuts: readonly CutPlan[], engine: Engine): Promise<boolean> {
  let start: number | undefined;
  const run = await runStory(story, {
    engine,
    cuts,
    onEvent: (event, now) => {
      start ??= now;
      const said = event.type === "trace" ? event.text : "";
      const reset = event.type === "reset" ? `${event.reason} ${event.message ?? ""}` : "";
      const booted =
        event.type === "boot"
          ? `${event.version ?? "nothing"} (${event.reason}): ${event.result.steps.join("; ")}`
          : "";
      write(
        `${String(now - start).padStart(9)} ms  ${event.type === "trace" ? "" : event.type} ${said}${reset}${booted}`.trimEnd(),
      );
    },
  });
  const { rest: idle } = await runStory(story, { engine });
  for (const cut of run.cuts) write(`cut ${describeCut(cut)}`);
  if (run.cuts.length < cuts.length)
    write(`${cuts.length - run.cuts.length} of the cuts did not happen: the run has ${run.steps.length} steps`);
  for (const { jobId, status, version } of run.endings) write(`${jobId} is ${status}, ${version} runs`);
  const violations = violationsOf(run, idle);
  for (const { invariant, detail } of violations) write(`broken: ${INVARIANTS[invariant]} (${invariant}): ${detail}`);
  if (violations.length === 0) write("every invariant holds");
  return violations.length === 0;
}

function tell(failure: Failure, story: Story, engine: string): void {
  for (const { invariant, detail } of failure.violations)
    write(`  broken: ${INVARIANTS[invariant]} (${invariant}): ${detail}`);
  for (const cut of failure.made) write(`    cut ${describeCut(cut)}`);
  const more = engine === "node" ? "" : ` --engine ${engine}`;
  write(`    npm run test:interruptions -- --story ${story.name} ${cutArguments(failure.cuts)}${more}`);
}

async function runAll(story: Story, request: Request, engine: Engine): Promise<SetReport & { readonly steps: number }> {
  const good = await runStory(story, { engine });
  const before = violationsOf(good);
  if (before.length > 0) throw new Error(`without a cut: ${JSON.stringify(before)}`);
  const { every, pairs, seed, json } = request;
  const lists =
    pairs === undefined
      ? sampledCuts(singleCuts(good.steps), every).map((cut) => [cut])
      : sampledPairs(good.steps, pairs, seed);
  if (!json)
    write(
      `${story.name}: ${good.steps.length} steps, ${lists.length} ${pairs === undefined ? "cuts" : `pairs of cuts, seed ${seed}`}`,
    );
  let shown = 0;
  let failed = 0;
  const report = await runSet(story, lists, {
    engine,
    good,
    onRun: (done, failure) => {
      if (json) return;
      if (failure !== undefined && ++failed <= SHOWN) tell(failure, story, request.engine);
      const percent = Math.floor((100 * done) / lists.length);
      if (Math.floor(percent / PLAIN_STEP_PERCENT) > Math.floor(shown / PLAIN_STEP_PERCENT))
        write(`  ${percent}% ${done} of ${lists.length}`);
      shown = percent;
    },
  });
  return { ...report, steps: good.steps.length };
}

async function main(argv: readonly string[], { doing }: Running): Promise<number> {
  const request = readRequest(argv);
  doing("the firmware is bundled");
  const make = await storyMakers();
  const engine = await engineByName(request.engine);
  let broken = 0;
  for (const name of request.stories) {
    const story = storyNamed(name, make);
    doing(`the story ${name} is run`);
    if (request.cuts.length > 0) return (await again(story, request.cuts, engine)) ? 0 : 1;
    const started = performance.now();
    const report = await runAll(story, request, engine);
    broken += report.failures.length;
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    if (request.json) {
      const bytes = story.first.bytes.length;
      const failures = report.failures.map(({ cuts, violations }) => ({ again: cutArguments(cuts), violations }));
      write(JSON.stringify({ story: name, engine: request.engine, imageBytes: bytes, ...report, failures, seconds }));
      continue;
    }
    const outcomes = Object.entries(report.outcomes).map(([outcome, count]) => `${count} ${outcome}`);
    const { most } = report;
    write(
      `  ${report.runs} runs in ${seconds} s: ${outcomes.join(", ")}; ${report.failures.length} broke an invariant`,
    );
    write(
      `  at most: ${most.httpBytes} bytes in ${most.httpRequests} requests, ${most.slotBytesErased} bytes erased, ` +
        `${most.otadataErases} otadata erases, ${most.recordStores} record stores, ${most.boots} boots`,
    );
  }
  return broken === 0 ? 0 : 1;
}

const argv = process.argv.slice(2);
process.exitCode = await runCommand(INTERRUPTIONS, argv, PROCESS_OUTPUT, (running) => main(argv, running));

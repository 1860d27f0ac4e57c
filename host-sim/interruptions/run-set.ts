import type { CutPlan } from "../board/steps.js";
import type { Engine, EngineName } from "../engines/index.js";
import { type Violation, violationsOf } from "./invariants.js";
import { runStory } from "./run-story.js";
import type { Story } from "./story.js";
import type { CutMade, StoryRun } from "./story-run.js";

/** A run that broke an invariant, with what runs it again. */
export type Failure = {
  readonly cuts: readonly CutPlan[];
  readonly made: readonly CutMade[];
  readonly violations: readonly Violation[];
};

const MEASURED = Object.freeze([
  "httpBytes",
  "httpRequests",
  "slotBytesErased",
  "otadataErases",
  "recordStores",
  "boots",
] as const);
/** What is measured of each run. */
export type Measure = (typeof MEASURED)[number];

/** What a set of runs showed. */
export type SetReport = {
  readonly runs: number;
  /** Runs in which the power was cut, by how often. */
  readonly cutsMade: number;
  /** How the executions ended, such as `SUCCEEDED` or `FAILED+SUCCEEDED`, and how often. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
  /** The largest value of each. */
  readonly most: Readonly<Record<Measure, number>>;
};

/** How a set of runs is made. */
export type SetOptions = {
  readonly engine: Engine | EngineName;
  /** A run without cuts: what a board at rest looks like. */
  readonly good: StoryRun;
  readonly onRun?: (done: number, failure: Failure | undefined) => void;
};

/** Runs a story once for each list of cuts and judges every run. */
export async function runSet(
  story: Story,
  lists: readonly (readonly CutPlan[])[],
  { engine, good, onRun }: SetOptions,
): Promise<SetReport> {
  const outcomes: Record<string, number> = {};
  const failures: Failure[] = [];
  const most: Record<Measure, number> = {
    httpBytes: 0,
    httpRequests: 0,
    slotBytesErased: 0,
    otadataErases: 0,
    recordStores: 0,
    boots: 0,
  };
  let [runs, cutsMade] = [0, 0];
  for (const cuts of lists) {
    const run = await runStory(story, { engine, cuts });
    const violations = violationsOf(run, good.rest);
    const failure = violations.length > 0 ? { cuts, made: run.cuts, violations } : undefined;
    if (failure !== undefined) failures.push(failure);
    const outcome = run.endings.map(({ status }) => status).join("+");
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    for (const name of MEASURED) most[name] = Math.max(most[name], run[name]);
    runs += 1;
    cutsMade += run.cuts.length;
    onRun?.(runs, failure);
  }
  return { runs, cutsMade, outcomes, failures, most };
}

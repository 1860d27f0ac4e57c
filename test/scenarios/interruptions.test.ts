import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { engineByName, nodeEngine } from "../../host-sim/engines/index.js";
import {
  cutArguments,
  INVARIANTS,
  runSet,
  runStory,
  STORY_NAMES,
  type StoryName,
  sampledCuts,
  sampledPairs,
  singleCuts,
  storyNamed,
  violationsOf,
} from "../../host-sim/interruptions/index.js";
import { storyMakers } from "../support/story-makers.js";
import { needXs, XS_TITLE } from "../support/xs-required.js";

const COMMAND = fileURLToPath(new URL("../interruptions.ts", import.meta.url));
const SET_TIMEOUT_MS = 600_000;
/** Each run of the tests makes every single cut of these, and each fifth of the others; the command makes all. */
const COMPLETE: readonly StoryName[] = ["good", "delta"];
const EVERY = 5;
/** Pairs of cuts for each story in every test run; `npm run test:interruptions -- --pairs N` does more. */
const PAIRS = 25;
/** Of the cuts on XS. */
const XS_CUTS = 8;

const everyOf = (name: StoryName): number => (COMPLETE.includes(name) ? 1 : EVERY);

type Answer = { readonly code: number | null; readonly out: string; readonly error: string };

/** The command as a user calls it. */
function call(...args: string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, COMMAND, ...args]);
    let [out, error] = ["", ""];
    child.stdout.on("data", (text) => {
      out += String(text);
    });
    child.stderr.on("data", (text) => {
      error += String(text);
    });
    child.on("close", (code) => resolve({ code, out, error }));
  });
}

describe("the power cut at every step", function () {
  this.timeout(SET_TIMEOUT_MS);
  /** The sets run beside one another, one for each processor. The longest begins first. */
  const sets = new Map<StoryName, Promise<Answer>>();

  before(() => {
    const waiting = [...STORY_NAMES].sort((a) => (COMPLETE.includes(a) ? -1 : 1));
    const resolvers = new Map<StoryName, (answer: Answer) => void>();
    for (const name of STORY_NAMES) sets.set(name, new Promise((resolve) => resolvers.set(name, resolve)));
    const work = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
        resolvers.get(name)?.(await call("--story", name, "--every", String(everyOf(name)), "--json"));
    };
    for (let lane = 0; lane < Math.max(1, availableParallelism()); lane++) void work();
  });

  for (const name of STORY_NAMES) {
    const each = everyOf(name) === 1 ? "every cut" : `each ${EVERY}th cut`;
    it(`leaves every invariant whole, ${each} of the story "${name}"`, async () => {
      const answer = await sets.get(name);
      assert.ok(answer !== undefined);
      const report: unknown = JSON.parse(answer.out.trim().split("\n").at(-1) ?? "null");
      assert.ok(
        typeof report === "object" && report !== null && "failures" in report && "runs" in report,
        answer.error,
      );
      assert.deepEqual(report.failures, [], `npm run test:interruptions -- --story ${name}`);
      assert.ok(Number(report.runs) > 300 / everyOf(name), `only ${report.runs} runs`);
      assert.equal(answer.code, 0, answer.error);
    });
  }
});

describe("the power cut twice", function () {
  this.timeout(SET_TIMEOUT_MS);

  for (const name of STORY_NAMES) {
    it(`leaves every invariant whole in ${PAIRS} pairs of cuts of the story "${name}"`, async () => {
      const story = storyNamed(name, await storyMakers());
      const engine = nodeEngine();
      const good = await runStory(story, { engine });
      const report = await runSet(story, sampledPairs(good.steps, PAIRS, 1), { engine, good });
      assert.deepEqual(
        report.failures.map(({ cuts, violations }) => [`--story ${name} ${cutArguments(cuts)}`, violations]),
        [],
      );
      assert.ok(report.cutsMade > PAIRS);
    });
  }
});

describe(`the power cut at some steps ${XS_TITLE}`, function () {
  this.timeout(SET_TIMEOUT_MS);
  before(needXs);

  for (const name of STORY_NAMES) {
    it(`leaves every invariant whole in ${XS_CUTS} cuts of the story "${name}"`, async () => {
      const story = storyNamed(name, await storyMakers());
      const engine = await engineByName("xs");
      const good = await runStory(story, { engine });
      assert.deepEqual(violationsOf(good), []);
      const cuts = singleCuts(good.steps);
      const sample = sampledCuts(cuts, Math.ceil(cuts.length / XS_CUTS));
      const report = await runSet(
        story,
        sample.map((cut) => [cut]),
        { engine, good },
      );
      assert.deepEqual(
        report.failures.map(({ cuts, violations }) => [
          `--engine xs --story ${name} ${cutArguments(cuts)}`,
          violations,
        ]),
        [],
      );
    });
  }
});

describe("the judge of interrupted updates", function () {
  this.timeout(SET_TIMEOUT_MS);

  it("takes the same steps and gives the same result for the same cuts", async () => {
    const story = storyNamed("good", await storyMakers());
    const cuts = [{ step: 80, where: "torn" }] as const;
    const [one, two] = [
      await runStory(story, { engine: "node", cuts }),
      await runStory(story, { engine: "node", cuts }),
    ];
    assert.deepEqual(one, two);
  });

  it("gives the same pairs for a seed, and a longer list begins with the shorter one", async () => {
    const { steps } = await runStory(storyNamed("good", await storyMakers()), { engine: "node" });
    assert.deepEqual(sampledPairs(steps, 50, 7).slice(0, 20), sampledPairs(steps, 20, 7));
    assert.notDeepEqual(sampledPairs(steps, 20, 8), sampledPairs(steps, 20, 7));
    for (const [first, second] of sampledPairs(steps, 200, 9)) assert.ok(first.step < second.step);
  });

  it("notices each broken invariant", async () => {
    const story = storyNamed("good", await storyMakers());
    const good = await runStory(story, { engine: "node" });
    const { rest, endings, terminal } = good;
    assert.ok(rest !== undefined);
    const broken = (change: Partial<typeof good>) =>
      new Set(violationsOf({ ...good, ...change }, rest).map(({ invariant }) => invariant));
    const [ending] = endings;
    const [sent] = terminal;
    assert.ok(ending !== undefined && sent !== undefined);
    const found = [
      broken({ rest: undefined }),
      broken({ seen: ["valid-image: x", "no-half-slot: x", "running-slot: x", "no-crash: x"] }),
      broken({ endings: [{ ...ending, version: "1.0.1" }] }),
      broken({ endings: [{ ...ending, settled: false }] }),
      broken({ endings: [{ ...ending, status: "FAILED", version: "1.0.1" }] }),
      broken({ terminal: [sent, sent] }),
      broken({ terminal: [] }),
      broken({ terminal: [sent, { ...sent, status: "FAILED" }] }),
      broken({ httpBytes: good.httpBytes + 65_536 }),
      broken({ slotBytesErased: good.slotBytesErased + 65_536 }),
      broken({ recordStores: good.recordStores + 10 }),
      broken({ rest: { ...rest, record: '{"job":{}}' } }),
      broken({ rest: { ...rest, timers: rest.timers + 1 } }),
      broken({ rest: { ...rest, connections: 2 } }),
      broken({ rest: { ...rest, nextVersion: "1.0.1" } }),
    ];
    for (const one of found) assert.ok(one.size > 0);
    assert.deepEqual(new Set(found.flatMap((one) => [...one])), new Set(Object.keys(INVARIANTS)));
  });

  it("answers a wrong call with one line and exit code 2", async () => {
    const wrong = [
      ["--story", "best"],
      ["--engine", "v8"],
      ["--pairs", "0"],
      ["--seed", "-1"],
      ["--step", "3"],
      ["--story", "good", "--step", "3", "--where", "inside"],
      ["--story", "good", "--step", "9", "--where", "torn", "--step", "3", "--where", "torn"],
      ["--frobnicate"],
    ];
    for (const args of wrong) {
      const { code, out, error } = await call(...args);
      assert.deepEqual([code, out, error.trim().split("\n").length], [2, "", 1], `${args.join(" ")}: ${error}`);
    }
  });

  it("runs one cut again and shows what the board says", async () => {
    const { code, out } = await call("--story", "good", "--step", "5", "--where", "after");
    assert.equal(code, 0);
    assert.match(out, /cut after step 5 .*\njob-1 is SUCCEEDED, 1\.0\.2 runs\nevery invariant holds\n$/);
  });
});

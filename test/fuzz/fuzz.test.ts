import assert from "node:assert/strict";
import { inspect } from "node:util";
import { fuzz } from "../support/fuzz/fuzz-run.js";
import type { FuzzTarget } from "../support/fuzz/fuzz-target.js";
import { TARGETS } from "./targets/index.js";

/** Cases of each seed for a target of cost 1: all targets and both seeds take some twenty seconds of a processor. */
const CASES = 2000;
const FIXED_SEED = 20_261_126;
/** Another one in every run: the suite finds what the fixed one cannot, and says how to see it again. */
const RANDOM_SEED = Math.floor(Math.random() * 0x7fffffff);

function verdictsOf(target: FuzzTarget, seed: number): ReadonlyMap<string, number> {
  const cases = Math.ceil(CASES / (target.cost ?? 1));
  const { failure, verdicts } = fuzz(target, { seed, cases });
  if (failure === undefined) return verdicts;
  const again = `npm run fuzz -- --target ${target.name} --seed ${seed} --cases ${cases}`;
  return assert.fail(`${inspect(failure.error)}\nagain, with the input to keep: ${again}`);
}

describe("damaged input", () => {
  for (const target of TARGETS) {
    it(`breaks no invariant of ${target.name} and reaches its depths, with a fixed seed`, () => {
      const verdicts = verdictsOf(target, FIXED_SEED);
      assert.deepEqual(
        target.reaches.filter((verdict) => !verdicts.has(verdict)),
        [],
        `only ${[...verdicts.keys()].join(", ")} were reached`,
      );
    });

    it(`breaks no invariant of ${target.name} with a random seed`, () => {
      verdictsOf(target, RANDOM_SEED);
    });
  }

  it("is made for targets of different names, each with something to reach", () => {
    const names = TARGETS.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)]);
    assert.deepEqual(
      TARGETS.filter(({ reaches }) => reaches.length === 0).map(({ name }) => name),
      [],
    );
  });
});

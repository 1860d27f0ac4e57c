import assert from "node:assert/strict";
import type { CutPlan, Step } from "../../host-sim/board/index.js";
import { StepCounter } from "../../host-sim/board/steps.js";
import { BoardHalt, GuestPanic } from "../../host-sim/engines/index.js";

function counter(plan?: CutPlan) {
  const log: string[] = [];
  let dead = false;
  const steps = new StepCounter(
    () => {
      dead = true;
      log.push("off");
    },
    () => dead,
  );
  steps.plan = plan;
  const perform = (tearable = true) =>
    steps.perform("store", "x", () => log.push("done"), tearable ? (seed) => log.push(`torn ${seed}`) : undefined);
  return { steps, log, perform };
}

describe("StepCounter", () => {
  it("numbers every effect and says whether it can be torn", () => {
    const { steps, perform } = counter();
    const seen: Step[] = [];
    steps.onStep = (step) => seen.push(step);
    perform();
    perform(false);
    assert.deepEqual(seen, [
      { number: 1, kind: "store", detail: "x", tearable: true },
      { number: 2, kind: "store", detail: "x", tearable: false },
    ]);
  });

  for (const [where, left] of [
    ["before", ["done", "off"]],
    ["torn", ["done", "torn 2", "off"]],
    ["after", ["done", "done", "off"]],
  ] as const) {
    it(`cuts the power ${where} a step`, () => {
      const { log, perform } = counter({ step: 2, where });
      perform();
      assert.throws(() => perform(), BoardHalt);
      assert.deepEqual(log, left);
    });
  }

  it("cuts before a step that has no torn state", () => {
    const { log, perform } = counter({ step: 1, where: "torn" });
    assert.throws(() => perform(false), BoardHalt);
    assert.deepEqual(log, ["off"]);
  });

  it("uses the seed of the plan for the torn state", () => {
    const { log, perform } = counter({ step: 1, where: "torn", seed: 77 });
    assert.throws(() => perform(), BoardHalt);
    assert.deepEqual(log, ["torn 77", "off"]);
  });

  it("performs nothing for a program that has ended", () => {
    const { steps, log, perform } = counter({ step: 1, where: "before" });
    assert.throws(() => perform(), BoardHalt);
    assert.throws(() => perform(), BoardHalt);
    assert.deepEqual(log, ["off"]);
    assert.equal(steps.count, 1);
  });

  it("cuts after a step in which the program crashed", () => {
    const { steps, log } = counter({ step: 1, where: "after" });
    assert.throws(
      () =>
        steps.perform("timer", "t", () => {
          throw new GuestPanic("crash");
        }),
      BoardHalt,
    );
    assert.deepEqual(log, ["off"]);
  });

  it("passes on an error that is the simulator's own", () => {
    const { steps } = counter({ step: 1, where: "after" });
    const wrong = () => {
      throw new RangeError("mistake");
    };
    assert.throws(() => steps.perform("timer", "t", wrong), RangeError);
  });
});

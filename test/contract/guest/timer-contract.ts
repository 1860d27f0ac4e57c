import type { Program } from "./harness.js";
import { Timer } from "./sdk.js";

export const timerContract: readonly Program[] = [
  {
    name: "timer: the callback comes on a later turn and gets the id",
    run(check) {
      let returned = false;
      const id = Timer.set(
        check.callback((given: unknown) => {
          check.ok(returned, "after set() returned");
          check.ok(given === id, "the id");
          check.ok(typeof id === "object", "the id is an object");
          check.done();
        }),
      );
      returned = true;
    },
  },
  {
    name: "timer: timers run in the order of their times",
    run(check) {
      const order: number[] = [];
      for (const ms of [60, 20, 40]) check.after(ms, () => order.push(ms));
      check.after(120, () => {
        check.equal(order.join(" "), "20 40 60", "order");
        check.done();
      });
    },
  },
  {
    name: "timer: a cleared timer stays silent, and clearing it again, or nothing, is fine",
    run(check) {
      let calls = 0;
      const id = Timer.set(() => {
        calls += 1;
      }, 10);
      Timer.clear(id);
      Timer.clear(id);
      Timer.clear(undefined);
      check.after(60, () => {
        check.equal(calls, 0, "calls");
        check.done();
      });
    },
  },
  {
    name: "timer: repeat goes on until it is cleared inside its callback",
    run(check) {
      let calls = 0;
      const id = Timer.repeat(() => {
        calls += 1;
        if (calls === 3) Timer.clear(id);
      }, 10);
      check.after(200, () => {
        check.equal(calls, 3, "calls");
        check.done();
      });
    },
  },
  {
    name: "timer: schedule moves a timer",
    run(check) {
      const start: number[] = [];
      const id = Timer.set(() => start.push(1), 20);
      Timer.schedule(id, 120);
      check.after(70, () => check.equal(start.length, 0, "not yet"));
      check.after(220, () => {
        check.equal(start.length, 1, "then");
        check.done();
      });
    },
  },
  {
    name: "timer: set without a callback throws SyntaxError",
    run(check) {
      check.throws(() => Timer.set(), "SyntaxError", undefined, "no arguments");
      check.done();
    },
  },
];

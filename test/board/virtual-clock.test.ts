import assert from "node:assert/strict";
import { VirtualClock } from "../../host-sim/board/index.js";

describe("VirtualClock", () => {
  it("runs events in order of time, those of one instant in order of planning", () => {
    const clock = new VirtualClock(1000);
    const seen: string[] = [];
    for (const [ms, name] of [
      [30, "d"],
      [10, "a"],
      [20, "b"],
      [20, "c"],
    ] as const) {
      clock.after(ms, () => seen.push(`${name}${clock.now() - 1000}`));
    }
    clock.advance(25);
    assert.deepEqual(seen, ["a10", "b20", "c20"]);
    assert.equal(clock.now(), 1025);
    assert.equal(clock.pending, 1);
  });

  it("keeps the order of many events", () => {
    const clock = new VirtualClock(0);
    const seen: number[] = [];
    for (let index = 0; index < 500; index += 1) clock.after((index * 7919) % 503, () => seen.push(clock.now()));
    clock.advance(1000);
    assert.deepEqual(
      seen,
      [...seen].sort((one, other) => one - other),
    );
    assert.equal(seen.length, 500);
  });

  it("does not run what was cancelled, and cancelling twice is fine", () => {
    const clock = new VirtualClock(0);
    const cancel = clock.after(5, () => assert.fail("cancelled"));
    cancel();
    cancel();
    assert.equal(clock.pending, 0);
    assert.equal(clock.step(), false);
  });

  it("never runs an event inside after()", () => {
    const clock = new VirtualClock(0);
    let ran = false;
    clock.after(0, () => {
      ran = true;
    });
    assert.equal(ran, false);
    clock.step();
    assert.equal(ran, true);
  });

  it("runs late what became due while the board was busy", () => {
    const clock = new VirtualClock(0);
    const seen: number[] = [];
    clock.after(10, () => seen.push(clock.now()));
    clock.block(50);
    clock.step();
    assert.deepEqual(seen, [50]);
  });

  it("lets what happens elsewhere happen while the board is busy", () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name} ${clock.exact}`);
    clock.at(5, note("board"));
    clock.elsewhere(10.5, () => {
      note("elsewhere")();
      clock.elsewhere(20, note("there again"));
      clock.after(0, note("board again"));
    });
    clock.elsewhere(60, note("later"));
    clock.block(50);
    assert.deepEqual(seen, ["elsewhere 10.5", "there again 20"]);
    clock.advance(20);
    assert.deepEqual(seen.slice(2), ["board 50", "board again 50", "later 60"]);
  });

  it("gives up when the condition does not come true in time", () => {
    const clock = new VirtualClock(0);
    const again = () => void clock.after(10, again);
    again();
    assert.equal(
      clock.runUntil(() => false, 100),
      false,
    );
    assert.equal(clock.now(), 100);
  });

  it("gives up when nothing waits", () => {
    assert.equal(
      new VirtualClock(0).runUntil(() => false, 100),
      false,
    );
  });

  it("treats a delay that is no number as none", () => {
    const clock = new VirtualClock(0);
    clock.after(Number.NaN, () => {});
    clock.after(-5, () => {});
    clock.advance(0);
    assert.equal(clock.pending, 0);
  });
});

import assert from "node:assert/strict";
import { RetryPause } from "../../modules/foundation/retry-pause.js";
import type { TimerId, TimerPort } from "../../modules/foundation/timer-port.js";

const BOUNDS = { baseMs: 1000, capMs: 5000 };

/** A pause with the longest delays, and what its timer was asked for. */
function bench() {
  const delays: number[] = [];
  const waiting = new Map<TimerId, () => void>();
  const timer: TimerPort = {
    set(callback, milliseconds = 0) {
      const id = {};
      delays.push(milliseconds);
      waiting.set(id, callback);
      return id;
    },
    clear: (id) => void (id !== undefined && waiting.delete(id)),
  };
  return { delays, waiting, pause: new RetryPause({ timer, random: () => 1 - Number.EPSILON }, BOUNDS) };
}

describe("the pause before another attempt", () => {
  it("grows with each failure in a row, up to its cap, and begins anew after a success", () => {
    const { delays, pause } = bench();
    for (let failure = 0; failure < 4; failure += 1) pause.begin(() => {});
    pause.succeeded();
    pause.begin(() => {});
    assert.deepEqual(delays, [1000, 2000, 4000, 5000, 1000]);
  });

  it("says when it is over, unless it is ended", () => {
    const { waiting, pause } = bench();
    let over = 0;
    pause.end();
    pause.begin(() => (over += 1));
    for (const callback of waiting.values()) callback();
    assert.equal(over, 1);
    waiting.clear();
    pause.begin(() => (over += 1));
    pause.end();
    assert.equal(waiting.size, 0);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { ageInDays, buildTimeOf } from "../../modules/ota-partition/index.js";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY = 86_400_000;

describe("when an image was built", () => {
  it("is read as C compilers write it, a day below ten with a space", () => {
    assert.equal(buildTimeOf({ date: "Nov  6 2026", time: "07:08:09" }), Date.UTC(2026, 10, 6, 7, 8, 9));
    assert.equal(buildTimeOf({ date: "Feb 29 2028", time: "23:59:59" }), Date.UTC(2028, 1, 29, 23, 59, 59));
  });

  it("is what was written, for every second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_799 }), (seconds) => {
        const at = new Date(seconds * 1000);
        const day = String(at.getUTCDate()).padStart(2, " ");
        const date = `${MONTHS[at.getUTCMonth()]} ${day} ${at.getUTCFullYear()}`;
        assert.equal(buildTimeOf({ date, time: at.toISOString().slice(11, 19) }), seconds * 1000);
      }),
    );
  });

  for (const [date, time] of [
    ["", ""],
    ["Nov 6 2026", "07:08:09"],
    ["nov  6 2026", "07:08:09"],
    ["Nob  6 2026", "07:08:09"],
    ["anF  6 2026", "07:08:09"],
    ["Feb 29 2026", "07:08:09"],
    ["Feb  0 2026", "07:08:09"],
    ["2026-11-06", "07:08:09"],
    ["Nov  6 2026", "7:08:09"],
    ["Nov  6 2026", "24:00:00"],
    ["Nov  6 2026", ""],
  ] as const)
    it(`is unknown: ${JSON.stringify(date)} ${JSON.stringify(time)}`, () =>
      assert.equal(buildTimeOf({ date, time }), undefined));

  it("gives an age in whole days, below zero for the future", () => {
    assert.deepEqual(
      [0, DAY - 1, DAY, -1, -DAY].map((passed) => ageInDays(1000, 1000 + passed)),
      [0, 0, 1, -1, -1],
    );
  });
});

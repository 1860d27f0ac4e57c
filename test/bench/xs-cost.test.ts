import assert from "node:assert/strict";
import { costOfEachKib } from "../../bench/xs-cost/measure-cost.js";
import { needXs, XS_TITLE } from "../support/xs-required.js";

const SMALL = 400_000;
const LARGE = 800_000;
/** Of the ESP32's 16 bytes. */
const SLOTS_MORE = 200;

describe(`what the download costs ${XS_TITLE}`, () => {
  before(needXs);

  it("is about what the SDK's own loop costs, the same for each KiB, and next to no garbage collection", async () => {
    const plain = await costOfEachKib("plain", SMALL);
    const ours = await costOfEachKib("ours", SMALL);
    const larger = await costOfEachKib("ours", LARGE);
    const said = JSON.stringify({ plain, ours, larger });
    assert.ok(ours.perKib.computed <= 1.3 * plain.perKib.computed, said);
    assert.ok(ours.perKib.slots <= plain.perKib.slots + SLOTS_MORE, said);
    assert.ok(Math.abs(larger.perKib.slots / ours.perKib.slots - 1) < 0.1, said);
    assert.ok(Math.abs(larger.perKib.computed / ours.perKib.computed - 1) < 0.1, said);
    assert.ok(ours.collections <= plain.collections + 1, said);
  }).timeout(120_000);
});

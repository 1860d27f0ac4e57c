import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Row, SIZES } from "../../bench/peers/matrix.js";
import { costTable, markdown, patchTable, timeTable } from "../../bench/peers/tables.js";
import { checksOf } from "../../bench/peers.js";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe("the figures beside the peers'", () => {
  const { rows, patches }: { rows: Row[]; patches: Row[] } = JSON.parse(read("bench/results.json"));
  const page = read("docs/performance.md");

  it("stand in docs/performance.md as bench/results.json has them", () => {
    assert.ok(page.includes(markdown(timeTable(rows))), "npm run bench -- peers --write, and the table of times anew");
    assert.ok(page.includes(markdown(costTable(rows, 1_048_576, "4 Mbit/s, 50 ms"))), "the table of costs anew");
    assert.ok(page.includes(markdown(patchTable(patches))), "the table of patches anew");
  });

  it("are of every length, link, trouble and way", () => {
    assert.equal(rows.length, SIZES.length * 4 * 3 * 5);
    assert.ok(rows.every(({ ms, share }) => ms > 0 && share > 0));
  });

  it("hold what the bench checks", () => {
    assert.deepEqual(
      checksOf(rows).filter(({ ok }) => !ok),
      [],
    );
  });
});

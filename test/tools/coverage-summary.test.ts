import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { byFolder, coverageTable, replaceTable } from "../../tools/coverage/summary.js";

const file = (lines: [number, number], branches: [number, number]) => ({
  lines: { covered: lines[0], total: lines[1] },
  branches: { covered: branches[0], total: branches[1] },
});

const rows = byFolder(
  new Map([
    ["src/main.ts", file([0, 10], [0, 1])],
    ["src/esp32/network-link.ts", file([0, 30], [0, 3])],
    ["modules/aws-jobs/topics.ts", file([10, 10], [4, 4])],
    ["modules/aws-jobs/sub/fields.ts", file([5, 10], [0, 4])],
    ["host-sim/cli.ts", file([1, 1], [0, 0])],
  ]),
);

describe("the table of coverage", () => {
  it("adds up the files of a module, of src, and of all, with the sum last", () => {
    assert.deepEqual(rows, [
      { folder: "host-sim", files: 1, ...file([1, 1], [0, 0]) },
      { folder: "modules/aws-jobs", files: 2, ...file([15, 20], [4, 8]) },
      { folder: "src", files: 2, ...file([0, 40], [0, 4]) },
      { folder: "all", files: 5, ...file([16, 61], [4, 12]) },
    ]);
  });

  it("shows shares with one digit, and none of nothing", () => {
    const lines = coverageTable(rows).split("\n");
    assert.equal(lines[2], "| `host-sim` | 1 | 1 | 100.0 % | 0 | - |");
    assert.equal(lines.at(-1), "| all | 5 | 61 | 26.2 % | 12 | 33.3 % |");
  });

  it("takes the place between its marks in a document, whatever stood there", () => {
    const document = (table: string) => `before\n<!-- coverage -->\n${table}\n<!-- end of coverage -->\nbehind $1\n`;
    assert.equal(replaceTable(document("| old |\n| table |"), "| $1 |"), document("| $1 |"));
    assert.throws(() => replaceTable("no marks", "| new |"), /no place/);
  });

  it("finds its place in docs/reliability.md", () => {
    const text = readFileSync(new URL("../../docs/reliability.md", import.meta.url), "utf8");
    assert.match(replaceTable(text, "| here |"), /<!-- coverage -->\n\| here \|\n<!-- end of coverage -->/);
  });
});

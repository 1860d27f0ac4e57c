import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { fleet } from "../../bench/fleet.js";
import { load } from "../../bench/load.js";
import { peers } from "../../bench/peers.js";
import { update } from "../../bench/update.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TINY = { things: 5, rate: 1000, boards: 3, processes: 2, size: 400_000, repeat: 1 };

describe("benches at a tiny size", () => {
  for (const [name, bench] of Object.entries({ update, load, fleet, peers }))
    it(`${name} runs, and everything it checks holds`, async () => {
      const report = await bench.run(TINY, () => {});
      assert.deepEqual(
        report.checks.filter(({ ok }) => !ok),
        [],
      );
      assert.ok(report.checks.length >= 3);
      for (const { columns, rows } of report.tables) for (const row of rows) assert.equal(row.length, columns.length);
    }).timeout(120_000);

  for (const args of [
    ["bogus"],
    ["load", "--things", "0"],
    ["update", "--size", "x"],
    ["update", "--write"],
    ["peers", "--size", "500000", "--write"],
    ["--bogus"],
  ])
    it(`npm run bench refuses ${args.join(" ")} with one line and exit code 2`, () => {
      const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
      const program = ["--import", loader, "bench/run.ts", ...args];
      const { status, stdout, stderr } = spawnSync(process.execPath, program, { cwd: ROOT, encoding: "utf8" });
      assert.equal(status, 2, stderr);
      assert.equal(stdout, "");
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
    });
});

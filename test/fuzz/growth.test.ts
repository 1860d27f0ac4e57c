import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const PROGRAM = fileURLToPath(new URL("./growth-program.ts", import.meta.url));
/** The longer input is four times as long; a quarter more is left for what does not grow evenly. */
const MOST = 5;

function counts(): [name: string, short: number, long: number][] {
  // Whoever measures the coverage of the tests does not want that of this program.
  const { NODE_V8_COVERAGE: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", LOADER, PROGRAM], {
    encoding: "utf8",
    env,
  });
  assert.equal(status, 0, stderr);
  const found: Record<string, [number, number]> = JSON.parse(stdout);
  return Object.entries(found).map(([name, [short, long]]) => [name, short, long]);
}

describe("the work of parsers", () => {
  it("grows no faster than hostile input does, by blocks of code that ran", () => {
    const found = counts();
    assert.ok(found.length > 15);
    for (const [name, short, long] of found) {
      assert.ok(short > 0, `${name}: nothing ran`);
      assert.ok(long <= MOST * short, `${name}: ${short} blocks, and ${long} for input four times as long`);
    }
    assert.ok(
      found.some(([, short, long]) => long > 3 * short),
      "what grows is counted",
    );
  });
});

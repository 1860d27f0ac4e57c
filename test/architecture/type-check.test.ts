import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ROOT } from "./source-tree.js";

const require = createRequire(import.meta.url);

function run(packageName: string, bin: string, ...args: string[]): { status: number | null; text: string } {
  const program = join(dirname(require.resolve(`${packageName}/package.json`)), bin);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: ROOT, encoding: "utf8" });
  return { status, text: stdout + stderr };
}

describe("the sources as a whole", () => {
  it("type-check under the one strict configuration", () => {
    const { status, text } = run("typescript", "bin/tsc", "--noEmit");
    assert.equal(status, 0, text);
  });

  it("are formatted and pass the linter", () => {
    const { status, text } = run("@biomejs/biome", "bin/biome", "check", "--error-on-warnings", ".");
    assert.equal(status, 0, text);
  });
});

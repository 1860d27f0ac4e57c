import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGE = new URL("../../host-sim/cloud/", import.meta.url);
const text = readFileSync(new URL("README.md", PACKAGE), "utf8");

describe("the README of local-aws-iot", () => {
  let dir = "";
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "local-aws-readme-"));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it("has an example that runs as it stands and prints what it says", () => {
    const code = /```js\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
    const printed = /It prints\n\n((?: {4}.*\n)+)/.exec(text)?.[1]?.replace(/^ {4}/gm, "");
    const program = code.replace('".state/aws"', JSON.stringify(dir));
    assert.notEqual(program, code, "the example's folder is another one here");
    const args = ["--import", "tsx", "--input-type=module", "-e", program];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.equal(stdout, printed);
  }).timeout(60_000);

  it("names every way in that the package exports", () => {
    const { name, exports } = JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8"));
    const ways = Object.keys(exports).map((way) => `| \`${name}${way.slice(1)}\` |`);
    assert.ok(ways.length > 1);
    assert.deepEqual(
      ways.filter((way) => !text.includes(way)),
      [],
    );
  });
});

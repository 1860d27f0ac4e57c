import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(read("package.json"));

/** Programs of others, with manners of their own. */
const FOREIGN = ["check", "format", "docs"];

/** Rows of the table in docs/commands.md: what the command does, and its exit codes. */
const documented = new Map(
  [...read("docs/commands.md").matchAll(/^\| `([\w:]+)` \| (.*) \| (.*) \|$/gm)].map(
    ([, name = "", does, exits = ""]) => [name, { does, exits: exits.split("<br>") }],
  ),
);

/** The program of a script, without the installing before it: that has tests of its own. */
function run(name: string, ...argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const [, , program = "", ...fixed] = scripts[name]?.split(" ") ?? [];
  const child = spawn(process.execPath, [...process.execArgv, join(ROOT, program), ...fixed, ...argv], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, MODDABLE: "" },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

describe("the commands' manners", () => {
  it("are said of every npm script in docs/commands.md, in that order", () => {
    assert.deepEqual([...documented.keys()], Object.keys(scripts));
  });

  for (const name of Object.keys(scripts).filter((script) => !FOREIGN.includes(script))) {
    it(`${name} has a page with one example and the exit codes that docs/commands.md has`, async () => {
      const { code, out, err } = await run(name, "--help");
      assert.equal(code, 0, err);
      assert.equal(err, "");
      const lines = out.split("\n");
      const call = ["start", "test"].includes(name) ? `npm ${name}` : `npm run ${name}`;
      assert.equal(lines.filter((line) => line.startsWith(`usage: ${call} -- `)).length, 1);
      assert.equal(lines.filter((line) => line.startsWith(`example: ${call}`)).length, 1);
      const exits = lines.slice(lines.indexOf("exit codes:") + 1).filter((line) => line !== "");
      assert.deepEqual(documented.get(name), {
        does: lines[0],
        exits: exits.map((line) => line.trim().replace(/ {2}/, ": ")),
      });
      assert.equal(out.includes("\u001b"), false, "colour in a pipe");
    });

    it(`${name} refuses an option that it has not, in one line`, async () => {
      const { code, out, err } = await run(name, "--hlep");
      assert.equal(code, 2, err);
      assert.equal(out, "");
      assert.match(err, /^\S+: Unknown option '--hlep'; did you mean --help\?\n$/);
    });
  }
});

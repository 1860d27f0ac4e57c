import assert from "node:assert/strict";
import { helpLines, type Manual, parseOptions, runCommand, UsageError } from "../../host-sim/command-line/index.js";

const MANUAL: Manual = {
  name: "paint",
  does: "Paints a board.",
  takes: "BOARD",
  options: {
    colour: { type: "string", value: "NAME", does: "which one (default white)" },
    coat: { type: "string", multiple: true, does: "one more" },
    dry: { type: "boolean", does: "wait until it is dry" },
  },
  example: "--colour red board-1",
  exits: { 0: "it is painted", 130: "Ctrl-C" },
};

async function run(argv: readonly string[], body: () => Promise<number> = async () => 0) {
  const [out, err]: [string[], string[]] = [[], []];
  const output = { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) };
  const code = await runCommand(MANUAL, argv, output, body);
  return { code, out, err };
}

describe("a command", () => {
  for (const argv of [["--help"], ["-h"], ["--colour", "red", "--help"]]) {
    it(`prints its page and does nothing with ${argv.join(" ")}`, async () => {
      const { code, out, err } = await run(argv, () => assert.fail("it ran"));
      assert.deepEqual([code, err], [0, []]);
      assert.deepEqual(out, [
        "Paints a board.",
        "",
        "usage: npm run paint -- [OPTION ...] BOARD",
        "",
        "  --colour NAME    which one (default white)",
        "  --coat TEXT ...  one more",
        "  --dry            wait until it is dry",
        "  --help           this page",
        "",
        "example: npm run paint -- --colour red board-1",
        "",
        "exit codes:",
        "    0  it is painted",
        "    1  it failed, and a line says why",
        "    2  a mistake of the caller; nothing was done",
        "  130  Ctrl-C",
      ]);
    });
  }

  it("is called without run where npm knows it", () => {
    assert.match(helpLines({ ...MANUAL, name: "start" }).join("\n"), /^usage: npm start -- /m);
  });

  it("gives the code of what it does", async () => {
    assert.deepEqual(await run([], async () => 7), { code: 7, out: [], err: [] });
  });

  for (const [title, error, code] of [
    ["a mistake of the caller", new UsageError("--colour is missing\nand more"), 2],
    ["any other failure", new Error("the paint is dry\nand more"), 1],
  ] as const) {
    it(`says ${title} in one line that begins with its name, exit code ${code}`, async () => {
      const result = await run([], () => Promise.reject(error));
      assert.deepEqual(result, { code, out: [], err: [`paint: ${error.message.split("\n")[0]}`] });
    });
  }

  for (const [argv, text] of [
    [["--color", "red"], "Unknown option '--color'; did you mean --colour?"],
    [["--hlep"], "Unknown option '--hlep'; did you mean --help?"],
    [["--quickly"], "Unknown option '--quickly'; --help names the options"],
    [["-x"], "Unknown option '-x'; --help names the options"],
    [["--colour"], "Option '--colour <value>' argument missing"],
    [["--colour", "a", "--colour", "b"], "--colour was given 2 times"],
  ] as const) {
    it(`refuses ${argv.join(" ")}: ${text}`, () => {
      assert.throws(() => parseOptions(argv, MANUAL.options), new UsageError(text));
    });
  }
});

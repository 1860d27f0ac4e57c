import assert from "node:assert/strict";
import { COMMANDS, EXIT_TEXTS } from "../../operator/commands/index.js";
import { fota } from "./support/fota.js";
import { OperatedCloud } from "./support/operated-cloud.js";

describe("fota", function () {
  this.timeout(60_000);
  const operated = new OperatedCloud();
  after(() => operated.stop());

  it("lists its commands and exit codes, also where nothing was said", async () => {
    const [page, bare] = [await fota(["--help"]), await fota([])];
    assert.deepEqual([page.code, page.err], [0, ""]);
    assert.equal(bare.out, page.out);
    for (const name of Object.keys(COMMANDS)) assert.match(page.out, new RegExp(`^ {2}${name} +[A-Z]`, "m"));
    for (const [code, text] of Object.entries(EXIT_TEXTS)) assert.ok(page.out.includes(`${code}  ${text}`), code);
  });

  for (const name of Object.keys(COMMANDS)) {
    it(`${name} has a page with an example and its exit codes`, async () => {
      const { code, out, err } = await operated.here(name, "--help");
      assert.deepEqual([code, err], [0, ""]);
      const lines = out.split("\n");
      assert.match(lines[0] ?? "", /^[A-Z].*\.$/);
      assert.equal(lines.filter((line) => line.startsWith(`usage: fota ${name} [OPTION ...]`)).length, 1);
      assert.equal(lines.filter((line) => line.startsWith(`example: fota ${name}`)).length, 1);
      const exits = lines.slice(lines.indexOf("exit codes:") + 1).filter((line) => line !== "");
      for (const exit of ["0", "1", "2"])
        assert.ok(
          exits.some((line) => line.trim().startsWith(`${exit}  `)),
          exit,
        );
      assert.ok(
        lines.every((line) => line.length <= 120),
        "120 columns",
      );
    });

    it(`${name} refuses an option that it has not, and names the nearest`, async () => {
      const { code, out, err } = await operated.here(name, "--jsno", "x");
      assert.deepEqual([code, out, err], [2, "", "fota: Unknown option '--jsno'; did you mean --json?\n"]);
    });
  }

  for (const [argv, message] of [
    [["pubish"], /^fota: unknown command "pubish"; did you mean publish\?\n/],
    [["--hlep"], /^fota: Unknown option '--hlep'; did you mean --help\?\n$/],
    [["watch"], /^fota: missing required argument 'job'\n$/],
    [["watch", "a", "b"], /^fota: too many arguments/],
    [["keygen", "--out"], /^fota: option '--out <DIR>' argument missing\n$/],
  ] as const) {
    it(`refuses ${argv.join(" ")}`, async () => {
      const { code, err } = await fota(argv);
      assert.match(err, message);
      assert.equal(code, 2);
    });
  }

  it("says so where there are no credentials, no region, or nobody who answers", async () => {
    const without = await fota(["status"], { env: { AWS_REGION: "eu-west-1" } });
    assert.equal(without.code, 3);
    assert.match(
      without.err,
      /^fota: AWS does not know these credentials, or there are none \(CredentialsProviderError\)\n/,
    );
    const keys = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y" };
    const nowhere = await fota(["status"], { env: keys });
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.err, /^fota: no region is set\n {2}--region REGION, or AWS_REGION\n/);
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../support/run-command.js";

/** A download that a dead server interrupted twice, power that went, an image that crashed. */
const JOURNAL = `journal 1
0 boot power-on 1.0.1 ota_0 VALID
2 link up
2 job job-7 1
2 state deciding offered
2 state starting accepted
3 state downloading started
33 retry idle-timeout 90112
40 retry disconnected 120000
0 boot power-on 1.0.1 ota_0 VALID
0 state resuming resume-found
2 link up
2 job job-7 1
2 state starting resumed
3 state downloading started
9 state verifying downloaded
10 state installing verified
10 state installed boot-flag-set
0 boot software 1.0.2 ota_1 PENDING_VERIFY
0 state testing first-boot
0 boot panic 1.0.1 ota_0 VALID
0 error rolled-back
0 state reporting outcome-known
`;

describe("npm run replay", () => {
  const folder = mkdtempSync(join(tmpdir(), "replay-"));
  after(() => rmSync(folder, { recursive: true }));
  const run = (text: string, ...more: string[]) => {
    const file = join(folder, "journal.txt");
    writeFileSync(file, text);
    return runCommand("replay", "--journal", file, "--engine", "node", ...more);
  };

  it("goes through the states of a journal and prints them, start by start", async () => {
    const { code, out, err } = await run(JOURNAL);
    assert.equal(code, 0, out + err);
    assert.match(out, /^start 1: deciding \(offered\), starting \(accepted\), downloading \(started\)$/m);
    assert.match(out, /^start 3: testing \(first-boot\)/m);
    assert.match(out, /^start 4: reporting \(outcome-known\)/m);
    assert.match(out, /the same states\n$/);
  });
  it("says where the board's life is another one", async () => {
    const { code, out } = await run(
      JOURNAL.replace("0 state testing first-boot", "0 state confirming self-test-passed"),
    );
    assert.equal(code, 1, out);
    assert.match(out, /another life: start 3: testing \(first-boot\) instead of confirming \(self-test-passed\)/);
  });
  it("prints what the board says", async () => {
    const { out } = await run(JOURNAL, "--tell");
    assert.match(out, /aws-fota: downloading -> verifying/);
  });
  for (const [what, text, message] of [
    ["no journal", "hello\n", /is no journal/],
    ["a damaged journal", JOURNAL.replace("2 link up", "two link up"), /is no journal/],
    ["a journal without a start", "journal 1\n2 link up\n", /cannot be replayed: no start is in it/],
    [
      "a journal that begins in an update",
      "journal 1\n0 boot power-on 1.0.1 ota_0 VALID\n0 state resuming resume-found\n",
      /in the middle of an update/,
    ],
    ["a deferral", JOURNAL.replace("2 state starting accepted", "2 state deferred deferred"), /application's doing/],
  ] as const)
    it(`refuses ${what} in one line`, async () => {
      const { code, err } = await run(text);
      assert.equal(code, 2, err);
      assert.match(err, message);
      assert.equal(err.trimEnd().split("\n").length, 1);
    });
  it("refuses a file that is not there", async () => {
    const { code, err } = await runCommand("replay", "--journal", join(folder, "none"));
    assert.deepEqual([code, /cannot be read/.test(err)], [2, true]);
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "local-aws-iot";
import { runPublish } from "../../host-sim/commands/publish.js";
import { eventually, statusOf } from "../cloud/support/local-aws.js";
import { pattern } from "../cloud/support/memory-s3.js";

function lines() {
  const out: string[] = [];
  const err: string[] = [];
  return {
    out,
    err,
    output: { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) },
  };
}

describe("npm run publish", function () {
  this.timeout(60_000);
  let dir: string;
  let cloud: LocalAws;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "aws-fota-publish-"));
    cloud = await startLocalAws({ dir, switches: { jobs: { rolloutDelayMs: 0 } } });
  });
  after(async () => {
    await cloud.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it("puts the image and creates the job through the HTTPS API", async () => {
    await cloud.createDevice("board-3");
    const image = join(dir, "image.bin");
    writeFileSync(image, pattern(5000));
    const { out, err, output } = lines();
    const code = await runPublish(
      ["--cloud", dir, "--image", image, "--version", "1.0.9", "--thing", "board-3"],
      output,
    );
    assert.deepEqual(err, []);
    assert.equal(code, 0);
    const printed: unknown = JSON.parse(out[0] ?? "");
    assert(typeof printed === "object" && printed !== null && "jobId" in printed && "things" in printed);
    assert.deepEqual(printed.things, ["board-3"]);
    await eventually(() => statusOf(cloud, "board-3", String(printed.jobId)));
  });

  it("refuses bad input with one line and exit code 2", async () => {
    const image = join(dir, "image.bin");
    writeFileSync(image, pattern(5000));
    const good = ["--cloud", dir, "--image", image, "--version", "1"];
    for (const [argv, reason] of [
      [[], /--cloud is missing/],
      [["--cloud", dir], /--image is missing/],
      [[...good, "--colour", "red"], /colour/],
      [["--cloud", join(dir, "none"), "--image", image, "--version", "1"], /cloud\.json is missing/],
      [["--cloud", dir, "--image", join(dir, "none"), "--version", "1"], /ENOENT/],
      [[...good, "--thing", "nobody"], /CreateJob: 404 ResourceNotFoundException/],
      [[...good, "--location", "up"], /--location must be/],
      [[...good, "--version", "2"], /--version was given 2 times/],
    ] as const) {
      const { out, err, output } = lines();
      assert.equal(await runPublish(argv, output), 2);
      assert.equal(err.length, 1);
      assert.match(err[0] ?? "", reason);
      assert.deepEqual(out, []);
    }
    await cloud.close();
    const { err, output } = lines();
    assert.equal(await runPublish(good, output), 2);
    assert.match(err[0] ?? "", /does not answer .*is it running/);
  });
});

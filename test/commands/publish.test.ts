import assert from "node:assert/strict";
import { createHash, verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "local-aws-iot";
import { runPublish } from "../../host-sim/commands/publish.js";
import { newSigningKey, privatePem, publicPem } from "../../host-sim/signing/index.js";
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
  let keyFile: string;
  const key = newSigningKey();
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "aws-fota-publish-"));
    keyFile = join(dir, "key.private.pem");
    writeFileSync(keyFile, privatePem(key));
    cloud = await startLocalAws({ dir, switches: { jobs: { rolloutDelayMs: 0 } } });
  });
  after(async () => {
    await cloud.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it("puts the image and creates the job, signed, through the HTTPS API", async () => {
    await cloud.createDevice("board-3");
    const image = join(dir, "image.bin");
    writeFileSync(image, pattern(5000));
    const { out, err, output } = lines();
    const code = await runPublish(
      ["--cloud", dir, "--image", image, "--version", "1.0.9", "--thing", "board-3", "--key", keyFile],
      output,
    );
    assert.deepEqual(err, []);
    assert.equal(code, 0);
    const printed: unknown = JSON.parse(out[0] ?? "");
    assert(typeof printed === "object" && printed !== null && "jobId" in printed && "things" in printed);
    assert.deepEqual(printed.things, ["board-3"]);
    await eventually(() => statusOf(cloud, "board-3", String(printed.jobId)));
    const { document } = JSON.parse(out[0] ?? "");
    assert.equal(document.sha256, createHash("sha256").update(pattern(5000)).digest("hex"));
    const signature = Buffer.from(document["sig-sha256-ecdsa"], "base64");
    assert.ok(verify("sha256", pattern(5000), publicPem(key), signature));
    assert.equal("sig-key-id" in document, false);
  });

  it("names the key when it is told to, and leaves the signature away only when it is told to", async () => {
    await cloud.createDevice("board-4");
    const image = join(dir, "image.bin");
    writeFileSync(image, pattern(5000));
    const documentOf = async (...more: string[]) => {
      const { out, err, output } = lines();
      const argv = ["--cloud", dir, "--image", image, "--version", "1", "--thing", "board-4", ...more];
      assert.equal(await runPublish(argv, output), 0, err.join());
      return JSON.parse(out[0] ?? "").document;
    };
    assert.equal((await documentOf("--key", keyFile, "--key-id", "2026"))["sig-key-id"], "2026");
    const unsigned = await documentOf("--unsigned");
    assert.deepEqual(Object.keys(unsigned).sort(), ["fwversion", "location", "operation", "sha256", "size"]);
  });

  it("refuses bad input with one line and exit code 2", async () => {
    const image = join(dir, "image.bin");
    writeFileSync(image, pattern(5000));
    const bare = ["--cloud", dir, "--image", image, "--version", "1"];
    const good = [...bare, "--key", keyFile];
    for (const [argv, reason] of [
      [[], /--cloud is missing/],
      [["--cloud", dir], /--image is missing/],
      [[...good, "--colour", "red"], /colour/],
      [["--cloud", join(dir, "none"), "--image", image, "--version", "1"], /cloud\.json is missing/],
      [["--cloud", dir, "--image", join(dir, "none"), "--version", "1"], /ENOENT/],
      [bare, /--key FILE is missing .*--unsigned/],
      [[...good, "--unsigned"], /exclude each other/],
      [[...bare, "--unsigned", "--key-id", "2026"], /exclude each other/],
      [[...bare, "--key", join(dir, "none")], /none: ENOENT/],
      [[...bare, "--key", image], /image\.bin: no private key in PEM/],
      [[...good, "--key-id", "a b"], /--key-id a b/],
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

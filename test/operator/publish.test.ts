import assert from "node:assert/strict";
import { createHash, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  DescribeJobCommand,
  GetJobDocumentCommand,
  GetPackageVersionCommand,
  ListJobsCommand,
} from "@aws-sdk/client-iot";
import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { parseJobDocument } from "../../modules/aws-fota/job-document.js";
import { makePatch } from "../../operator/patch/index.js";
import { writeKeyFiles } from "../../operator/signing/index.js";
import { image } from "./support/images.js";
import { jsonOf, OperatedCloud } from "./support/operated-cloud.js";

describe("fota publish", function () {
  this.timeout(60_000);
  const operated = new OperatedCloud();
  const v2 = image("1.0.2");
  let file = "";
  const jobs = async () => (await operated.iot.send(new ListJobsCommand({}))).jobs ?? [];
  const publish = (...more: string[]) => operated.run("publish", file, "--key", operated.key.secret, ...more);

  before(async () => {
    await operated.start();
    await operated.things("board-1", "board-2", "board-3", "both");
    await operated.group("fleet", "board-1", "board-2", "board-3");
    await operated.group("both", "board-1");
    await operated.group("empty");
    file = operated.file("v2.bin", v2);
  });
  after(() => operated.stop());

  it("says what it will do, and does nothing when that was all that was asked", async () => {
    const { code, out, err } = await publish("--to", "fleet", "--dry-run");
    assert.equal(code, 0, err);
    assert.equal(out, "");
    assert.match(err, /^app 1\.0\.2 for esp32, 20000 bytes, signed$/m);
    assert.match(err, /uploads 20000 bytes to s3:\/\/firmware\/fota\/app\/1\.0\.2\/[0-9a-f]{16}\.bin/);
    assert.match(err, /makes the job fota-1-0-2-[0-9a-f]{12} for 3 things: group fleet/);
    assert.deepEqual(await jobs(), []);
    const { KeyCount } = await operated.aws.s3.send(new ListObjectsV2Command({ Bucket: "firmware" }));
    assert.equal(KeyCount, 0);
  });

  it("uploads the image, signed, and makes one job of the same call made twice", async () => {
    const first = jsonOf(await publish("--to", "fleet", "--json", "--rollout", "50/min", "--stop-at", "5%"));
    assert.equal(first.made, true);
    const again = jsonOf(await publish("--to", "fleet", "--json", "--rollout", "50/min", "--stop-at", "5%"));
    assert.deepEqual([again.made, again.jobId], [false, first.jobId]);
    assert.equal((await jobs()).length, 1);
    const jobId = String(first.jobId);
    const { job } = await operated.iot.send(new DescribeJobCommand({ jobId }));
    assert.deepEqual(job?.jobExecutionsRolloutConfig, { maximumPerMinute: 50 });
    const [criterion] = job?.abortConfig?.criteriaList ?? [];
    assert.deepEqual([criterion?.thresholdPercentage, criterion?.minNumberOfExecutedThings], [5, 3]);
    assert.equal(job?.presignedUrlConfig?.roleArn, "arn:aws:iam::000000000000:role/presign");
    const { document = "" } = await operated.iot.send(new GetJobDocumentCommand({ jobId }));
    const read = JSON.parse(document);
    assert.equal(read.sha256, createHash("sha256").update(v2).digest("hex"));
    const pem = readFileSync(operated.key.pem, "utf8");
    assert.ok(verify("sha256", v2, pem, Buffer.from(read["sig-sha256-ecdsa"], "base64")));
    const object = await operated.aws.s3.send(new GetObjectCommand({ Bucket: "firmware", Key: String(first.key) }));
    assert.deepEqual(await object.Body?.transformToByteArray(), new Uint8Array(v2));
  });

  it("makes one job of two calls at the same time", async () => {
    const before = (await jobs()).length;
    const ended = await Promise.all([publish("--to", "board-1", "--json"), publish("--to", "board-1", "--json")]);
    assert.deepEqual(
      ended.map(({ code }) => code),
      [0, 0],
      ended.map(({ err }) => err).join(),
    );
    assert.equal((await jobs()).length, before + 1);
  });

  it("makes another job for other targets, and for --job another name", async () => {
    const one = jsonOf(await publish("--to", "board-2", "--json"));
    const other = jsonOf(await publish("--to", "board-3", "--json"));
    const named = jsonOf(await publish("--to", "board-3", "--json", "--job", "second-go"));
    assert.equal(new Set([one.jobId, other.jobId, named.jobId]).size, 3);
    assert.equal(named.jobId, "second-go");
  });

  it("hands out in windows, once or again and again", async () => {
    const start = new Date(Date.now() + 7_200_000).toISOString();
    const end = new Date(Date.now() + 14_400_000).toISOString();
    const argv = ["publish", file, "--to", "board-1", "--unsigned", "--job"];
    const once = await operated.here(...argv, "window-1", "--window", `${start}/${end}`);
    assert.equal(once.code, 0, once.err);
    const { job } = await operated.iot.send(new DescribeJobCommand({ jobId: "window-1" }));
    assert.deepEqual([job?.status, job?.schedulingConfig?.startTime], ["SCHEDULED", start.slice(0, 16)]);
    assert.deepEqual(job?.schedulingConfig?.endBehavior, "STOP_ROLLOUT");
    const again = await operated.here(...argv, "window-2", "--window", "cron(0 2 * * ? *)/60");
    assert.equal(again.code, 0, again.err);
    const { job: second } = await operated.iot.send(new DescribeJobCommand({ jobId: "window-2" }));
    assert.equal(second?.targetSelection, "CONTINUOUS");
    assert.deepEqual(second?.schedulingConfig?.maintenanceWindows, [
      { startTime: "cron(0 2 * * ? *)", durationInMinutes: 60 },
    ]);
  });

  it("notes the package's version, and makes it in the catalog when it is missing", async () => {
    const path = operated.file("packed.bin", image("1.1.0", { seed: 3 }));
    const argv = ["publish", path, "--to", "board-3", "--unsigned", "--package", "lamp-firmware", "--job"];
    for (const job of ["packed-1", "packed-2"]) {
      const ended = await operated.here(...argv, job);
      assert.equal(ended.code, 0, ended.err);
      const { job: made } = await operated.iot.send(new DescribeJobCommand({ jobId: job }));
      const arn = "arn:aws:iot:us-east-1:000000000000:package/lamp-firmware/version/1.1.0";
      assert.deepEqual(made?.destinationPackageVersions, [arn]);
    }
    const packed = { packageName: "lamp-firmware", versionName: "1.1.0" };
    assert.equal((await operated.iot.send(new GetPackageVersionCommand(packed))).status, "PUBLISHED");
    const refused = await operated.here(...argv.slice(0, -2), "a/b");
    assert.match(refused.err, /--package a\/b: 1 to 128/);
  });

  it("signs again with another key, by another job, and keeps a signature that is of the key", async () => {
    const [other, third] = [writeKeyFiles(join(operated.dir, "other"), "2027"), image("1.0.7", { seed: 7 })];
    const path = operated.file("third.bin", third);
    const publishWith = async (key: string) =>
      jsonOf(await operated.here("publish", path, "--to", "board-2", "--key", key, "--json"));
    const first = await publishWith(operated.key.secret);
    const second = await publishWith(other.secret);
    assert.notEqual(second.jobId, first.jobId);
    const signature = Buffer.from(JSON.parse(String(second.document))["sig-sha256-ecdsa"], "base64");
    assert.ok(verify("sha256", third, readFileSync(other.pem, "utf8"), signature));
    const again = await publishWith(other.secret);
    assert.deepEqual(
      [again.made, JSON.parse(String(again.document))["sig-sha256-ecdsa"]],
      [false, signature.toString("base64")],
    );
  });

  it("puts an image into the bucket without a job when that is asked", async () => {
    const before = (await jobs()).length;
    const path = operated.file("stored.bin", image("0.9.0"));
    const stored = jsonOf(await operated.here("publish", path, "--store", "--key", operated.key.secret, "--json"));
    assert.equal(stored.made, true);
    assert.match(String(stored.key), /^fota\/app\/0\.9\.0\//);
    assert.equal(jsonOf(await operated.here("publish", path, "--store", "--unsigned", "--json")).made, false);
    assert.equal((await jobs()).length, before);
  });

  it("makes a patch from each image that devices may run, as devices read it", async () => {
    const v1 = image("1.0.1");
    operated.file("v1.bin", v1);
    const argv = ["--to", "board-1", "--job", "patched", "--from", "v1.bin", "--compressed", "--json"];
    const { document } = jsonOf(await publish(...argv));
    // As AWS IoT delivers it.
    const delivered = String(document).replace(/\$\{aws:iot:s3-presigned-url:([^}]+)\}/g, "$1");
    const job = parseJobDocument(JSON.parse(delivered));
    assert.equal(job.kind, "update");
    const { patches } = JSON.parse(String(document));
    const sha256 = createHash("sha256").update(v1).digest("hex");
    assert.deepEqual(patches[0].base, { sha256, size: v1.length, fwversion: "1.0.1" });
    const [, key = ""] = /firmware\/([^}]+)\}/.exec(patches[0].location.url) ?? [];
    const object = await operated.aws.s3.send(new GetObjectCommand({ Bucket: "firmware", Key: key }));
    const bytes = await object.Body?.transformToByteArray();
    assert.equal(bytes?.length, patches[0].size);
    assert.deepEqual(bytes, makePatch({ from: v1, to: v2 }));
  });

  it("has canaries first: a CONTINUOUS job for some of the things, and the plan in its description", async () => {
    const made = jsonOf(await publish("--to", "fleet", "--canary", "1", "--soak", "5", "--job", "canary-1", "--json"));
    assert.deepEqual([made.things, made.canary], [3, 1]);
    const { job } = await operated.iot.send(new DescribeJobCommand({ jobId: "canary-1" }));
    assert.equal(job?.targetSelection, "CONTINUOUS");
    assert.equal(job?.targets?.length, 1);
    assert.match(job?.targets?.[0] ?? "", /:thing\/board-\d$/);
    assert.deepEqual(JSON.parse(job?.description ?? ""), {
      fota: 1,
      version: "1.0.2",
      things: 3,
      canary: { things: 1, rest: ["fleet"], soak: 5, fail: 0 },
    });
  });

  for (const [what, argv, code, message] of [
    ["no target", [], 2, /--to is missing/],
    ["a target that is not there", ["--to", "nobody"], 2, /there is no thing and no thing group nobody/],
    [
      "a name of a thing and a group",
      ["--to", "both"],
      2,
      /both is a thing and a thing group\n {2}thing:both or group:both/,
    ],
    ["a group without things", ["--to", "empty"], 2, /no thing is in empty/],
    ["canaries that are all there are", ["--to", "fleet", "--canary", "3"], 2, /some have to be left for later/],
    ["a wait without canaries", ["--to", "fleet", "--soak", "3"], 2, /--soak and --canary-fail need --canary/],
    ["a share beyond all", ["--to", "fleet", "--stop-at", "101%"], 2, /--stop-at 101%: not a number from 0.01 to 100/],
    ["a rate of nothing", ["--to", "fleet", "--rollout", "0"], 2, /--rollout 0: not a whole number from 1 to 1000/],
    ["a window that is no time", ["--to", "fleet", "--window", "soon"], 2, /--window soon: START, START\/END/],
    [
      "a window that has begun",
      ["--to", "fleet", "--window", "2020-01-01T00:00Z"],
      2,
      /a start 30 minutes to a year ahead/,
    ],
    [
      "a window of no length",
      ["--to", "fleet", "--window", "cron(0 2 * * ? *)/0"],
      2,
      /a window has 1 to 1430 minutes/,
    ],
    ["a job's id with a dot", ["--to", "fleet", "--job", "a.b"], 2, /--job a\.b: 1 to 64/],
    ["another chip", ["--to", "fleet", "--chip", "esp32c3"], 4, /is built for esp32, not for esp32c3 \(image-chip\)/],
    [
      "another project",
      ["--to", "fleet", "--project", "lamp"],
      4,
      /is an image of app, not of lamp \(project-mismatch\)/,
    ],
    [
      "what does not fit",
      ["--to", "fleet", "--partitions", "small.csv"],
      4,
      /the smallest slot 16384 \(image-too-large\)/,
    ],
    ["a base that is the image", ["--to", "fleet", "--from", "v2.bin"], 2, /--from \S+v2\.bin is the image itself/],
    [
      "a base of the same version",
      ["--to", "fleet", "--from", "other-v2.bin"],
      4,
      /both version v1\.0\.2.*\(same-version\)/,
    ],
    [
      "a base of another product",
      ["--to", "fleet", "--from", "lamp.bin"],
      4,
      /is an image of lamp.*\(project-mismatch\)/,
    ],
  ] as const) {
    it(`refuses ${what}, and makes nothing`, async () => {
      operated.file("small.csv", "ota_0,app,ota_0,,16K\nota_1,app,ota_1,,16K\n");
      operated.file("other-v2.bin", image("v1.0.2", { seed: 9 }));
      operated.file("lamp.bin", image("1.0.1", { project: "lamp" }));
      const before = (await jobs()).length;
      const paths = argv.map((word) => (/\.(?:csv|bin)$/.test(word) ? join(operated.dir, word) : word));
      const ended = await operated.here("publish", file, "--key", operated.key.secret, ...paths);
      assert.match(ended.err, message);
      assert.equal(ended.code, code);
      assert.equal(ended.out, "");
      assert.equal((await jobs()).length, before);
    });
  }

  it("refuses an image without a key, unless it is told that there shall be no signature", async () => {
    const bare = await operated.run("publish", file, "--to", "board-1", "--dry-run");
    assert.equal(bare.code, 2);
    assert.match(bare.err, /--key is missing: devices refuse what nobody signed/);
    const unsigned = await operated.run(
      "publish",
      file,
      "--to",
      "board-1",
      "--unsigned",
      "--job",
      "unsigned",
      "--json",
    );
    assert.equal("sig-sha256-ecdsa" in JSON.parse(String(jsonOf(unsigned).document)), false);
  });

  it("refuses a folder without a cloud", async () => {
    const { code, err } = await operated.run("publish", file, "--to", "fleet", "--unsigned", "--local", "nowhere");
    assert.equal(code, 2);
    assert.match(err, /nowhere\/cloud\.json cannot be read\n {2}npm run cloud -- --dir nowhere/);
  });

  it("says which line of a policy is missing when AWS denies it", async () => {
    operated.fault({ service: "iot", method: "PUT", path: "/jobs/", status: 403, error: "AccessDeniedException" });
    const { code, err } = await operated.run("publish", file, "--to", "board-2", "--unsigned", "--job", "denied");
    assert.equal(code, 3, err);
    assert.match(
      err,
      /fota: access denied: iot:CreateJob on job denied\n {2}the policy needs \{"Effect":"Allow","Action":"iot:CreateJob","Resource":"\*"\}/,
    );
  });

  it("goes on by itself when AWS slows it down", async () => {
    operated.fault({ service: "iot", path: "/things/board-2", status: 400, error: "ThrottlingException", times: 2 });
    const { code, err } = await operated.run("publish", file, "--to", "board-2", "--unsigned", "--job", "slowed");
    assert.equal(code, 0, err);
  });

  it("leaves nothing half made when Ctrl-C comes while it uploads, and goes on when it is called again", async () => {
    const large = operated.file("large.bin", image("1.0.3", { size: 1_500_000 }));
    operated.fault({ service: "s3", method: "PUT", delayMs: 20_000 });
    const begun = operated.begin("publish", large, "--to", "board-3", "--unsigned", "--job", "stopped");
    await begun.seen(/makes the job stopped/);
    await new Promise((resolve) => setTimeout(resolve, 300));
    begun.interrupt();
    const { code, err } = await begun.ended;
    assert.equal(code, 130, err);
    assert.match(err, /fota: stopped; call it again to go on, or fota cancel stopped if the job is there\n$/);
    assert.equal(
      (await jobs()).some(({ jobId }) => jobId === "stopped"),
      false,
    );
    const uploads = await operated.aws.s3
      .send(new ListMultipartUploadsCommand({ Bucket: "firmware" }))
      .catch(() => undefined);
    assert.deepEqual(uploads?.Uploads ?? [], []);
    const again = await operated.run("publish", large, "--to", "board-3", "--unsigned", "--job", "stopped", "--json");
    assert.equal(jsonOf(again).made, true);
  });

  it("refuses what is no image, by the device's code", async () => {
    operated.file("text.bin", "x".repeat(1000));
    const { code, err } = await operated.run("publish", "text.bin", "--to", "board-1", "--key", operated.key.secret);
    assert.equal(code, 4);
    assert.match(err, /^fota: text\.bin: it is no application image.*\(image-magic\)\n$/);
  });
});

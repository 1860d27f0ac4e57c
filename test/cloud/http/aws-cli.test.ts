import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type HttpsCloud, startHttpsCloud } from "../support/https-cloud.js";
import { pattern } from "../support/memory-s3.js";

const run = promisify(execFile);

/** The CLI of the system's package first, then any other in the path. */
function findCli(): string | undefined {
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(delimiter)];
  return folders.map((folder) => join(folder, "aws")).find((file) => existsSync(file));
}

const cli = findCli();

describe(`the AWS CLI${cli === undefined ? " (skipped: aws is not installed)" : ""}`, function () {
  this.timeout(180_000);
  let cloud: HttpsCloud;
  let dir: string;

  before(async function () {
    if (cli === undefined) this.skip();
    dir = mkdtempSync(join(tmpdir(), "aws-fota-cli-"));
    cloud = await startHttpsCloud();
  });
  after(async () => {
    await cloud?.close();
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  });

  async function aws(...args: string[]): Promise<string> {
    const { accessKeyId, secretAccessKey } = cloud.services.credentials.operator();
    const env = {
      PATH: process.env.PATH ?? "",
      HOME: dir,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_CA_BUNDLE: cloud.caFile,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_PAGER: "",
    };
    const { stdout } = await run(cli ?? "aws", ["--endpoint-url", cloud.origin, "--output", "json", ...args], {
      env,
      cwd: dir,
    });
    return stdout;
  }
  async function json(...args: string[]): Promise<Record<string, unknown>> {
    const value: unknown = JSON.parse(await aws(...args));
    assert(typeof value === "object" && value !== null);
    return { ...value };
  }

  it("runs a fleet update from nothing: thing, certificate, policy, image, job with a placeholder, cancel", async () => {
    const thing = await json("iot", "create-thing", "--thing-name", "board-1");
    assert.equal(thing.thingArn, "arn:aws:iot:us-east-1:000000000000:thing/board-1");
    const keys = await json(
      ...["iot", "create-keys-and-certificate", "--set-as-active"],
      ...["--certificate-pem-outfile", "certificate.pem", "--private-key-outfile", "private.key"],
    );
    const certificateArn = String(keys.certificateArn);
    assert(existsSync(join(dir, "private.key")));
    const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "iot:*", Resource: "*" }] };
    await aws("iot", "create-policy", "--policy-name", "board", "--policy-document", JSON.stringify(policy));
    await aws("iot", "attach-policy", "--policy-name", "board", "--target", certificateArn);
    await aws("iot", "attach-thing-principal", "--thing-name", "board-1", "--principal", certificateArn);
    assert.deepEqual((await json("iot", "list-thing-principals", "--thing-name", "board-1")).principals, [
      certificateArn,
    ]);

    // Larger than the CLI's threshold of 8 MiB, so that it goes up in parts.
    writeFileSync(join(dir, "app.bin"), pattern(9_000_000));
    await aws("s3", "mb", "s3://my-fw");
    await aws("s3", "cp", "--only-show-errors", "app.bin", "s3://my-fw/rel/app.bin");
    assert.match(await aws("s3", "ls", "s3://my-fw/rel/"), / 9000000 app\.bin/);
    await aws("s3", "cp", "--only-show-errors", "s3://my-fw/rel/app.bin", "back.bin");

    const placeholder = "$" + "{aws:iot:s3-presigned-url:https://s3.us-east-1.amazonaws.com/my-fw/rel/app.bin}";
    const document = {
      operation: "app_fw_update",
      fwversion: "1.0.2",
      size: 9_000_000,
      location: { url: placeholder },
    };
    await aws(
      ...["iot", "create-job", "--job-id", "fw-1", "--targets", String(thing.thingArn)],
      ...["--document", JSON.stringify(document)],
      ...["--presigned-url-config", "roleArn=arn:aws:iam::000000000000:role/presign,expiresInSec=3600"],
    );
    const described = await json("iot", "describe-job-execution", "--job-id", "fw-1", "--thing-name", "board-1");
    assert.match(JSON.stringify(described), /"status":"QUEUED"/);
    const pending = await json("iot-jobs-data", "get-pending-job-executions", "--thing-name", "board-1");
    assert.match(JSON.stringify(pending), /"jobId":"fw-1"/);
    const next = await json("iot-jobs-data", "describe-job-execution", "--job-id", "$next", "--thing-name", "board-1");
    assert.match(JSON.stringify(next), /X-Amz-Signature=/);
    await aws("iot", "cancel-job", "--job-id", "fw-1");
    const { job } = await json("iot", "describe-job", "--job-id", "fw-1");
    assert.match(JSON.stringify(job), /"status":"CANCELED"/);
  });

  it("keeps a shadow, searches the fleet, publishes, and says who it is", async () => {
    await aws("iot", "create-thing", "--thing-name", "board-2");
    writeFileSync(join(dir, "shadow.json"), '{"state":{"reported":{"version":"1.0.2"}}}');
    const shadow = ["--thing-name", "board-2", "--shadow-name", "fota"];
    await aws("iot-data", "update-thing-shadow", ...shadow, "--payload", "fileb://shadow.json", "made.json");
    await aws("iot-data", "get-thing-shadow", ...shadow, "read.json");
    assert.match(readFileSync(join(dir, "read.json"), "utf8"), /"reported":\{"version":"1.0.2"\}/);
    const { results } = await json("iot-data", "list-named-shadows-for-thing", "--thing-name", "board-2");
    assert.deepEqual(results, ["fota"]);

    const version = "shadow.name.fota.reported.version";
    const configuration = {
      thingIndexingMode: "REGISTRY_AND_SHADOW",
      namedShadowIndexingMode: "ON",
      filter: { namedShadowNames: ["fota"] },
      customFields: [{ name: version, type: "String" }],
    };
    await aws(
      ...["iot", "update-indexing-configuration", "--thing-indexing-configuration"],
      JSON.stringify(configuration),
    );
    cloud.skipTime(1000);
    const { things } = await json("iot", "search-index", "--query-string", `${version}:1.0.*`);
    assert.match(JSON.stringify(things), /^\[\{"thingName":"board-2"/);
    const buckets = await json(
      ...["iot", "get-buckets-aggregation", "--query-string", "*", "--aggregation-field", version],
      ...["--buckets-aggregation-type", '{"termsAggregation":{"maxBuckets":5}}'],
    );
    assert.deepEqual(buckets.buckets, [{ keyValue: "1.0.2", count: 1 }]);

    await aws("iot-data", "publish", "--topic", "hall/light", "--payload", "fileb://shadow.json");
    assert.equal((await json("sts", "get-caller-identity")).Arn, "arn:aws:iam::000000000000:user/operator");
    await assert.rejects(aws("lambda", "list-functions"), /Service 'lambda' .* is not emulated/);
    await assert.rejects(aws("dynamodb", "list-tables"), /Service 'dynamodb' .* is not emulated/);
    await assert.rejects(aws("iam", "list-users"), /Service 'iam' \(ListUsers\) is not emulated/);
  });

  it('check 18: parses the times without "year out of range" and names the exception', async () => {
    const jobs = JSON.stringify(await json("iot", "list-jobs"));
    assert.match(jobs, new RegExp(`"createdAt":"?${new Date().getFullYear()}|"createdAt":1\\d{9}`));
    await assert.rejects(aws("iot", "describe-thing", "--thing-name", "nobody"), /ResourceNotFoundException/);
  });
});

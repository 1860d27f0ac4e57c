import assert from "node:assert/strict";
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { signHeaders } from "../../../host-sim/cloud/sigv4/sign.js";
import { type HttpsCloud, startHttpsCloud } from "../support/https-cloud.js";
import { RawHttps } from "../support/raw-https.js";

describe("STS, and services that are not emulated", function () {
  this.timeout(30_000);
  let cloud: HttpsCloud;
  before(async () => {
    cloud = await startHttpsCloud();
  });
  after(() => cloud.close());

  /** What the port answers to a signed request of any service. */
  async function call(service: string, target: string, headers: Record<string, string> = {}) {
    const connection = await RawHttps.open(cloud.front.port, cloud.ca);
    const host = new URL(cloud.origin).host;
    const signing = {
      credentials: cloud.services.credentials.operator(),
      region: "us-east-1",
      service,
      now: Date.now(),
    };
    const signed = signHeaders({ method: "GET", host, target, headers }, signing);
    const { status, headers: answered, body } = await connection.request(cloud.origin + target, "GET", signed);
    return { status, name: answered["x-amzn-errortype"], text: body.toString("utf8") };
  }

  it("tell the unmodified client of STS who the operator is", async () => {
    const { Account, Arn, UserId } = await cloud.sts.send(new GetCallerIdentityCommand({}));
    assert.deepEqual([Account, Arn], ["000000000000", "arn:aws:iam::000000000000:user/operator"]);
    assert.match(UserId ?? "", /^AIDA[A-Z2-7]{17}$/);
  });

  it("tell the session of a role who it is", async () => {
    const credentials = cloud.services.credentials.roleSession();
    const session = new STSClient({ ...cloud.clientConfig, credentials });
    const { Arn, UserId } = await session.send(new GetCallerIdentityCommand({}));
    assert.match(Arn ?? "", /^arn:aws:sts::000000000000:assumed-role\/presign\/ASIA/);
    assert.match(UserId ?? "", /^AROA[A-Z2-7]{17}:ASIA/);
  });

  it("refuse what STS has more, and whom nobody knows", async () => {
    await assert.rejects(cloud.sts.send(new GetSessionTokenCommand({})), { name: "InvalidAction" });
    const credentials = { accessKeyId: "AKIANOBODY", secretAccessKey: "x" };
    const stranger = new STSClient({ ...cloud.clientConfig, credentials });
    await assert.rejects(stranger.send(new GetCallerIdentityCommand({})), { name: "InvalidClientTokenId" });
    const liar = new STSClient({
      ...cloud.clientConfig,
      credentials: { ...cloud.services.credentials.operator(), secretAccessKey: "x" },
    });
    await assert.rejects(liar.send(new GetCallerIdentityCommand({})), { name: "SignatureDoesNotMatch" });
  });

  it("say in each protocol which service is not emulated, and never in that of S3", async () => {
    const rest = await call("lambda", "/2015-03-31/functions");
    assert.deepEqual([rest.status, rest.name], [404, "UnknownOperationException"]);
    assert.match(rest.text, /^\{.*Service 'lambda' \(GET \/2015-03-31\/functions\) is not emulated/);
    const json = await call("dynamodb", "/", { "x-amz-target": "DynamoDB_20120810.ListTables" });
    assert.deepEqual([json.status, json.name], [400, "UnknownOperationException"]);
    assert.match(
      json.text,
      /"__type":"UnknownOperationException".*Service 'dynamodb' \(DynamoDB_20120810.ListTables\)/,
    );
    const query = await call("iam", "/?Action=ListUsers&Version=2010-05-08");
    assert.equal(query.status, 400);
    assert.match(query.text, /<ErrorResponse .*<Code>InvalidAction<\/Code>.*ListUsers/);
  });

  it("escape what a request puts into their answers", async () => {
    const { text } = await call("iam", "/?Action=%3Cscript%3E%00");
    assert(!text.includes("<script>") && !text.includes("\u0000"), text);
  });

  it("can be hit by faults on order", async () => {
    cloud.faults.add({ service: "sts", status: 503, error: "ServiceUnavailable" });
    await assert.rejects(cloud.sts.send(new GetCallerIdentityCommand({})), { name: "ServiceUnavailable" });
    await cloud.sts.send(new GetCallerIdentityCommand({}));
    assert(cloud.front.counters.sts >= 2);
  });
});

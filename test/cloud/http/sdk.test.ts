import assert from "node:assert/strict";
import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CancelJobCommand,
  CancelJobExecutionCommand,
  CertificateStateException,
  CreateJobCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  DeleteCertificateCommand,
  DeleteConflictException,
  DeletePolicyCommand,
  DeleteThingCommand,
  DescribeCertificateCommand,
  DescribeEndpointCommand,
  DescribeJobExecutionCommand as DescribeExecutionInControlPlane,
  DescribeJobCommand,
  DescribeThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  GetJobDocumentCommand,
  GetPolicyCommand,
  InvalidRequestException,
  InvalidStateTransitionException,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListJobExecutionsForThingCommand,
  ListStreamsCommand,
  ListThingGroupsCommand,
  ListThingPrincipalsCommand,
  ListThingsCommand,
  ListThingsInThingGroupCommand,
  MalformedPolicyException,
  paginateListThings,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  UpdateCertificateCommand,
  VersionConflictException,
} from "@aws-sdk/client-iot";
import {
  InvalidStateTransitionException as DataInvalidStateTransitionException,
  ResourceNotFoundException as DataResourceNotFoundException,
  DescribeJobExecutionCommand,
  GetPendingJobExecutionsCommand,
  StartNextPendingJobExecutionCommand,
  TerminalStateException,
  UpdateJobExecutionCommand,
} from "@aws-sdk/client-iot-jobs-data-plane";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { type HttpsCloud, startHttpsCloud } from "../support/https-cloud.js";
import { pattern } from "../support/memory-s3.js";
import { RawHttps } from "../support/raw-https.js";

const ROLE = "arn:aws:iam::000000000000:role/presign";
const thingArn = (thing: string) => `arn:aws:iot:us-east-1:000000000000:thing/${thing}`;

/** Waits for what the service does some time after its answer. */
async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it does not happen");
}

describe("unmodified AWS SDK v3 clients", function () {
  this.timeout(30_000);
  let cloud: HttpsCloud;
  beforeEach(async () => {
    cloud = await startHttpsCloud();
  });
  afterEach(() => cloud.close());

  async function jobFor(
    thing: string,
    jobId: string,
    document: object = { operation: "app_fw_update" },
    more: object = {},
  ) {
    await cloud.iot.send(
      new CreateJobCommand({ jobId, targets: [thingArn(thing)], document: JSON.stringify(document), ...more }),
    );
    await eventually(async () => {
      const { executionSummaries } = await cloud.iot.send(new ListJobExecutionsForThingCommand({ thingName: thing }));
      return executionSummaries?.find((summary) => summary.jobId === jobId);
    });
  }

  it("provision a device: thing, keys, policy, attachments, and take it down again", async () => {
    const { iot } = cloud;
    const thing = await iot.send(
      new CreateThingCommand({ thingName: "a:b", attributePayload: { attributes: { hw: "r2" } } }),
    );
    assert.equal(thing.thingArn, thingArn("a:b"));
    assert.deepEqual((await iot.send(new DescribeThingCommand({ thingName: "a:b" }))).attributes, { hw: "r2" });
    const keys = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    const { certificateArn = "", certificateId = "" } = keys;
    assert.match(certificateId, /^[0-9a-f]{64}$/);
    assert.match(keys.keyPair?.PrivateKey ?? "", /^-----BEGIN RSA PRIVATE KEY-----\n/);
    const policyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    });
    await iot.send(new CreatePolicyCommand({ policyName: "p", policyDocument }));
    await iot.send(new AttachPolicyCommand({ policyName: "p", target: certificateArn }));
    await iot.send(new AttachThingPrincipalCommand({ thingName: "a:b", principal: certificateArn }));
    assert.deepEqual((await iot.send(new ListThingPrincipalsCommand({ thingName: "a:b" }))).principals, [
      certificateArn,
    ]);
    const attached = await iot.send(new ListAttachedPoliciesCommand({ target: certificateArn }));
    assert.equal(attached.policies?.[0]?.policyName, "p");
    assert.equal((await iot.send(new GetPolicyCommand({ policyName: "p" }))).policyDocument, policyDocument);
    const registered = cloud.services.registry.certificate(certificateId);
    assert.deepEqual(registered?.thingNames, ["a:b"]);
    assert.deepEqual(registered?.policies, [policyDocument]);

    await assert.rejects(iot.send(new DeletePolicyCommand({ policyName: "p" })), DeleteConflictException);
    await assert.rejects(iot.send(new DeleteThingCommand({ thingName: "a:b" })), InvalidRequestException);
    await assert.rejects(iot.send(new DeleteCertificateCommand({ certificateId })), CertificateStateException);
    await iot.send(new DetachPolicyCommand({ policyName: "p", target: certificateArn }));
    await iot.send(new DetachThingPrincipalCommand({ thingName: "a:b", principal: certificateArn }));
    await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: "INACTIVE" }));
    await iot.send(new DeleteCertificateCommand({ certificateId }));
    await iot.send(new DeletePolicyCommand({ policyName: "p" }));
    await iot.send(new DeleteThingCommand({ thingName: "a:b" }));
    await assert.rejects(iot.send(new DescribeThingCommand({ thingName: "a:b" })), ResourceNotFoundException);
  });

  it("refuse wrong requests with the typed exceptions of the model", async () => {
    const { iot } = cloud;
    await assert.rejects(iot.send(new CreateThingCommand({ thingName: "a b" })), InvalidRequestException);
    await assert.rejects(
      iot.send(new CreatePolicyCommand({ policyName: "p", policyDocument: "{" })),
      MalformedPolicyException,
    );
    const attributePayload = { attributes: { a: "1" } };
    await iot.send(new CreateThingCommand({ thingName: "t", attributePayload }));
    await iot.send(new CreateThingCommand({ thingName: "t", attributePayload }));
    await assert.rejects(iot.send(new CreateThingCommand({ thingName: "t" })), (error: unknown) => {
      assert(error instanceof ResourceAlreadyExistsException);
      assert.equal(error.resourceId, "t");
      assert.equal(error.resourceArn, thingArn("t"));
      return true;
    });
    await assert.rejects(
      iot.send(new DeleteThingCommand({ thingName: "t", expectedVersion: 9 })),
      VersionConflictException,
    );
    await assert.rejects(iot.send(new ListThingsCommand({ nextToken: "bm9uc2Vuc2U=" })), InvalidRequestException);
    await assert.rejects(
      iot.send(new AttachThingPrincipalCommand({ thingName: "t", principal: "arn:x" })),
      InvalidRequestException,
    );
  });

  it("page through things and groups", async () => {
    const { iot } = cloud;
    for (let index = 0; index < 7; index += 1) await iot.send(new CreateThingCommand({ thingName: `t${index}` }));
    const names: string[] = [];
    let pages = 0;
    for await (const page of paginateListThings({ client: iot, pageSize: 3 }, {})) {
      pages += 1;
      names.push(...(page.things ?? []).map((thing) => thing.thingName ?? ""));
    }
    assert.equal(pages, 3);
    assert.deepEqual(names, ["t0", "t1", "t2", "t3", "t4", "t5", "t6"]);
    await iot.send(new CreateThingGroupCommand({ thingGroupName: "g" }));
    await iot.send(new AddThingToThingGroupCommand({ thingGroupName: "g", thingName: "t3" }));
    assert.deepEqual((await iot.send(new ListThingsInThingGroupCommand({ thingGroupName: "g" }))).things, ["t3"]);
    const groups = await iot.send(new ListThingGroupsCommand({}));
    assert.equal(groups.thingGroups?.[0]?.groupArn, "arn:aws:iot:us-east-1:000000000000:thinggroup/g");
    await assert.rejects(
      iot.send(new AddThingToThingGroupCommand({ thingGroupName: "h", thingName: "t3" })),
      ResourceNotFoundException,
    );
  });

  it("run a job from creation to the end", async () => {
    const { iot, jobs } = cloud;
    await iot.send(new CreateThingCommand({ thingName: "t" }));
    await jobFor("t", "fw-1");
    const pending = await jobs.send(new GetPendingJobExecutionsCommand({ thingName: "t" }));
    assert.equal(pending.queuedJobs?.[0]?.jobId, "fw-1");
    const started = await jobs.send(new StartNextPendingJobExecutionCommand({ thingName: "t" }));
    assert.equal(started.execution?.status, "IN_PROGRESS");
    assert.equal(started.execution?.jobDocument, '{"operation":"app_fw_update"}');
    await assert.rejects(
      jobs.send(
        new UpdateJobExecutionCommand({ thingName: "t", jobId: "fw-1", status: "SUCCEEDED", expectedVersion: 9 }),
      ),
      DataInvalidStateTransitionException,
    );
    await jobs.send(
      new UpdateJobExecutionCommand({
        thingName: "t",
        jobId: "fw-1",
        status: "SUCCEEDED",
        statusDetails: { phase: "done" },
      }),
    );
    await assert.rejects(
      jobs.send(new DescribeJobExecutionCommand({ thingName: "t", jobId: "fw-1" })),
      TerminalStateException,
    );
    const { execution } = await iot.send(new DescribeExecutionInControlPlane({ thingName: "t", jobId: "fw-1" }));
    assert.equal(execution?.status, "SUCCEEDED");
    assert.deepEqual(execution?.statusDetails?.detailsMap, { phase: "done" });
    const { job } = await eventually(async () => {
      const described = await iot.send(new DescribeJobCommand({ jobId: "fw-1" }));
      return described.job?.status === "COMPLETED" ? described : undefined;
    });
    assert.equal(job?.jobProcessDetails?.numberOfSucceededThings, 1);
  });

  it("cancel a job, and one execution only with force", async () => {
    const { iot } = cloud;
    await iot.send(new CreateThingCommand({ thingName: "t" }));
    await jobFor("t", "fw-1");
    await jobFor("t", "fw-2");
    await cloud.jobs.send(new StartNextPendingJobExecutionCommand({ thingName: "t" }));
    const cancel = { thingName: "t", jobId: "fw-1" };
    await assert.rejects(iot.send(new CancelJobExecutionCommand(cancel)), InvalidStateTransitionException);
    await assert.rejects(
      iot.send(new CancelJobExecutionCommand({ ...cancel, force: true, expectedVersion: 77 })),
      VersionConflictException,
    );
    await iot.send(new CancelJobExecutionCommand({ ...cancel, force: true }));
    await iot.send(new CancelJobCommand({ jobId: "fw-2" }));
    const { executionSummaries = [] } = await iot.send(new ListJobExecutionsForThingCommand({ thingName: "t" }));
    assert.deepEqual(
      executionSummaries.map(({ jobId, jobExecutionSummary }) => `${jobId} ${jobExecutionSummary?.status}`).sort(),
      ["fw-1 CANCELED", "fw-2 CANCELED"],
    );
  });

  it("are told clearly which operation is not emulated", async () => {
    await assert.rejects(cloud.iot.send(new ListStreamsCommand({})), {
      name: "UnknownOperationException",
      message: "This operation (GET /streams of service iot) is not emulated by the local cloud.",
    });
  });

  it("are refused with a wrong secret and an unknown key", async () => {
    const { accessKeyId } = cloud.services.credentials.operator();
    const attempt = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
      new IoTClient({
        region: "us-east-1",
        endpoint: cloud.origin,
        credentials,
        requestHandler: cloud.iot.config.requestHandler,
        maxAttempts: 1,
      }).send(new ListThingsCommand({}));
    await assert.rejects(attempt({ accessKeyId, secretAccessKey: "wrong" }), { name: "InvalidSignatureException" });
    await assert.rejects(attempt({ accessKeyId: "AKIANOBODY", secretAccessKey: "x" }), {
      name: "UnrecognizedClientException",
    });
  });

  it("put, get, head, list and delete objects, with checksums on", async () => {
    const { s3 } = cloud;
    const bytes = pattern(300_000);
    await s3.send(new CreateBucketCommand({ Bucket: "my-fw" }));
    const put = await s3.send(
      new PutObjectCommand({ Bucket: "my-fw", Key: "a b/ü+%.bin", Body: bytes, Metadata: { build: "7" } }),
    );
    assert.match(put.ChecksumCRC32 ?? "", /^[A-Za-z0-9+/]{6}==$/);
    const got = await s3.send(new GetObjectCommand({ Bucket: "my-fw", Key: "a b/ü+%.bin" }));
    assert.deepEqual(Buffer.from((await got.Body?.transformToByteArray()) ?? []), Buffer.from(bytes));
    assert.deepEqual(got.Metadata, { build: "7" });
    const head = await s3.send(new HeadObjectCommand({ Bucket: "my-fw", Key: "a b/ü+%.bin" }));
    assert.equal(head.ContentLength, 300_000);
    assert(head.LastModified instanceof Date);
    const list = await s3.send(new ListObjectsV2Command({ Bucket: "my-fw", Prefix: "a b/" }));
    assert.deepEqual(
      list.Contents?.map((object) => object.Key),
      ["a b/ü+%.bin"],
    );
    await s3.send(new DeleteObjectCommand({ Bucket: "my-fw", Key: "a b/ü+%.bin" }));
    await assert.rejects(s3.send(new GetObjectCommand({ Bucket: "my-fw", Key: "a b/ü+%.bin" })), NoSuchKey);
    await assert.rejects(s3.send(new HeadObjectCommand({ Bucket: "my-fw", Key: "a b/ü+%.bin" })), NotFound);
  });

  it("upload a stream, whose chunks carry a trailing checksum", async () => {
    const { s3 } = cloud;
    const { Readable } = await import("node:stream");
    const bytes = Buffer.from(pattern(200_000));
    await s3.send(new CreateBucketCommand({ Bucket: "my-fw" }));
    const Body = Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)]);
    await s3.send(new PutObjectCommand({ Bucket: "my-fw", Key: "s", Body, ContentLength: bytes.length }));
    const got = await s3.send(new GetObjectCommand({ Bucket: "my-fw", Key: "s" }));
    assert.equal(got.ContentEncoding, undefined);
    assert.deepEqual(Buffer.from((await got.Body?.transformToByteArray()) ?? []), bytes);
  });

  it("presign URLs that anyone may get", async () => {
    const { s3 } = cloud;
    await s3.send(new CreateBucketCommand({ Bucket: "my-fw" }));
    await s3.send(new PutObjectCommand({ Bucket: "my-fw", Key: "k", Body: "hello" }));
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: "my-fw", Key: "k" }), { expiresIn: 60 });
    const wire = await RawHttps.open(cloud.front.port, cloud.ca);
    assert.equal((await wire.request(url)).body.toString(), "hello");
    cloud.skipTime(60_000);
    assert.equal((await wire.request(url)).status, 403);
    wire.close();
  });

  it("check 12: each description has a new signature, the first URL dies in time, GetJobDocument shows the placeholder", async () => {
    const { iot, jobs, s3 } = cloud;
    await s3.send(new CreateBucketCommand({ Bucket: "my-fw" }));
    await s3.send(new PutObjectCommand({ Bucket: "my-fw", Key: "app.bin", Body: pattern(2000) }));
    await iot.send(new CreateThingCommand({ thingName: "t" }));
    const placeholder = "$" + "{aws:iot:s3-presigned-url:https://s3.us-east-1.amazonaws.com/my-fw/app.bin}";
    const presignedUrlConfig = { roleArn: ROLE, expiresInSec: 60 };
    await jobFor("t", "fw-1", { location: { url: placeholder } }, { presignedUrlConfig });
    const describe = async () => {
      const { execution } = await jobs.send(new DescribeJobExecutionCommand({ thingName: "t", jobId: "$next" }));
      const document: unknown = JSON.parse(execution?.jobDocument ?? "null");
      return /"(https:[^"]*)"/.exec(JSON.stringify(document))?.[1] ?? "";
    };
    const first = await describe();
    cloud.skipTime(1000);
    const second = await describe();
    const signatureOf = (url: string) => new URL(url).searchParams.get("X-Amz-Signature");
    assert.notEqual(signatureOf(first), signatureOf(second));

    const wire = await RawHttps.open(cloud.front.port, cloud.ca);
    assert.equal((await wire.request(first, "GET", { range: "bytes=0-9" })).status, 206);
    cloud.skipTime(59_000);
    const dead = await wire.request(first, "GET", { range: "bytes=10-19" });
    assert.equal(dead.status, 403);
    assert.equal(dead.headers["content-type"], "application/xml");
    assert.match(
      dead.body.toString(),
      /^<\?xml version="1.0" encoding="UTF-8"\?>\s*<Error><Code>AccessDenied<\/Code><Message>Request has expired<\/Message><X-Amz-Expires>60<\/X-Amz-Expires><Expires>[^<]*Z<\/Expires><ServerTime>[^<]*Z<\/ServerTime><RequestId>[^<]+<\/RequestId><HostId>[^<]+<\/HostId><\/Error>$/,
    );
    wire.close();
    const { document } = await iot.send(new GetJobDocumentCommand({ jobId: "fw-1" }));
    assert.equal(document, JSON.stringify({ location: { url: placeholder } }));
  });

  it("check 18: typed exceptions and Date objects", async () => {
    const { iot, jobs } = cloud;
    await assert.rejects(
      jobs.send(new DescribeJobExecutionCommand({ thingName: "t", jobId: "none" })),
      DataResourceNotFoundException,
    );
    await assert.rejects(iot.send(new DescribeJobCommand({ jobId: "none" })), ResourceNotFoundException);
    await iot.send(new CreateThingCommand({ thingName: "t" }));
    await jobFor("t", "fw-1");
    const { job } = await iot.send(new DescribeJobCommand({ jobId: "fw-1" }));
    const { certificateId } = await iot.send(new CreateKeysAndCertificateCommand({}));
    const { certificateDescription } = await iot.send(new DescribeCertificateCommand({ certificateId }));
    for (const date of [job?.createdAt, job?.lastUpdatedAt, certificateDescription?.creationDate]) {
      assert(date instanceof Date);
      assert(Math.abs(date.getTime() - Date.now()) < 60_000, date.toISOString());
    }
  });

  it("check 19: the same path is routed by the signing name, and %24next is $next", async () => {
    const { iot, jobs } = cloud;
    await iot.send(new CreateThingCommand({ thingName: "t" }));
    await jobFor("t", "fw-1");
    const target = { thingName: "t", jobId: "fw-1" };
    const control = await iot.send(new DescribeExecutionInControlPlane(target));
    const data = await jobs.send(new DescribeJobExecutionCommand(target));
    assert.equal(control.execution?.thingArn, thingArn("t"));
    assert.equal(data.execution?.jobDocument, '{"operation":"app_fw_update"}');
    const next = await jobs.send(new DescribeJobExecutionCommand({ thingName: "t", jobId: "$next" }));
    assert.equal(next.execution?.jobId, "fw-1");
  });

  it("get the local name from DescribeEndpoint", async () => {
    const { endpointAddress } = await cloud.iot.send(new DescribeEndpointCommand({ endpointType: "iot:Data-ATS" }));
    assert.equal(endpointAddress, "localhost");
    await assert.rejects(
      cloud.iot.send(new DescribeEndpointCommand({ endpointType: "iot:Other" })),
      InvalidRequestException,
    );
  });
});

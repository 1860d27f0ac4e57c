import assert from "node:assert/strict";
import {
  ConflictException,
  CreateJobCommand,
  CreateJobTemplateCommand,
  CreatePackageCommand,
  CreatePackageVersionCommand,
  CreateThingCommand,
  DeleteJobTemplateCommand,
  DeletePackageCommand,
  DeletePackageVersionCommand,
  DescribeJobCommand,
  DescribeJobTemplateCommand,
  GetJobDocumentCommand,
  GetPackageCommand,
  GetPackageConfigurationCommand,
  GetPackageVersionCommand,
  InvalidRequestException,
  ListJobTemplatesCommand,
  ListPackagesCommand,
  ListPackageVersionsCommand,
  type PackageVersionAction,
  ResourceNotFoundException,
  UpdatePackageCommand,
  UpdatePackageConfigurationCommand,
  UpdatePackageVersionCommand,
  ValidationException,
} from "@aws-sdk/client-iot";
import { GetThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { UpdateJobExecutionCommand } from "@aws-sdk/client-iot-jobs-data-plane";
import { type HttpsCloud, startHttpsCloud } from "../support/https-cloud.js";

const ROLE = "arn:aws:iam::000000000000:role/presign";
const arn = (name: string) => `arn:aws:iot:us-east-1:000000000000:${name}`;
const placeholder = (text: string) => `$${`{aws:iot:${text}}`}`;

describe("the software package catalog for the unmodified client", function () {
  this.timeout(30_000);
  let cloud: HttpsCloud;
  beforeEach(async () => {
    cloud = await startHttpsCloud();
  });
  afterEach(() => cloud.close());

  const act = (versionName: string, action: PackageVersionAction) =>
    cloud.iot.send(new UpdatePackageVersionCommand({ packageName: "fw", versionName, action }));
  async function published(versionName: string, attributes: Record<string, string> = {}) {
    await cloud.iot.send(new CreatePackageVersionCommand({ packageName: "fw", versionName, attributes }));
    await act(versionName, "PUBLISH");
  }
  async function jobFor(jobId: string, more: object) {
    await cloud.iot.send(new CreateJobCommand({ jobId, targets: [arn("thing/pump")], document: "{}", ...more }));
    // Executions appear a turn after the answer.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const finish = (jobId: string, status: "SUCCEEDED" | "FAILED") =>
    cloud.jobs.send(new UpdateJobExecutionCommand({ thingName: "pump", jobId, status }));
  async function reported(): Promise<unknown> {
    const shadow = { thingName: "pump", shadowName: "$package" };
    const { payload } = await cloud.data.send(new GetThingShadowCommand(shadow));
    return JSON.parse(Buffer.from(payload ?? []).toString("utf8")).state.reported;
  }

  it("keeps packages and versions, from draft to deprecated", async () => {
    const { iot } = cloud;
    const clientToken = "0123456789-0123456789-0123456789-0123";
    const made = await iot.send(
      new CreatePackageCommand({ packageName: "fw", description: "the firmware", clientToken }),
    );
    assert.deepEqual([made.packageName, made.packageArn], ["fw", arn("package/fw")]);
    await iot.send(new CreatePackageCommand({ packageName: "fw", clientToken }));
    await assert.rejects(iot.send(new CreatePackageCommand({ packageName: "fw" })), ConflictException);

    const version = { packageName: "fw", versionName: "1.0.2" };
    const draft = await iot.send(new CreatePackageVersionCommand({ ...version, attributes: { size: "4096" } }));
    assert.deepEqual([draft.packageVersionArn, draft.status], [arn("package/fw/version/1.0.2"), "DRAFT"]);
    await assert.rejects(
      iot.send(new UpdatePackageCommand({ packageName: "fw", defaultVersionName: "1.0.2" })),
      ValidationException,
    );
    await iot.send(new UpdatePackageVersionCommand({ ...version, attributes: { size: "8192" }, action: "PUBLISH" }));
    await assert.rejects(
      iot.send(new UpdatePackageVersionCommand({ ...version, attributes: {} })),
      (error) => error instanceof ConflictException && error.resourceId === "1.0.2",
    );
    await assert.rejects(act("1.0.2", "PUBLISH"), ConflictException);
    await iot.send(new UpdatePackageCommand({ packageName: "fw", defaultVersionName: "1.0.2" }));
    const read = await iot.send(new GetPackageCommand({ packageName: "fw" }));
    assert.deepEqual([read.defaultVersionName, read.description], ["1.0.2", "the firmware"]);
    assert(Math.abs((read.creationDate?.getTime() ?? 0) - Date.now()) < 60_000);

    await act("1.0.2", "DEPRECATE");
    const deprecated = await iot.send(new GetPackageVersionCommand(version));
    assert.deepEqual([deprecated.status, deprecated.attributes], ["DEPRECATED", { size: "8192" }]);
    await assert.rejects(iot.send(new DeletePackageVersionCommand(version)), ValidationException);
    await iot.send(new UpdatePackageCommand({ packageName: "fw", unsetDefaultVersion: true }));
    await assert.rejects(iot.send(new DeletePackageCommand({ packageName: "fw" })), ValidationException);
    await iot.send(new DeletePackageVersionCommand(version));
    await iot.send(new DeletePackageCommand({ packageName: "fw" }));
    await assert.rejects(iot.send(new GetPackageCommand({ packageName: "fw" })), ResourceNotFoundException);
  });

  it("lists packages and versions page by page, and by status", async () => {
    const { iot } = cloud;
    for (const packageName of ["c", "a", "fw"]) await iot.send(new CreatePackageCommand({ packageName }));
    const first = await iot.send(new ListPackagesCommand({ maxResults: 2 }));
    assert.deepEqual(
      first.packageSummaries?.map((one) => one.packageName),
      ["a", "c"],
    );
    const { nextToken } = first;
    const second = await iot.send(new ListPackagesCommand({ maxResults: 2, nextToken }));
    assert.deepEqual(
      second.packageSummaries?.map((one) => one.packageName),
      ["fw"],
    );
    await published("1.0.0");
    await iot.send(new CreatePackageVersionCommand({ packageName: "fw", versionName: "1.0.1" }));
    const versions = async (status?: "DRAFT") => {
      const list = await iot.send(new ListPackageVersionsCommand({ packageName: "fw", status }));
      return list.packageVersionSummaries?.map((one) => `${one.versionName} ${one.status}`);
    };
    assert.deepEqual(await versions(), ["1.0.0 PUBLISHED", "1.0.1 DRAFT"]);
    assert.deepEqual(await versions("DRAFT"), ["1.0.1 DRAFT"]);
  });

  it("refuses what is no package, no version and no attribute", async () => {
    const { iot } = cloud;
    await iot.send(new CreatePackageCommand({ packageName: "fw" }));
    const version = { packageName: "fw", versionName: "1" };
    for (const command of [
      new CreatePackageCommand({ packageName: "a b" }),
      new CreatePackageCommand({ packageName: "x".repeat(129) }),
      new CreatePackageCommand({ packageName: "d", description: "x".repeat(1025) }),
    ])
      await assert.rejects(iot.send(command), ValidationException);
    for (const attributes of [{ "a b": "c" }, { a: "" }, { a: "x".repeat(3073) }, { a: "\u0007" }])
      await assert.rejects(
        iot.send(
          new CreatePackageVersionCommand({ ...version, attributes: Object.fromEntries(Object.entries(attributes)) }),
        ),
        ValidationException,
      );
    await assert.rejects(
      iot.send(new CreatePackageVersionCommand({ packageName: "none", versionName: "1" })),
      ResourceNotFoundException,
    );
    const tags = { team: "a" };
    await assert.rejects(iot.send(new CreatePackageCommand({ packageName: "t", tags })), InvalidRequestException);
  });

  describe("with a job that installs a version", () => {
    beforeEach(async () => {
      await cloud.iot.send(new CreateThingCommand({ thingName: "pump" }));
      await cloud.iot.send(new CreatePackageCommand({ packageName: "fw" }));
      await published("1.0.2", { url: 'https://files.example.net/"a"', size: "4096" });
    });
    const destinationPackageVersions = [arn("package/fw/version/1.0.2")];

    it("writes it into the thing's shadow $package when the job succeeds, where that is turned on", async () => {
      const { iot } = cloud;
      assert.equal((await iot.send(new GetPackageConfigurationCommand({}))).versionUpdateByJobsConfig, undefined);
      await jobFor("before", { destinationPackageVersions });
      await finish("before", "SUCCEEDED");
      await assert.rejects(reported(), { name: "ResourceNotFoundException" });

      const versionUpdateByJobsConfig = { enabled: true, roleArn: ROLE };
      await iot.send(new UpdatePackageConfigurationCommand({ versionUpdateByJobsConfig }));
      assert.deepEqual(
        (await iot.send(new GetPackageConfigurationCommand({}))).versionUpdateByJobsConfig,
        versionUpdateByJobsConfig,
      );
      await jobFor("failed", { destinationPackageVersions });
      await finish("failed", "FAILED");
      await assert.rejects(reported(), { name: "ResourceNotFoundException" });
      await jobFor("good", { destinationPackageVersions });
      await finish("good", "SUCCEEDED");
      assert.deepEqual(await reported(), { fw: { version: "1.0.2", attributes: {} } });
      const { job } = await iot.send(new DescribeJobCommand({ jobId: "good" }));
      assert.deepEqual(job?.destinationPackageVersions, destinationPackageVersions);

      await jobFor("away", { destinationPackageVersions: [arn("package/fw/version/$null")] });
      await finish("away", "SUCCEEDED");
      assert.equal(await reported(), undefined);
    });

    it("does not take drafts, unknown versions and other ARNs", async () => {
      await cloud.iot.send(new CreatePackageVersionCommand({ packageName: "fw", versionName: "2" }));
      const refused = (...destinations: string[]) => jobFor("j", { destinationPackageVersions: destinations });
      await assert.rejects(refused(arn("package/fw/version/2")), InvalidRequestException);
      await assert.rejects(refused(arn("package/fw/version/3")), ResourceNotFoundException);
      await assert.rejects(refused(arn("package/none/version/$null")), ResourceNotFoundException);
      for (const other of [arn("package/fw"), arn("thing/pump"), "fw", arn("package/fw/version/1.0.2/x")])
        await assert.rejects(refused(other), InvalidRequestException);
      const many = Array.from({ length: 26 }, () => arn("package/fw/version/1.0.2"));
      await assert.rejects(refused(...many), InvalidRequestException);
    });

    it("replaces attributes and files of versions in the document, by name or as that of the job", async () => {
      const artifact = { s3Location: { bucket: "my-fw", key: "rel/a b.bin" } };
      await cloud.iot.send(new CreatePackageVersionCommand({ packageName: "fw", versionName: "3", artifact }));
      await act("3", "PUBLISH");
      const document = JSON.stringify({
        url: placeholder("package:fw:version:1.0.2:attributes:url"),
        file: placeholder("package::version::artifact:s3-presigned-url"),
      });
      const destinations = [arn("package/fw/version/3")];
      const presignedUrlConfig = { roleArn: ROLE };
      await jobFor("j", { document, destinationPackageVersions: destinations, presignedUrlConfig });
      const read = async (beforeSubstitution: boolean) =>
        (await cloud.iot.send(new GetJobDocumentCommand({ jobId: "j", beforeSubstitution }))).document;
      assert.equal(await read(true), document);
      assert.deepEqual(JSON.parse((await read(false)) ?? ""), {
        url: 'https://files.example.net/"a"',
        file: placeholder("s3-presigned-url:https://my-fw.s3.us-east-1.amazonaws.com/rel/a%20b.bin"),
      });
      for (const wrong of [
        "package:fw:version:1.0.2:attributes:none",
        "package::version::attributes:url",
        "package:fw:version::attributes:url",
        "package:fw:version:9:attributes:url",
        "package:fw:version:1.0.2:artifact:s3-presigned-url",
        "package:fw:other",
      ])
        await assert.rejects(jobFor("k", { document: JSON.stringify({ a: placeholder(wrong) }) }), /\w/, wrong);
    });
  });

  it("keeps job templates, and makes jobs of them", async () => {
    const { iot } = cloud;
    await iot.send(new CreateThingCommand({ thingName: "pump" }));
    await iot.send(new CreatePackageCommand({ packageName: "fw" }));
    await published("1.0.2");
    const template = {
      jobTemplateId: "update",
      description: "an update",
      document: '{"operation":"app_fw_update"}',
      timeoutConfig: { inProgressTimeoutInMinutes: 30 },
      abortConfig: {
        criteriaList: [
          { failureType: "ALL", action: "CANCEL", thresholdPercentage: 10, minNumberOfExecutedThings: 5 } as const,
        ],
      },
      destinationPackageVersions: [arn("package/fw/version/1.0.2")],
    };
    const made = await iot.send(new CreateJobTemplateCommand(template));
    assert.equal(made.jobTemplateArn, arn("jobtemplate/update"));
    await assert.rejects(iot.send(new CreateJobTemplateCommand(template)), ConflictException);
    const {
      $metadata: _,
      createdAt,
      jobTemplateArn,
      ...read
    } = await iot.send(new DescribeJobTemplateCommand({ jobTemplateId: "update" }));
    assert.deepEqual(read, template);
    assert(createdAt instanceof Date);

    const targets = [arn("thing/pump")];
    const timeoutConfig = { inProgressTimeoutInMinutes: 5 };
    await iot.send(new CreateJobCommand({ jobId: "j", targets, jobTemplateArn, timeoutConfig }));
    const { job } = await iot.send(new DescribeJobCommand({ jobId: "j" }));
    assert.deepEqual(
      [job?.jobTemplateArn, job?.description, job?.timeoutConfig, job?.abortConfig, job?.destinationPackageVersions],
      [jobTemplateArn, "an update", timeoutConfig, template.abortConfig, template.destinationPackageVersions],
    );
    const { document } = await iot.send(new GetJobDocumentCommand({ jobId: "j" }));
    assert.equal(document, template.document);

    await iot.send(new CreateJobTemplateCommand({ jobTemplateId: "again", description: "d", jobArn: arn("job/j") }));
    const again = await iot.send(new DescribeJobTemplateCommand({ jobTemplateId: "again" }));
    assert.deepEqual([again.document, again.timeoutConfig], [template.document, timeoutConfig]);
    const { jobTemplates } = await iot.send(new ListJobTemplatesCommand({}));
    assert.deepEqual(jobTemplates?.map((one) => one.jobTemplateId).sort(), ["again", "update"]);

    const both = { jobId: "k", targets, jobTemplateArn, document: "{}" };
    await assert.rejects(iot.send(new CreateJobCommand(both)), InvalidRequestException);
    const managed = "arn:aws:iot:us-east-1::jobtemplate/AWS-Reboot:1.0";
    await assert.rejects(iot.send(new CreateJobCommand({ jobId: "k", targets, jobTemplateArn: managed })), /managed/);
    await iot.send(new DeleteJobTemplateCommand({ jobTemplateId: "update" }));
    await assert.rejects(
      iot.send(new CreateJobCommand({ jobId: "k", targets, jobTemplateArn })),
      ResourceNotFoundException,
    );
    assert.equal((await iot.send(new DescribeJobCommand({ jobId: "j" }))).job?.jobId, "j");
  });
});

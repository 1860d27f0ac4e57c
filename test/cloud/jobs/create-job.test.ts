import assert from "node:assert/strict";
import { control, type OperationInput } from "../../../host-sim/cloud/jobs/index.js";
import { VirtualCloud } from "../support/virtual-cloud.js";

describe("CreateJob and its relatives", () => {
  let cloud: VirtualCloud;

  beforeEach(() => {
    cloud = new VirtualCloud();
  });
  afterEach(() => cloud.close());

  const create = (more: OperationInput) =>
    control.createJob(cloud.jobs, { jobId: "fw-1", targets: [cloud.arn("pump")], document: "{}", ...more });

  it("answers with ARN, id and description", () => {
    assert.deepEqual(create({ description: "first" }), {
      jobArn: "arn:aws:iot:us-east-1:123456789012:job/fw-1",
      jobId: "fw-1",
      description: "first",
    });
  });

  it("refuses a second job of the same id, with its ARN", () => {
    create({});
    assert.throws(() => create({}), {
      code: "ResourceAlreadyExists",
      members: { resourceId: "fw-1", resourceArn: "arn:aws:iot:us-east-1:123456789012:job/fw-1" },
    });
  });

  it("refuses targets that do not exist here", () => {
    const arns = [
      cloud.arn("ghost"),
      cloud.groupArn("ghosts"),
      "arn:aws:iot:eu-west-1:123456789012:thing/pump",
      "arn:aws:iot:us-east-1:000000000000:thing/pump",
      "arn:aws:iot:us-east-1:123456789012:cert/pump",
    ];
    for (const arn of arns) assert.throws(() => create({ targets: [arn] }), { code: "ResourceNotFound" }, arn);
  });

  const rollout = (config: object) => ({ jobExecutionsRolloutConfig: config });
  const criteria = { failureType: "FAILED", action: "CANCEL", thresholdPercentage: 20, minNumberOfExecutedThings: 1 };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what AWS writes
  const placeholder = "${aws:iot:s3-presigned-url:https://s3.us-east-1.amazonaws.com/b/k}";
  const wrong: Readonly<Record<string, OperationInput>> = {
    "a job id with a dot": { jobId: "fw.1" },
    "a job id with a colon": { jobId: "fw:1" },
    "a job id of 65 characters": { jobId: "x".repeat(65) },
    "no targets": { targets: [] },
    "101 targets": { targets: Array.from({ length: 101 }, () => "arn:aws:iot:us-east-1:123456789012:thing/pump") },
    "a target that is no ARN": { targets: ["pump"] },
    "no document": { document: undefined },
    "both document and documentSource": { documentSource: "https://s3.amazonaws.com/b/k" },
    "a document that is an object": { document: {} },
    "a document that is no JSON": { document: "{" },
    "a document that is too long": { document: JSON.stringify("x".repeat(32_767)) },
    "a documentSource without object": { document: undefined, documentSource: "https://s3.amazonaws.com/b/none" },
    "a job template that is none": {
      document: undefined,
      jobTemplateArn: "arn:aws:iot:us-east-1:123456789012:policy/t",
    },
    "an unknown target selection": { targetSelection: "snapshot" },
    "a placeholder without role": { document: JSON.stringify(placeholder) },
    "eleven placeholders": {
      document: JSON.stringify(Array.from({ length: 11 }, () => placeholder)),
      presignedUrlConfig: { roleArn: "arn:aws:iam::123456789012:role/fw" },
    },
    "URLs that live too short": { presignedUrlConfig: { expiresInSec: 59 } },
    "URLs that live too long": { presignedUrlConfig: { expiresInSec: 3601 } },
    "a time-out of no minutes": { timeoutConfig: { inProgressTimeoutInMinutes: 0 } },
    "a time-out beyond a week": { timeoutConfig: { inProgressTimeoutInMinutes: 10_081 } },
    "a roll-out of nothing": rollout({ maximumPerMinute: 0 }),
    "a roll-out that is too fast": rollout({ maximumPerMinute: 1001 }),
    "an increment factor with two decimals": rollout({
      exponentialRate: {
        baseRatePerMinute: 5,
        incrementFactor: 1.25,
        rateIncreaseCriteria: { numberOfNotifiedThings: 1 },
      },
    }),
    "both rate criteria": rollout({
      exponentialRate: {
        baseRatePerMinute: 5,
        incrementFactor: 2,
        rateIncreaseCriteria: { numberOfNotifiedThings: 1, numberOfSucceededThings: 1 },
      },
    }),
    "an abort criterion without action": { abortConfig: { criteriaList: [{ ...criteria, action: undefined }] } },
    "an abort threshold above 100": { abortConfig: { criteriaList: [{ ...criteria, thresholdPercentage: 101 }] } },
    "an abort list without criteria": { abortConfig: { criteriaList: [] } },
    "eleven retries": {
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: "FAILED", numberOfRetries: 11 }] },
    },
    "retries of REJECTED": {
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: "REJECTED", numberOfRetries: 1 }] },
    },
    "a start in ten minutes": { schedulingConfig: { startTime: new Date(1_767_000_600_000).toISOString() } },
    "a start that is no time": { schedulingConfig: { startTime: "soon" } },
    "maintenance windows": { schedulingConfig: { maintenanceWindows: [{ startTime: "cron(0 0 * * ? *)" }] } },
  };
  for (const [name, input] of Object.entries(wrong)) {
    it(`refuses ${name}`, () => {
      assert.throws(() => create(input), { code: "InvalidRequest" });
      assert.throws(() => cloud.job("fw-1"), { code: "ResourceNotFound" });
    });
  }

  it("reads documentSource once", () => {
    cloud.objects.set("https://s3.amazonaws.com/b/k", '{"v":1}');
    create({ document: undefined, documentSource: "https://s3.amazonaws.com/b/k" });
    cloud.objects.set("https://s3.amazonaws.com/b/k", '{"v":2}');
    assert.deepEqual(control.getJobDocument(cloud.jobs, { jobId: "fw-1" }), { document: '{"v":1}' });
    assert.equal(control.describeJob(cloud.jobs, { jobId: "fw-1" }).documentSource, "https://s3.amazonaws.com/b/k");
  });

  it("writes times of the control plane in seconds with fraction", () => {
    cloud.clock.advance(123);
    create({});
    assert.equal(cloud.job("fw-1").createdAt, 1_767_000_000.123);
  });

  it("UpdateJob cannot raise retries nor touch a job that ended", () => {
    create({});
    const retries = (numberOfRetries: number) => ({
      jobId: "fw-1",
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: "FAILED", numberOfRetries }] },
    });
    assert.throws(() => control.updateJob(cloud.jobs, retries(1)), { code: "InvalidRequest" });
    control.updateJob(cloud.jobs, retries(0));
    control.cancelJob(cloud.jobs, { jobId: "fw-1" });
    assert.throws(() => control.updateJob(cloud.jobs, { jobId: "fw-1", description: "x" }), { code: "InvalidRequest" });
  });

  it("DeleteJob needs an end or force, and frees the id", () => {
    create({});
    assert.throws(() => control.deleteJob(cloud.jobs, { jobId: "fw-1" }), { code: "InvalidStateTransition" });
    control.deleteJob(cloud.jobs, { jobId: "fw-1", force: true });
    assert.equal(cloud.jobStatus("fw-1"), "DELETION_IN_PROGRESS");
    cloud.settle(1000);
    create({});
  });

  it("limits deletions in progress to ten", () => {
    for (let index = 0; index <= 10; index++) cloud.createJob(`fw-${index}`);
    for (let index = 0; index < 10; index++) control.deleteJob(cloud.jobs, { jobId: `fw-${index}`, force: true });
    assert.throws(() => control.deleteJob(cloud.jobs, { jobId: "fw-10", force: true }), { code: "LimitExceeded" });
  });

  it("knows no job that was never made", () => {
    for (const operation of [control.describeJob, control.cancelJob, control.deleteJob, control.getJobDocument]) {
      assert.throws(() => operation(cloud.jobs, { jobId: "none" }), { code: "ResourceNotFound" });
    }
    assert.throws(() => control.listJobExecutionsForThing(cloud.jobs, { thingName: "ghost" }), {
      code: "ResourceNotFound",
    });
  });

  it("lists jobs newest first, by status", () => {
    cloud.createJob("fw-1");
    cloud.createJob("fw-2");
    control.cancelJob(cloud.jobs, { jobId: "fw-1" });
    const ids = (input: OperationInput) => {
      const { jobs } = control.listJobs(cloud.jobs, input);
      assert(Array.isArray(jobs));
      return jobs.map((job) => job.jobId);
    };
    assert.deepEqual(ids({}), ["fw-2", "fw-1"]);
    assert.deepEqual(ids({ status: "CANCELED" }), ["fw-1"]);
  });

  it("undoes everything of a request that fails half-way", () => {
    create({});
    cloud.settle();
    const before = JSON.stringify([...cloud.context.store.list(["jobs"])]);
    assert.throws(() =>
      cloud.jobs.transaction(() => {
        control.cancelJob(cloud.jobs, { jobId: "fw-1" });
        throw new Error("stop");
      }),
    );
    assert.equal(JSON.stringify([...cloud.context.store.list(["jobs"])]), before);
  });
});

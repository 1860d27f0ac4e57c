import assert from "node:assert/strict";
import { control, data, thingDeleted, thingJoinedGroup, thingLeftGroup } from "../../../host-sim/cloud/jobs/index.js";
import { OPEN_POLICY } from "../support/fake-registry.js";
import { VirtualCloud } from "../support/virtual-cloud.js";

const MINUTE = 60_000;

describe("Jobs for many things", () => {
  let cloud: VirtualCloud;

  beforeEach(() => {
    cloud = new VirtualCloud();
  });
  afterEach(() => cloud.close());

  const group = (name: string, size: number) => {
    const names = Array.from({ length: size }, (_, index) => `${name}-${index}`);
    for (const thing of names) cloud.registry.addThing(thing, [OPEN_POLICY]);
    cloud.registry.groups.set(name, names);
    return names;
  };
  const details = (jobId = "fw-1") => {
    const { jobProcessDetails } = cloud.job(jobId);
    assert(typeof jobProcessDetails === "object" && jobProcessDetails !== null);
    return new Map<string, unknown>(Object.entries(jobProcessDetails));
  };
  const count = (state: string, jobId = "fw-1") => details(jobId).get(`numberOf${state}Things`);
  const executions = (jobId = "fw-1") => {
    const { executionSummaries } = control.listJobExecutionsForJob(cloud.jobs, { jobId, maxResults: 250 });
    assert(Array.isArray(executionSummaries));
    return executionSummaries.length;
  };
  const update = (thingName: string, status: string, jobId = "fw-1") =>
    data.updateJobExecution(cloud.jobs, { thingName, jobId, status });

  it("check 21: a SNAPSHOT job completes when every execution is terminal", () => {
    const [first = "", second = ""] = group("fleet", 2);
    cloud.createJob("fw-1", { targets: [cloud.groupArn("fleet")] });
    update(first, "SUCCEEDED");
    assert.equal(cloud.jobStatus("fw-1"), "IN_PROGRESS");
    update(second, "REJECTED");
    const job = cloud.job("fw-1");
    assert.equal(job.status, "COMPLETED");
    assert.equal(typeof job.completedAt, "number");
  });

  it("check 21: a SNAPSHOT job ignores things that join later", () => {
    group("fleet", 1);
    cloud.createJob("fw-1", { targets: [cloud.groupArn("fleet")] });
    cloud.registry.groups.set("fleet", ["fleet-0", "pump"]);
    thingJoinedGroup(cloud.jobs, { thingName: "pump", thingGroupName: "fleet" });
    cloud.settle(MINUTE);
    assert.equal(executions(), 1);
  });

  it("gives a CONTINUOUS job of a group to a thing that joins a group below it", () => {
    group("fleet", 1);
    group("north", 0);
    cloud.registry.above.set("north", ["fleet"]);
    cloud.createJob("fw-1", { targets: [cloud.groupArn("fleet")], targetSelection: "CONTINUOUS" });
    cloud.registry.addThing("pump", [OPEN_POLICY]);
    cloud.registry.groups.set("fleet", ["fleet-0", "pump"]);
    thingJoinedGroup(cloud.jobs, { thingName: "pump", thingGroupName: "north" });
    cloud.settle(MINUTE);
    assert.equal(executions(), 2);
  });

  it("completes a job for an empty group", () => {
    group("fleet", 0);
    cloud.createJob("fw-1", { targets: [cloud.groupArn("fleet")] });
    assert.equal(cloud.jobStatus("fw-1"), "COMPLETED");
  });

  it("check 21: a CONTINUOUS job queues for a thing added later and never completes", () => {
    group("fleet", 1);
    const device = cloud.listening();
    cloud.createJob("fw-1", { targets: [cloud.groupArn("fleet")], targetSelection: "CONTINUOUS" });
    update("fleet-0", "SUCCEEDED");
    assert.equal(cloud.jobStatus("fw-1"), "IN_PROGRESS");
    cloud.registry.groups.set("fleet", ["fleet-0", "pump"]);
    thingJoinedGroup(cloud.jobs, { thingName: "pump", thingGroupName: "fleet" });
    cloud.settle();
    assert.deepEqual(
      device.take().map(({ topic }) => topic.split("/").at(-1)),
      ["notify", "notify-next"],
    );
  });

  it("check 21: leaving the group gives REMOVED, joining again a new execution number", () => {
    cloud.registry.groups.set("fleet", ["pump"]);
    const device = cloud.listening();
    cloud.createJob("fw-1", { targets: [cloud.groupArn("fleet")], targetSelection: "CONTINUOUS" });
    device.request("$aws/things/pump/jobs/start-next");
    cloud.registry.groups.set("fleet", []);
    device.take();
    thingLeftGroup(cloud.jobs, { thingName: "pump", thingGroupName: "fleet" });
    cloud.settle();
    assert.equal(device.take().length, 2);
    assert.equal(count("Removed"), 1);
    cloud.registry.groups.set("fleet", ["pump"]);
    thingJoinedGroup(cloud.jobs, { thingName: "pump", thingGroupName: "fleet" });
    cloud.settle();
    assert.match(device.request("$aws/things/pump/jobs/$next/get").text, /"executionNumber":2/);
  });

  it("a thing that is a target of its own stays when it leaves the group", () => {
    cloud.registry.groups.set("fleet", ["pump"]);
    const targets = [cloud.groupArn("fleet"), cloud.arn("pump")];
    cloud.createJob("fw-1", { targets, targetSelection: "CONTINUOUS" });
    cloud.registry.groups.set("fleet", []);
    thingLeftGroup(cloud.jobs, { thingName: "pump", thingGroupName: "fleet" });
    assert.equal(count("Queued"), 1);
  });

  it("deleting a thing removes its executions and may complete the job", () => {
    cloud.createJob("fw-1", { targets: [cloud.arn("pump"), cloud.arn("valve")] });
    update("valve", "SUCCEEDED");
    cloud.registry.things.delete("pump");
    thingDeleted(cloud.jobs, { thingName: "pump" });
    assert.equal(cloud.jobStatus("fw-1"), "COMPLETED");
    assert.equal(executions(), 1);
  });

  it("AssociateTargetsWithJob adds to CONTINUOUS jobs only", () => {
    cloud.createJob("fw-1", { targetSelection: "CONTINUOUS" });
    control.associateTargetsWithJob(cloud.jobs, { jobId: "fw-1", targets: [cloud.arn("valve"), cloud.arn("pump")] });
    cloud.settle();
    assert.equal(count("Queued"), 2);
    cloud.createJob("fw-2");
    const input = { jobId: "fw-2", targets: [cloud.arn("valve")] };
    assert.throws(() => control.associateTargetsWithJob(cloud.jobs, input), { code: "InvalidRequest" });
  });

  it("check 22: rolls out at most maximumPerMinute executions a minute, and the counters add up", () => {
    group("fleet", 25);
    cloud.createJob("fw-1", {
      targets: [cloud.groupArn("fleet")],
      jobExecutionsRolloutConfig: { maximumPerMinute: 10 },
    });
    for (const expected of [10, 20, 25]) {
      assert.equal(executions(), expected);
      assert.equal(count("Queued"), expected);
      assert.equal(details().has("processingTargets"), expected < 25);
      cloud.settle(MINUTE);
    }
  });

  it("check 22: raises the rate as the criterion is met, up to the maximum", () => {
    group("fleet", 60);
    cloud.createJob("fw-1", {
      targets: [cloud.groupArn("fleet")],
      jobExecutionsRolloutConfig: {
        maximumPerMinute: 20,
        exponentialRate: {
          baseRatePerMinute: 5,
          incrementFactor: 2,
          rateIncreaseCriteria: { numberOfNotifiedThings: 5 },
        },
      },
    });
    const seen: number[] = [];
    for (let minute = 0; minute < 5; minute++) {
      seen.push(executions());
      cloud.settle(MINUTE);
    }
    assert.deepEqual(seen, [5, 15, 35, 55, 60]);
  });

  it("check 22: raises the rate by successes only when that is the criterion", () => {
    const names = group("fleet", 12);
    cloud.createJob("fw-1", {
      targets: [cloud.groupArn("fleet")],
      jobExecutionsRolloutConfig: {
        exponentialRate: {
          baseRatePerMinute: 2,
          incrementFactor: 3,
          rateIncreaseCriteria: { numberOfSucceededThings: 2 },
        },
      },
    });
    cloud.settle(MINUTE);
    assert.equal(executions(), 4);
    for (const name of names.slice(0, 2)) update(name, "SUCCEEDED");
    cloud.settle(MINUTE);
    assert.equal(executions(), 10);
  });

  it("check 22: aborts at the threshold: queued executions are cancelled, those in progress go on", () => {
    const [a = "", b = "", c = ""] = group("fleet", 10);
    cloud.createJob("fw-1", {
      targets: [cloud.groupArn("fleet")],
      abortConfig: {
        criteriaList: [
          { failureType: "FAILED", action: "CANCEL", thresholdPercentage: 20, minNumberOfExecutedThings: 5 },
        ],
      },
    });
    update(c, "IN_PROGRESS");
    update(a, "FAILED");
    assert.equal(cloud.jobStatus("fw-1"), "IN_PROGRESS");
    update(b, "FAILED");
    const job = cloud.job("fw-1");
    assert.equal(job.status, "CANCELED");
    assert.equal(job.reasonCode, "ABORT_CRITERIA_MET");
    assert.deepEqual([count("Failed"), count("Canceled"), count("InProgress")], [2, 7, 1]);
    update(c, "SUCCEEDED");
    assert.equal(count("Succeeded"), 1);
    assert.equal(cloud.jobStatus("fw-1"), "CANCELED");
  });

  it("aborts for the failure type named only, or for all", () => {
    const criterion = { action: "CANCEL", thresholdPercentage: 50, minNumberOfExecutedThings: 1 };
    const abort = (failureType: string) => ({ abortConfig: { criteriaList: [{ failureType, ...criterion }] } });
    for (const [failureType, expected] of [
      ["TIMED_OUT", "IN_PROGRESS"],
      ["ALL", "CANCELED"],
    ] as const) {
      const jobId = `fw-${failureType}`;
      cloud.createJob(jobId, { targets: [cloud.arn("pump"), cloud.arn("valve")], ...abort(failureType) });
      update("pump", "REJECTED", jobId);
      assert.equal(cloud.jobStatus(jobId), expected);
    }
  });

  it("check 20: cancel without force leaves IN_PROGRESS, with force cancels and notifies", () => {
    const device = cloud.listening();
    cloud.createJob("fw-1", { targets: [cloud.arn("pump"), cloud.arn("valve")] });
    device.request("$aws/things/pump/jobs/start-next");
    device.take();
    control.cancelJob(cloud.jobs, { jobId: "fw-1", reasonCode: "BAD_IMAGE", comment: "stop" });
    cloud.settle();
    assert.deepEqual([count("InProgress"), count("Canceled")], [1, 1]);
    assert.deepEqual(device.take(), []);
    control.cancelJob(cloud.jobs, { jobId: "fw-1", force: true });
    cloud.settle();
    assert.equal(count("Canceled"), 2);
    assert.equal(device.take().length, 2);
    assert.equal(cloud.job("fw-1").forceCanceled, true);
  });

  it("check 20: an execution IN_PROGRESS is not cancelled without force", () => {
    cloud.createJob("fw-1");
    update("pump", "IN_PROGRESS");
    const execution = { jobId: "fw-1", thingName: "pump" };
    const cancel = (more: object) => control.cancelJobExecution(cloud.jobs, { ...execution, ...more });
    assert.throws(() => cancel({}), { code: "InvalidStateTransition" });
    assert.throws(() => cancel({ force: true, expectedVersion: 1 }), { code: "VersionConflict" });
    cancel({ force: true, expectedVersion: 2, statusDetails: { by: "operator" } });
    assert.throws(() => cancel({ force: true }), { code: "InvalidStateTransition" });
    assert.equal(cloud.jobStatus("fw-1"), "COMPLETED");
  });

  it("check 12: presigns anew at each delivery and shows the operator the placeholder", () => {
    const url = "https://s3.us-east-1.amazonaws.com/fw/app.bin";
    const document = `{"a":"\${aws:iot:s3-presigned-url:${url}}","b":"x \${aws:iot:s3-presigned-url-v2:${url.replaceAll("/", "\\/")}}"}`;
    cloud.createJob("fw-1", {
      document,
      presignedUrlConfig: { roleArn: "arn:aws:iam::123456789012:role/fw", expiresInSec: 60 },
    });
    const device = cloud.device();
    const texts = ["$next/get", "fw-1/get", "start-next"].map(
      (end) => device.request(`$aws/things/pump/jobs/${end}`).text,
    );
    for (const text of texts) assert(text.includes(`${url}?X-Amz-Expires=60&X-Amz-Signature=`), text);
    assert.equal(new Set(texts.map((text) => /Signature=\d+/.exec(text)?.[0])).size, 3);
    assert(cloud.presigned.every((presigned) => presigned === url));
    assert.deepEqual(control.getJobDocument(cloud.jobs, { jobId: "fw-1" }), { document });
  });

  it("pages through executions and jobs", () => {
    group("fleet", 7);
    cloud.createJob("fw-1", { targets: [cloud.groupArn("fleet")] });
    const seen: unknown[] = [];
    let nextToken: unknown;
    do {
      const page = control.listJobExecutionsForJob(cloud.jobs, { jobId: "fw-1", maxResults: "3", nextToken });
      assert(Array.isArray(page.executionSummaries) && page.executionSummaries.length <= 3);
      seen.push(...page.executionSummaries);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    assert.equal(seen.length, 7);
    assert.throws(() => control.listJobs(cloud.jobs, { nextToken: "!" }), { code: "InvalidRequest" });
    assert.throws(() => control.listJobs(cloud.jobs, { maxResults: "251" }), { code: "InvalidRequest" });
  });

  it("starts and ends a scheduled job on time", () => {
    const at = (minutes: number) => new Date(cloud.clock.now() + minutes * MINUTE).toISOString();
    const schedulingConfig = { startTime: at(40), endTime: at(80), endBehavior: "FORCE_CANCEL" };
    cloud.createJob("fw-1", { schedulingConfig });
    assert.equal(cloud.jobStatus("fw-1"), "SCHEDULED");
    assert.equal(executions(), 0);
    cloud.settle(41 * MINUTE);
    assert.equal(executions(), 1);
    update("pump", "IN_PROGRESS");
    cloud.settle(40 * MINUTE);
    assert.equal(cloud.jobStatus("fw-1"), "CANCELED");
    assert.equal(count("Canceled"), 1);
  });
});

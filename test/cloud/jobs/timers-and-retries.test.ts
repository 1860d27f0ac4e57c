import assert from "node:assert/strict";
import { control } from "../../../host-sim/cloud/jobs/index.js";
import { memoryStore } from "../../../host-sim/cloud/store/memory-store.js";
import type { MqttTestClient } from "../support/mqtt-test-client.js";
import { VirtualCloud } from "../support/virtual-cloud.js";

const JOBS = "$aws/things/pump/jobs";
const MINUTE = 60_000;

describe("Jobs timers", () => {
  let cloud: VirtualCloud;
  let device: MqttTestClient;

  beforeEach(() => {
    cloud = new VirtualCloud();
    device = cloud.listening();
  });
  afterEach(() => cloud.close());

  const update = (body: object) => device.request(`${JOBS}/fw-1/update`, body);
  const execution = () => {
    const output = control.describeJobExecution(cloud.jobs, { thingName: "pump", jobId: "fw-1" }).execution;
    return typeof output === "object" && output !== null ? { ...output } : {};
  };
  const remaining = () =>
    "approximateSecondsBeforeTimedOut" in execution()
      ? Reflect.get(execution(), "approximateSecondsBeforeTimedOut")
      : undefined;
  const status = () => Reflect.get(execution(), "status");

  it("check 11: no timer runs while QUEUED", () => {
    cloud.createJob("fw-1", { timeoutConfig: { inProgressTimeoutInMinutes: 1 } });
    cloud.settle(60 * MINUTE);
    assert.equal(status(), "QUEUED");
    assert.equal(remaining(), undefined);
  });

  it("check 11: the in-progress timer runs from the start and cannot be restarted by the device", () => {
    cloud.createJob("fw-1", { timeoutConfig: { inProgressTimeoutInMinutes: 5 } });
    update({ status: "IN_PROGRESS" });
    assert.equal(remaining(), 300);
    cloud.settle(4 * MINUTE);
    update({ status: "IN_PROGRESS" });
    assert.equal(remaining(), 60);
    cloud.settle(MINUTE);
    assert.equal(status(), "TIMED_OUT");
  });

  it("check 11: a step timer is set, replaced and removed", () => {
    cloud.createJob("fw-1");
    update({ status: "IN_PROGRESS", stepTimeoutInMinutes: 2 });
    assert.equal(remaining(), 120);
    cloud.settle(MINUTE);
    update({ status: "IN_PROGRESS" });
    assert.equal(remaining(), 60);
    update({ status: "IN_PROGRESS", stepTimeoutInMinutes: 3 });
    assert.equal(remaining(), 180);
    update({ status: "IN_PROGRESS", stepTimeoutInMinutes: -1 });
    assert.equal(remaining(), undefined);
    cloud.settle(600 * MINUTE);
    assert.equal(status(), "IN_PROGRESS");
  });

  it("check 11: a step timer cannot extend the in-progress timer", () => {
    cloud.createJob("fw-1", { timeoutConfig: { inProgressTimeoutInMinutes: 5 } });
    device.request(`${JOBS}/start-next`, { stepTimeoutInMinutes: 60 });
    assert.equal(remaining(), 300);
    cloud.settle(5 * MINUTE);
    assert.equal(status(), "TIMED_OUT");
  });

  it("check 11: a time-out notifies, and the update that comes too late is refused", () => {
    cloud.createJob("fw-1");
    update({ status: "IN_PROGRESS", stepTimeoutInMinutes: 1 });
    device.take();
    cloud.settle(MINUTE + 100);
    assert.deepEqual(
      device.take().map(({ topic }) => topic.slice(JOBS.length + 1)),
      ["notify", "notify-next"],
    );
    assert.equal(update({ status: "SUCCEEDED" }).json.code, "TerminalStateReached");
    assert.equal(cloud.jobStatus("fw-1"), "COMPLETED");
  });

  it("check 10: a time-out is counted, versions included", () => {
    cloud.createJob("fw-1");
    update({ status: "IN_PROGRESS", stepTimeoutInMinutes: 1 });
    cloud.settle(MINUTE + 100);
    assert.equal(Reflect.get(execution(), "versionNumber"), 3);
  });

  it("check 11: a retry after a time-out is execution number 2, version 1", () => {
    cloud.createJob("fw-1", {
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: "TIMED_OUT", numberOfRetries: 1 }] },
    });
    update({ status: "IN_PROGRESS", stepTimeoutInMinutes: 1, statusDetails: { old: "x" } });
    cloud.settle(MINUTE + 100);
    const next = device.request(`${JOBS}/$next/get`).json.execution;
    assert(typeof next === "object" && next !== null);
    assert.equal(Reflect.get(next, "executionNumber"), 2);
    assert.equal(Reflect.get(next, "versionNumber"), 1);
    assert.equal(Reflect.get(next, "statusDetails"), undefined);
    assert.equal(cloud.jobStatus("fw-1"), "IN_PROGRESS");
    update({ status: "FAILED" });
    assert.equal(cloud.jobStatus("fw-1"), "COMPLETED");
  });

  it("retries FAILED until the number is used, and never REJECTED", () => {
    const jobExecutionsRetryConfig = { criteriaList: [{ failureType: "ALL", numberOfRetries: 2 }] };
    cloud.createJob("fw-1", { jobExecutionsRetryConfig });
    for (let attempt = 0; attempt < 3; attempt++) {
      assert.equal(cloud.jobStatus("fw-1"), "IN_PROGRESS");
      update({ status: "FAILED" });
    }
    assert.equal(cloud.jobStatus("fw-1"), "COMPLETED");
    assert.equal(Reflect.get(execution(), "retryAttempt"), 2);
    cloud.createJob("fw-2", { jobExecutionsRetryConfig });
    device.request(`${JOBS}/fw-2/update`, { status: "REJECTED" });
    assert.equal(cloud.jobStatus("fw-2"), "COMPLETED");
  });

  it("notifies about the end and about the retry", () => {
    cloud.createJob("fw-1", {
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: "FAILED", numberOfRetries: 1 }] },
    });
    device.take();
    device.publish(`${JOBS}/fw-1/update`, { status: "FAILED" });
    cloud.settle();
    const messages = device.take();
    assert.deepEqual(
      messages.map(({ topic }) => topic.slice(JOBS.length + 1)),
      ["fw-1/update/accepted", "notify", "notify-next", "notify", "notify-next"],
    );
    assert.match(messages[4]?.text ?? "", /"executionNumber":2/);
  });

  it("updates of an execution that a retry replaced are refused", () => {
    cloud.createJob("fw-1", {
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: "FAILED", numberOfRetries: 1 }] },
    });
    update({ status: "FAILED" });
    assert.equal(update({ status: "SUCCEEDED", executionNumber: 1 }).json.code, "TerminalStateReached");
    assert.equal(update({ status: "SUCCEEDED", executionNumber: 2 }).topic, `${JOBS}/fw-1/update/accepted`);
  });

  it("a new time-out of the job counts for executions that start later", () => {
    cloud.registry.things.add("valve");
    cloud.createJob("fw-1", {
      targets: [cloud.arn("pump"), cloud.arn("valve")],
      timeoutConfig: { inProgressTimeoutInMinutes: 10 },
    });
    update({ status: "IN_PROGRESS" });
    control.updateJob(cloud.jobs, { jobId: "fw-1", timeoutConfig: { inProgressTimeoutInMinutes: 2 } });
    const valve = cloud.device("valve");
    valve.request("$aws/things/valve/jobs/start-next");
    cloud.settle(2 * MINUTE);
    assert.equal(status(), "IN_PROGRESS");
    assert.match(valve.request("$aws/things/valve/jobs/fw-1/get").text, /TerminalStateReached/);
  });

  it("timers, roll-outs and deletions go on after a restart of the cloud", () => {
    const store = memoryStore();
    const first = new VirtualCloud({ store, clock: cloud.clock });
    first.createJob("fw-1", { timeoutConfig: { inProgressTimeoutInMinutes: 5 } });
    first.device().request(`${JOBS}/start-next`);
    control.createJob(first.jobs, { jobId: "fw-2", targets: [first.arn("pump")], document: "{}" });
    first.close();
    const second = new VirtualCloud({ store, clock: cloud.clock });
    second.settle();
    const client = second.device();
    assert.match(client.request(`${JOBS}/get`).text, /"fw-2"/);
    second.settle(5 * MINUTE);
    assert.equal(second.jobStatus("fw-1"), "COMPLETED");
    control.deleteJob(second.jobs, { jobId: "fw-1" });
    second.close();
    const third = new VirtualCloud({ store, clock: cloud.clock });
    third.settle(1000);
    assert.throws(() => third.job("fw-1"), { code: "ResourceNotFound" });
    third.close();
  });
});

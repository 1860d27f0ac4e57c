import assert from "node:assert/strict";
import { control, type JobsOptions } from "../../../host-sim/cloud/jobs/index.js";
import type { MqttTestClient } from "../support/mqtt-test-client.js";
import { DOCUMENT, VirtualCloud } from "../support/virtual-cloud.js";

const JOBS = "$aws/things/pump/jobs";
const MINUTE = 60_000;

describe("Switches of the Jobs service", () => {
  let cloud: VirtualCloud | undefined;
  let device: MqttTestClient;

  const start = (jobs: Partial<JobsOptions>) => {
    cloud = new VirtualCloud({ jobs });
    device = cloud.device();
    return cloud;
  };
  afterEach(() => cloud?.close());

  const update = (body: object) => device.request(`${JOBS}/fw-1/update`, body).json;
  const next = () => device.request(`${JOBS}/$next/get`).text;

  it("terminalUpdateCode: InvalidStateTransition carries the state", () => {
    start({ terminalUpdateCode: "InvalidStateTransition" }).createJob("fw-1");
    update({ status: "SUCCEEDED" });
    const { code, executionState } = update({ status: "IN_PROGRESS" });
    assert.deepEqual([code, executionState], ["InvalidStateTransition", { status: "SUCCEEDED", versionNumber: 2 }]);
  });

  it("terminalCarriesState: TerminalStateReached carries the state, for update and describe", () => {
    start({ terminalCarriesState: true }).createJob("fw-1");
    update({ status: "REJECTED" });
    const state = { status: "REJECTED", versionNumber: 2 };
    assert.deepEqual(update({ status: "FAILED" }).executionState, state);
    assert.deepEqual(device.request(`${JOBS}/fw-1/get`).json.executionState, state);
  });

  it("terminalBeforeVersion: the version check may come first", () => {
    start({ terminalBeforeVersion: false }).createJob("fw-1");
    update({ status: "SUCCEEDED" });
    assert.equal(update({ status: "FAILED", expectedVersion: 9 }).code, "VersionMismatch");
    assert.equal(update({ status: "FAILED", expectedVersion: 2 }).code, "TerminalStateReached");
  });

  it("queuedMayFinish: QUEUED may have to pass through IN_PROGRESS", () => {
    start({ queuedMayFinish: false }).createJob("fw-1");
    for (const status of ["SUCCEEDED", "FAILED"]) assert.equal(update({ status }).code, "InvalidStateTransition");
    update({ status: "IN_PROGRESS" });
    assert.equal(update({ status: "SUCCEEDED" }).code, undefined);
  });

  it("serviceBumpsVersion: a cancel may leave the version", () => {
    for (const [serviceBumpsVersion, expected] of [
      [true, 2],
      [false, 1],
    ] as const) {
      const started = start({ serviceBumpsVersion });
      started.createJob("fw-1");
      control.cancelJob(started.jobs, { jobId: "fw-1" });
      const { execution } = control.describeJobExecution(started.jobs, { thingName: "pump", jobId: "fw-1" });
      assert.equal(Reflect.get(Object(execution), "versionNumber"), expected);
      started.close();
    }
  });

  it("retryVersion: a retry may count on", () => {
    const criteriaList = [{ failureType: "FAILED", numberOfRetries: 1 }];
    start({ retryVersion: "continue" }).createJob("fw-1", { jobExecutionsRetryConfig: { criteriaList } });
    update({ status: "FAILED" });
    assert.match(next(), /"versionNumber":3,"executionNumber":2/);
  });

  it("startNextRestartsStepTimer: a repeated start-next may restart the step timer", () => {
    for (const [startNextRestartsStepTimer, expected] of [
      [false, 60],
      [true, 120],
    ] as const) {
      const started = start({ startNextRestartsStepTimer });
      started.createJob("fw-1");
      const startNext = () => device.request(`${JOBS}/start-next`, { stepTimeoutInMinutes: 2 }).json.execution;
      startNext();
      started.settle(MINUTE);
      assert.equal(Reflect.get(Object(startNext()), "approximateSecondsBeforeTimedOut"), expected);
      started.close();
    }
  });

  it("timeoutLagMs: a time-out may come late, but comes", () => {
    const started = start({ timeoutLagMs: 30_000 });
    started.createJob("fw-1");
    update({ status: "IN_PROGRESS", stepTimeoutInMinutes: 1 });
    started.settle(MINUTE + 29_000);
    assert.match(next(), /"approximateSecondsBeforeTimedOut":0/);
    started.settle(1000);
    assert(!next().includes("execution"));
  });

  it("abortPercentageOf: the threshold may refer to executions that ended", () => {
    const criteria = { failureType: "ALL", action: "CANCEL", thresholdPercentage: 100, minNumberOfExecutedThings: 1 };
    for (const [abortPercentageOf, expected] of [
      ["notified", "IN_PROGRESS"],
      ["finished", "CANCELED"],
    ] as const) {
      const started = start({ abortPercentageOf });
      const targets = [started.arn("pump"), started.arn("valve")];
      started.createJob("fw-1", { targets, abortConfig: { criteriaList: [criteria] } });
      update({ status: "FAILED" });
      assert.equal(started.jobStatus("fw-1"), expected);
      started.close();
    }
  });

  it("placeholders: one of the two forms may be left alone", () => {
    const placeholder = (form: string) => `\${aws:iot:s3-presigned-url${form}:https://s3.amazonaws.com/b/k}`;
    const document = JSON.stringify({ one: placeholder(""), two: placeholder("-v2") });
    for (const [placeholders, left] of [
      ["both", 0],
      ["v1", 1],
      ["v2", 1],
    ] as const) {
      const started = start({ placeholders });
      started.createJob("fw-1", { document, presignedUrlConfig: { roleArn: "arn:aws:iam::123456789012:role/fw" } });
      assert.equal(next().split("${aws:iot").length - 1, left);
      started.close();
    }
  });

  it("placeholderWithoutRole: the text may be delivered as it is", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what AWS writes
    const document = JSON.stringify({ ...DOCUMENT, url: "${aws:iot:s3-presigned-url:https://s3.amazonaws.com/b/k}" });
    const started = start({ placeholderWithoutRole: "verbatim" });
    started.createJob("fw-1", { document });
    assert(next().includes("${aws:iot:s3-presigned-url:"));
    assert.deepEqual(started.presigned, []);
  });

  it("invalidTopicReply: there may be no answer", () => {
    start({ invalidTopicReply: "none" });
    assert.equal(device.publish(`${JOBS}/nothing`), true);
    assert.deepEqual(device.take(), []);
  });

  it("clientTokenLength and statusDetailsValueLength: limits may be moved", () => {
    start({ clientTokenLength: 0, statusDetailsValueLength: 128 }).createJob("fw-1");
    assert.equal(update({ status: "IN_PROGRESS", clientToken: "x".repeat(500) }).code, undefined);
    assert.equal(update({ status: "IN_PROGRESS", statusDetails: { a: "x".repeat(128) } }).code, undefined);
    assert.equal(update({ status: "IN_PROGRESS", statusDetails: { a: "x".repeat(129) } }).code, "InvalidRequest");
  });
});

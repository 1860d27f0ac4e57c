import assert from "node:assert/strict";
import { control } from "../../../host-sim/cloud/jobs/index.js";
import type { MqttTestClient } from "../support/mqtt-test-client.js";
import { DOCUMENT, VirtualCloud } from "../support/virtual-cloud.js";

const JOBS = "$aws/things/pump/jobs";

describe("Jobs requests over MQTT", () => {
  let cloud: VirtualCloud;
  let device: MqttTestClient;

  beforeEach(() => {
    cloud = new VirtualCloud();
    device = cloud.device();
  });
  afterEach(() => cloud.close());

  const update = (body: object, jobId = "fw-1") => device.request(`${JOBS}/${jobId}/update`, body);

  describe("where nothing is pending", () => {
    it("check 2: answers $next/get without execution and without token when none was sent", () => {
      const answer = device.request(`${JOBS}/$next/get`);
      assert.equal(answer.topic, `${JOBS}/$next/get/accepted`);
      assert.deepEqual(answer.json, { timestamp: 1_767_000_000 });
    });

    it("check 2: echoes the token of $next/get and start-next", () => {
      for (const operation of ["$next/get", "start-next"]) {
        const answer = device.request(`${JOBS}/${operation}`, { clientToken: "c-1" });
        assert.deepEqual(answer.json, { clientToken: "c-1", timestamp: 1_767_000_000 });
      }
    });

    it("check 2: answers start-next without execution", () => {
      assert.deepEqual(device.request(`${JOBS}/start-next`, "{}").json, { timestamp: 1_767_000_000 });
    });

    it("lists both kinds of pending executions, empty", () => {
      const answer = device.request(`${JOBS}/get`, { clientToken: "" });
      assert.deepEqual(answer.json, { clientToken: "", timestamp: 1_767_000_000, inProgressJobs: [], queuedJobs: [] });
    });
  });

  describe("where a job is queued", () => {
    beforeEach(() => cloud.createJob("fw-1"));

    it("describes it by $next with an object as document, without changing it", () => {
      const expected = {
        jobId: "fw-1",
        status: "QUEUED",
        queuedAt: 1_767_000_000,
        lastUpdatedAt: 1_767_000_000,
        versionNumber: 1,
        executionNumber: 1,
        jobDocument: DOCUMENT,
      };
      for (const id of ["$next", "fw-1", "$next"]) {
        assert.deepEqual(device.request(`${JOBS}/${id}/get`).json.execution, expected);
      }
    });

    it("leaves the document out when asked to", () => {
      const { execution } = device.request(`${JOBS}/fw-1/get`, { includeJobDocument: false }).json;
      assert(typeof execution === "object" && execution !== null && !("jobDocument" in execution));
    });

    it("check 4: start-next gives version 2 with startedAt, and the same again when repeated", () => {
      cloud.settle(3000);
      const first = device.request(`${JOBS}/start-next`, { statusDetails: { phase: "one" } }).json.execution;
      assert.deepEqual(first, {
        jobId: "fw-1",
        status: "IN_PROGRESS",
        statusDetails: { phase: "one" },
        queuedAt: 1_767_000_000,
        startedAt: 1_767_000_003,
        lastUpdatedAt: 1_767_000_003,
        versionNumber: 2,
        executionNumber: 1,
        jobDocument: DOCUMENT,
      });
      cloud.settle(5000);
      const again = device.request(`${JOBS}/start-next`, { statusDetails: { phase: "two" } }).json.execution;
      assert.deepEqual(again, first);
    });

    it("check 7: takes expectedVersion as number and as numeric text", () => {
      assert.equal(update({ status: "IN_PROGRESS", expectedVersion: "1" }).topic, `${JOBS}/fw-1/update/accepted`);
      assert.equal(update({ status: "IN_PROGRESS", expectedVersion: 2 }).topic, `${JOBS}/fw-1/update/accepted`);
    });

    it("check 7: refuses a stale version with the state, without empty statusDetails", () => {
      update({ status: "IN_PROGRESS" });
      const { json } = update({ status: "IN_PROGRESS", expectedVersion: "1", clientToken: "c-9" });
      assert.deepEqual(json, {
        clientToken: "c-9",
        timestamp: 1_767_000_000,
        code: "VersionMismatch",
        message: "Expected version 1 but found version 2",
        executionState: { status: "IN_PROGRESS", versionNumber: 2 },
      });
    });

    it("check 7: carries statusDetails in a version mismatch when there are some", () => {
      update({ status: "IN_PROGRESS", statusDetails: { step: "4" } });
      assert.deepEqual(update({ status: "FAILED", expectedVersion: 7 }).json.executionState, {
        status: "IN_PROGRESS",
        statusDetails: { step: "4" },
        versionNumber: 2,
      });
    });

    it("check 7: refuses an expectedVersion that is no number", () => {
      assert.equal(update({ status: "IN_PROGRESS", expectedVersion: "x" }).json.code, "InvalidRequest");
    });

    it("check 9: keeps statusDetails when absent or null, and replaces all of them when given", () => {
      const state = (body: object) =>
        update({ status: "IN_PROGRESS", includeJobExecutionState: true, ...body }).json.executionState;
      assert.deepEqual(state({ statusDetails: { a: "1", b: "2" } }), {
        status: "IN_PROGRESS",
        statusDetails: { a: "1", b: "2" },
        versionNumber: 2,
      });
      assert.deepEqual(state({}), { status: "IN_PROGRESS", statusDetails: { a: "1", b: "2" }, versionNumber: 3 });
      assert.deepEqual(state({ statusDetails: null }), {
        status: "IN_PROGRESS",
        statusDetails: { a: "1", b: "2" },
        versionNumber: 4,
      });
      assert.deepEqual(state({ statusDetails: { c: "3" } }), {
        status: "IN_PROGRESS",
        statusDetails: { c: "3" },
        versionNumber: 5,
      });
    });

    it("accepts an update with exactly token and timestamp", () => {
      assert.deepEqual(update({ status: "IN_PROGRESS", clientToken: "t" }).json, {
        clientToken: "t",
        timestamp: 1_767_000_000,
      });
    });

    it("returns the document of an update when asked to", () => {
      assert.deepEqual(update({ status: "IN_PROGRESS", includeJobDocument: true }).json.jobDocument, DOCUMENT);
    });

    it("check 8: refuses what is not a JSON object, without a token", () => {
      for (const payload of ["[]", "{bad", '"x"', "3", Uint8Array.of(0x7b, 0xff, 0x7d)]) {
        const answer = device.request(`${JOBS}/fw-1/update`, payload);
        assert.equal(answer.topic, `${JOBS}/fw-1/update/rejected`);
        assert.equal(answer.json.code, "InvalidJson");
        assert(!("clientToken" in answer.json));
      }
    });

    it("check 8: refuses statusDetails beyond the limits, and numbers that are none", () => {
      const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`k${index}`, "v"]));
      const wrong = [
        { statusDetails: eleven },
        { statusDetails: { "a key": "v" } },
        { statusDetails: { n: 5 } },
        { statusDetails: { n: "" } },
        { statusDetails: { n: "a\u0007b" } },
        { statusDetails: { n: "x".repeat(1025) } },
        { statusDetails: ["a"] },
        { stepTimeoutInMinutes: 0 },
        { stepTimeoutInMinutes: 10_081 },
        { stepTimeoutInMinutes: -2 },
        { stepTimeoutInMinutes: "5" },
        { executionNumber: 1.5 },
        { includeJobDocument: 1 },
        { clientToken: 5 },
        { clientToken: "x".repeat(65) },
      ];
      for (const body of wrong) {
        assert.equal(update({ status: "IN_PROGRESS", ...body }).json.code, "InvalidRequest", JSON.stringify(body));
      }
      assert.equal(update({ status: "IN_PROGRESS", expectedVersion: 1 }).topic, `${JOBS}/fw-1/update/accepted`);
    });

    it("check 8: refuses a status that is missing or belongs to the service", () => {
      for (const status of [undefined, null, "CANCELED", "TIMED_OUT", "REMOVED", "in_progress", 3]) {
        assert.equal(update({ status }).json.code, "InvalidRequest", String(status));
      }
    });

    it("check 8: refuses QUEUED as a transition, with the state", () => {
      const { json } = update({ status: "QUEUED" });
      assert.equal(json.code, "InvalidStateTransition");
      assert.deepEqual(json.executionState, { status: "QUEUED", versionNumber: 1 });
    });

    it("check 8: knows no execution of another job, thing or number", () => {
      assert.equal(update({ status: "IN_PROGRESS" }, "other").json.code, "ResourceNotFound");
      assert.equal(device.request(`${JOBS}/other/get`).json.code, "ResourceNotFound");
      assert.equal(device.request("$aws/things/valve/jobs/fw-1/get").json.code, "ResourceNotFound");
      assert.equal(device.request("$aws/things/ghost/jobs/get").json.code, "ResourceNotFound");
      assert.equal(update({ status: "IN_PROGRESS", executionNumber: 2 }).json.code, "ResourceNotFound");
    });

    it("check 8: serves a job whose id is a verb", () => {
      cloud.createJob("get");
      assert.equal(device.request(`${JOBS}/get/get`).topic, `${JOBS}/get/get/accepted`);
      assert.equal(device.request(`${JOBS}/get`).json.timestamp, 1_767_000_000);
      assert.deepEqual(update({ status: "REJECTED", clientToken: "" }, "get").json.clientToken, "");
    });

    it("check 10: refuses every update after SUCCEEDED, and describing it by id", () => {
      update({ status: "IN_PROGRESS" });
      update({ status: "SUCCEEDED" });
      for (const status of ["IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED", "QUEUED"]) {
        assert.equal(update({ status, expectedVersion: 9 }).json.code, "TerminalStateReached");
      }
      assert.equal(device.request(`${JOBS}/fw-1/get`).json.code, "TerminalStateReached");
    });

    it("check 10: refuses updates after force cancel and after delete", () => {
      update({ status: "IN_PROGRESS" });
      control.cancelJob(cloud.jobs, { jobId: "fw-1", force: true });
      assert.equal(update({ status: "SUCCEEDED" }).json.code, "TerminalStateReached");
      control.deleteJob(cloud.jobs, { jobId: "fw-1" });
      cloud.settle(1000);
      assert.equal(update({ status: "SUCCEEDED" }).json.code, "ResourceNotFound");
    });

    it("lets REJECTED follow QUEUED at once", () => {
      assert.equal(update({ status: "REJECTED" }).topic, `${JOBS}/fw-1/update/accepted`);
      assert.equal(cloud.jobStatus("fw-1"), "COMPLETED");
    });
  });

  it("refuses topics of the jobs namespace that map to no operation", () => {
    for (const end of ["notify", "", "a/b/c", "x/update/accepted", "$next/update", "start-next/get/x"]) {
      const answer = device.request(`${JOBS}/${end}`);
      assert.equal(answer.json.code, "InvalidTopic", end);
    }
  });

  it("throttles beyond the account's rate", () => {
    const quick = new VirtualCloud({ jobs: { dataPlaneReadsPerSecond: 2 } });
    const client = quick.device();
    client.request(`${JOBS}/get`);
    client.request(`${JOBS}/$next/get`);
    assert.equal(client.request(`${JOBS}/get`, { clientToken: "t" }).json.code, "RequestThrottled");
    assert.equal(client.request(`${JOBS}/start-next`).topic, `${JOBS}/start-next/accepted`);
    quick.settle(1000);
    assert.equal(client.request(`${JOBS}/get`).topic, `${JOBS}/get/accepted`);
    quick.close();
  });
});

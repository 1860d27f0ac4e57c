import assert from "node:assert/strict";
import { control, data } from "../../../host-sim/cloud/jobs/index.js";
import type { MqttTestClient } from "../support/mqtt-test-client.js";
import { DOCUMENT, VirtualCloud } from "../support/virtual-cloud.js";

const JOBS = "$aws/things/pump/jobs";
const NOTIFY = `${JOBS}/notify`;
const NOTIFY_NEXT = `${JOBS}/notify-next`;

describe("Jobs notifications", () => {
  let cloud: VirtualCloud;
  let device: MqttTestClient;

  beforeEach(() => {
    cloud = new VirtualCloud();
    device = cloud.listening();
  });
  afterEach(() => cloud.close());

  const update = (jobId: string, status: string) => device.publish(`${JOBS}/${jobId}/update`, { status });
  /** Topics without the thing's prefix, in order of arrival. */
  const heard = () => {
    cloud.settle();
    return device.take().map(({ topic }) => topic.slice(JOBS.length + 1));
  };
  const listening = (jobId: string) => device.messages.filter(({ text }) => text.includes(jobId));

  it("check 3: a first job gives one notify and one notify-next, whole seconds and an object as document", () => {
    cloud.createJob("fw-1");
    const summary = {
      jobId: "fw-1",
      queuedAt: 1_767_000_000,
      lastUpdatedAt: 1_767_000_000,
      versionNumber: 1,
      executionNumber: 1,
    };
    const [notify, next, ...rest] = device.take();
    assert.equal(notify?.topic, NOTIFY);
    assert.deepEqual(notify?.json, { timestamp: 1_767_000_000, jobs: { QUEUED: [summary] } });
    assert.equal(next?.topic, NOTIFY_NEXT);
    assert.deepEqual(next?.json, {
      timestamp: 1_767_000_000,
      execution: { ...summary, status: "QUEUED", jobDocument: DOCUMENT },
    });
    assert.deepEqual(rest, []);
  });

  it("check 3: a second job gives notify only", () => {
    cloud.createJob("fw-1");
    heard();
    cloud.createJob("fw-2");
    assert.deepEqual(heard(), ["notify"]);
  });

  it("check 4: starting the first execution is silent, by start-next and by update", () => {
    cloud.createJob("fw-1");
    heard();
    device.publish(`${JOBS}/start-next`);
    assert.deepEqual(heard(), ["start-next/accepted"]);
    device.publish(`${JOBS}/start-next`);
    update("fw-1", "IN_PROGRESS");
    assert.deepEqual(heard(), ["start-next/accepted", "fw-1/update/accepted"]);
  });

  it("check 4: the first execution may start by update as silently", () => {
    cloud.createJob("fw-1");
    heard();
    update("fw-1", "IN_PROGRESS");
    assert.deepEqual(heard(), ["fw-1/update/accepted"]);
  });

  it("check 5: starting the second of two queued executions gives notify-next with it, and no notify", () => {
    cloud.createJob("fw-a");
    cloud.createJob("fw-b");
    heard();
    update("fw-b", "IN_PROGRESS");
    cloud.settle();
    const [accepted, next, ...rest] = device.take();
    assert.equal(accepted?.topic, `${JOBS}/fw-b/update/accepted`);
    assert.equal(next?.topic, NOTIFY_NEXT);
    assert(next?.text.includes('"fw-b"') && next.text.includes('"IN_PROGRESS"'));
    assert.deepEqual(rest, []);
  });

  it("check 6: ending the only execution gives accepted, notify with no jobs, bare notify-next, in this order", () => {
    cloud.createJob("fw-1");
    update("fw-1", "IN_PROGRESS");
    heard();
    update("fw-1", "SUCCEEDED");
    cloud.settle();
    const [accepted, notify, next, ...rest] = device.take();
    assert.equal(accepted?.topic, `${JOBS}/fw-1/update/accepted`);
    assert.deepEqual([notify?.topic, notify?.json.jobs], [NOTIFY, {}]);
    assert.deepEqual([next?.topic, Object.keys(next?.json ?? {})], [NOTIFY_NEXT, ["timestamp"]]);
    assert.deepEqual(rest, []);
  });

  it("ending the first of two gives both, the second in notify-next", () => {
    cloud.createJob("fw-1");
    cloud.createJob("fw-2");
    heard();
    update("fw-1", "REJECTED");
    cloud.settle();
    assert.equal(listening("fw-2").length, 2);
    assert.deepEqual(heard(), ["fw-1/update/accepted", "notify", "notify-next"]);
  });

  it("ending one that is not first gives notify only", () => {
    cloud.createJob("fw-1");
    cloud.createJob("fw-2");
    heard();
    update("fw-2", "REJECTED");
    assert.deepEqual(heard(), ["fw-2/update/accepted", "notify"]);
  });

  it("groups by status in notify and leaves empty groups out", () => {
    cloud.createJob("fw-1");
    device.publish(`${JOBS}/start-next`);
    heard();
    cloud.createJob("fw-2");
    const jobs = device.take()[0]?.json.jobs;
    assert(typeof jobs === "object" && jobs !== null);
    assert.deepEqual(Object.keys(jobs).sort(), ["IN_PROGRESS", "QUEUED"]);
  });

  it("cancelling gives notify, and notify-next only for the first", () => {
    cloud.createJob("fw-1");
    cloud.createJob("fw-2");
    heard();
    control.cancelJob(cloud.jobs, { jobId: "fw-2" });
    assert.deepEqual(heard(), ["notify"]);
    control.cancelJobExecution(cloud.jobs, { jobId: "fw-1", thingName: "pump" });
    assert.deepEqual(heard(), ["notify", "notify-next"]);
  });

  it("deleting a pending execution by force gives notify, and notify-next only for the first", () => {
    cloud.createJob("fw-1");
    cloud.createJob("fw-2");
    heard();
    control.deleteJob(cloud.jobs, { jobId: "fw-2", force: "true" });
    assert.deepEqual(heard(), ["notify"]);
    control.deleteJobExecution(cloud.jobs, { jobId: "fw-1", thingName: "pump", executionNumber: "1", force: true });
    assert.deepEqual(heard(), ["notify", "notify-next"]);
  });

  it("changes made over HTTPS notify too", () => {
    cloud.createJob("fw-1");
    heard();
    data.updateJobExecution(cloud.jobs, { jobId: "fw-1", thingName: "pump", status: "FAILED" });
    assert.deepEqual(heard(), ["notify", "notify-next"]);
  });

  it("check 1: an unsubscribed requester gets its answers; another client of the thing hears notifications only", () => {
    const requester = cloud.device("pump", "pump-2");
    const listener = cloud.device("pump", "pump-3");
    listener.subscribe([`${JOBS}/#`]);
    cloud.createJob("fw-1");
    assert.equal(requester.request(`${JOBS}/start-next`).topic, `${JOBS}/start-next/accepted`);
    assert.equal(requester.request(`${JOBS}/none/get`).topic, `${JOBS}/none/get/rejected`);
    requester.publish(`${JOBS}/fw-1/update`, { status: "SUCCEEDED" });
    cloud.settle();
    assert.deepEqual(
      listener.take().map(({ topic }) => topic),
      [NOTIFY, NOTIFY_NEXT, NOTIFY, NOTIFY_NEXT],
    );
  });

  it("check 1: a requester that subscribed to its answers gets each once", () => {
    device.subscribe([`${JOBS}/$next/get/+`, `${JOBS}/#`]);
    device.publish(`${JOBS}/$next/get`);
    assert.deepEqual(heard(), ["$next/get/accepted"]);
  });

  it("needs a subscription", () => {
    const silent = cloud.device("pump", "pump-2");
    cloud.createJob("fw-1");
    assert.deepEqual(silent.take(), []);
  });

  it("check 16: what was sent while the device was offline is not replayed to a clean session", () => {
    device.lose();
    cloud.createJob("fw-1");
    const again = cloud.listening();
    cloud.settle();
    assert.deepEqual(again.take(), []);
    assert.match(again.request(`${JOBS}/$next/get`).text, /"fw-1"/);
  });

  it("lists at most ten executions, those in progress first", () => {
    for (let index = 1; index <= 12; index++) cloud.createJob(`fw-${index}`);
    update("fw-12", "IN_PROGRESS");
    const answer = device.request(`${JOBS}/get`).json;
    assert(Array.isArray(answer.inProgressJobs) && Array.isArray(answer.queuedJobs));
    assert.deepEqual([answer.inProgressJobs.length, answer.queuedJobs.length], [1, 9]);
  });

  it("sends fleet events once they are turned on", () => {
    device.subscribe(["$aws/events/job/#", "$aws/events/jobExecution/#"]);
    cloud.createJob("quiet");
    control.updateEventConfigurations(cloud.jobs, {
      eventConfigurations: { JOB: { Enabled: true }, JOB_EXECUTION: { Enabled: true } },
    });
    cloud.createJob("fw-1");
    device.take();
    data.updateJobExecution(cloud.jobs, { jobId: "fw-1", thingName: "pump", status: "SUCCEEDED" });
    cloud.settle();
    const events = device.take().filter(({ topic }) => topic.startsWith("$aws/events/"));
    assert.deepEqual(
      events.map(({ topic }) => topic),
      ["$aws/events/jobExecution/fw-1/succeeded", "$aws/events/job/fw-1/completed"],
    );
    assert.equal(events[0]?.json.thingArn, cloud.arn("pump"));
  });
});

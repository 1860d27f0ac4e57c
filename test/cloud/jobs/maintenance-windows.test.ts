import assert from "node:assert/strict";
import { parseCron } from "../../../host-sim/cloud/jobs/cron.js";
import { control } from "../../../host-sim/cloud/jobs/index.js";
import type { MqttTestClient } from "../support/mqtt-test-client.js";
import { VirtualCloud } from "../support/virtual-cloud.js";

const MINUTE = 60_000;
const JOBS = "$aws/things/pump/jobs";

describe("the cron expression of a maintenance window", () => {
  /** Its next three moments after a Monday, 2025-12-29T09:20Z. */
  const next = (text: string) => {
    const found: string[] = [];
    for (const at of parseCron(text).following(Date.UTC(2025, 11, 29, 9, 20))) {
      found.push(new Date(at).toISOString().slice(0, 16));
      if (found.length === 3) break;
    }
    return found.join(" ");
  };

  for (const [text, expected] of [
    ["cron(30 9 ? * * *)", "2025-12-29T09:30 2025-12-30T09:30 2025-12-31T09:30"],
    ["cron(20 9 ? * * *)", "2025-12-30T09:20 2025-12-31T09:20 2026-01-01T09:20"],
    ["cron(0 18 ? * MON,wed *)", "2025-12-29T18:00 2025-12-31T18:00 2026-01-05T18:00"],
    ["cron(0 18 ? * 2-3 *)", "2025-12-29T18:00 2025-12-30T18:00 2026-01-05T18:00"],
    ["cron(0/30 22-23 * * ? *)", "2025-12-29T22:00 2025-12-29T22:30 2025-12-29T23:00"],
    ["cron(0 0 L * ? *)", "2025-12-31T00:00 2026-01-31T00:00 2026-02-28T00:00"],
    ["cron(0 0 31 * ? *)", "2025-12-31T00:00 2026-01-31T00:00 2026-03-31T00:00"],
    ["cron(0 0 1 JAN/6 ? 2026-2027)", "2026-01-01T00:00 2026-07-01T00:00 2027-01-01T00:00"],
    ["cron(0 0 29 2 ? *)", "2028-02-29T00:00 2032-02-29T00:00"],
    ["cron(0 0 30 2 ? *)", ""],
    ["cron(0 0 1 1 ? 2024)", ""],
  ] as const)
    it(`${text} is ${expected === "" ? "never" : expected}`, () => assert.equal(next(text), expected));

  for (const text of [
    "0 0 * * ? *",
    "rate(1 day)",
    "cron(0 0 * * ?)",
    "cron(0 0 * * * *)",
    "cron(0 0 ? * ? *)",
    "cron(60 0 ? * * *)",
    "cron(0 24 ? * * *)",
    "cron(0 0 0 * ? *)",
    "cron(0 0 ? 13 * *)",
    "cron(0 0 ? * 8 *)",
    "cron(0 0 ? * MON#1 *)",
    "cron(0 0 15W * ? *)",
    "cron(5-1 0 ? * * *)",
    "cron(0/0 0 ? * * *)",
    "cron(1-2-3 0 ? * * *)",
    "cron(-1 0 ? * * *)",
    "cron(0,, 0 ? * * *)",
  ])
    it(`${text} is refused`, () => assert.throws(() => parseCron(text), { code: "InvalidRequest" }));
});

describe("a job with maintenance windows", () => {
  let cloud: VirtualCloud;
  let device: MqttTestClient;
  // It is 09:20.
  const maintenanceWindows = [{ startTime: "cron(30 9 ? * * *)", durationInMinutes: 5 }];
  const windowed = (more: object = {}) => ({
    targets: [cloud.groupArn("all")],
    targetSelection: "CONTINUOUS",
    schedulingConfig: { maintenanceWindows },
    ...more,
  });

  beforeEach(() => {
    cloud = new VirtualCloud();
    cloud.registry.groups.set("all", ["pump"]);
    device = cloud.listening();
  });
  afterEach(() => cloud.close());

  const next = () => device.request(`${JOBS}/$next/get`).json.execution;
  const heard = () => device.take().map(({ topic, json }) => [topic.split("/").at(-1), "execution" in json]);

  it("hands nothing out before a window opens, and tells the device when it does", () => {
    cloud.createJob("fw-1", windowed());
    assert.equal(cloud.jobStatus("fw-1"), "IN_PROGRESS");
    cloud.settle(9 * MINUTE);
    assert.deepEqual([heard(), next()], [[], undefined]);
    cloud.settle(MINUTE);
    assert.deepEqual(heard(), [
      ["notify", false],
      ["notify-next", true],
    ]);
    assert.match(JSON.stringify(next()), /"jobId":"fw-1"/);
  });

  it("takes back what is QUEUED when the window closes, and gives it again in the next one", () => {
    cloud.createJob("fw-1", windowed());
    cloud.settle(11 * MINUTE);
    heard();
    cloud.settle(4 * MINUTE);
    assert.deepEqual(heard(), [
      ["notify", false],
      ["notify-next", false],
    ]);
    assert.equal(next(), undefined);
    const pending = device.request(`${JOBS}/get`).json;
    assert.deepEqual([pending.queuedJobs, pending.inProgressJobs], [[], []]);
    device.lose();
    cloud.settle(24 * 60 * MINUTE - 4 * MINUTE);
    device = cloud.listening();
    assert.match(JSON.stringify(next()), /"jobId":"fw-1"/);
  });

  it("leaves alone what a device has begun", () => {
    cloud.createJob("fw-1", windowed());
    cloud.settle(11 * MINUTE);
    device.request(`${JOBS}/start-next`);
    heard();
    cloud.settle(10 * MINUTE);
    assert.deepEqual(heard(), []);
    assert.match(JSON.stringify(next()), /"status":"IN_PROGRESS"/);
    const finished = device.request(`${JOBS}/fw-1/update`, { status: "SUCCEEDED" });
    assert.equal(finished.topic, `${JOBS}/fw-1/update/accepted`);
  });

  it("lets other jobs pass meanwhile", () => {
    cloud.createJob("fw-1", windowed());
    cloud.createJob("other");
    assert.match(JSON.stringify(next()), /"jobId":"other"/);
  });

  it("starts in a window that is open, and goes on where a restart of the cloud finds it", () => {
    cloud.settle(12 * MINUTE);
    cloud.createJob("fw-1", windowed());
    assert.match(JSON.stringify(next()), /"jobId":"fw-1"/);
    const { context, clock } = cloud;
    cloud.close();
    clock.advance(10 * MINUTE);
    cloud = new VirtualCloud({ store: context.store, clock });
    device = cloud.device();
    assert.equal(next(), undefined);
  });

  it("says when its next seven windows are", () => {
    cloud.createJob("fw-1", windowed());
    const { scheduledJobRollouts, schedulingConfig } = cloud.job("fw-1");
    assert.deepEqual(
      scheduledJobRollouts,
      Array.from({ length: 7 }, (_, day) => ({
        startTime: new Date(Date.UTC(2025, 11, 29 + day, 9, 30)).toISOString().replace(".000", ""),
      })),
    );
    assert.deepEqual(schedulingConfig, { maintenanceWindows });
    control.cancelJob(cloud.jobs, { jobId: "fw-1" });
    assert.equal(cloud.job("fw-1").scheduledJobRollouts, undefined);
  });

  it("has them from its template, too", () => {
    const template = { jobTemplateId: "t", description: "d", document: "{}", maintenanceWindows };
    control.createJobTemplate(cloud.jobs, template);
    const jobTemplateArn = "arn:aws:iot:us-east-1:123456789012:jobtemplate/t";
    cloud.createJob("fw-1", windowed({ document: undefined, schedulingConfig: undefined, jobTemplateArn }));
    assert.deepEqual(cloud.job("fw-1").schedulingConfig, { maintenanceWindows });
  });

  it("is refused as a SNAPSHOT, and with windows that are none", () => {
    assert.throws(() => cloud.createJob("fw-1", windowed({ targetSelection: "SNAPSHOT" })), { code: "InvalidRequest" });
    for (const window of [
      {},
      { startTime: "cron(30 9 ? * * *)" },
      { startTime: "cron(30 9 ? * * *)", durationInMinutes: 1431 },
      { startTime: "cron(30 9 ? * * *)", durationInMinutes: 0 },
      { startTime: "soon", durationInMinutes: 5 },
      "cron(30 9 ? * * *)",
    ]) {
      const schedulingConfig = { maintenanceWindows: [window] };
      assert.throws(() => cloud.createJob("fw-1", windowed({ schedulingConfig })), { code: "InvalidRequest" });
    }
  });
});

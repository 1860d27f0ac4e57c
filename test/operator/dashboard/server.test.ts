import assert from "node:assert/strict";
import { request } from "node:http";
import { DescribeJobCommand } from "@aws-sdk/client-iot";
import { type Dashboard, looksOf, startDashboard } from "../../../operator/dashboard/index.js";
import { image } from "../support/images.js";
import { jsonOf, OperatedCloud } from "../support/operated-cloud.js";
import { SimulatedFleet } from "../support/simulated-fleet.js";

const THINGS = Array.from({ length: 30 }, (_, index) => `board-${index + 1}`);

type Answer = { readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly text: string };

/** A request with just these headers: what `fetch` would not send. */
function raw(origin: string, path: string, headers: Readonly<Record<string, string>>, method = "GET", body = "") {
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(`${origin}${path}`, { method, headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("the page's server", function () {
  this.timeout(120_000);
  const operated = new OperatedCloud();
  let fleet: SimulatedFleet;
  let jobId = "";
  const open: Dashboard[] = [];

  const start = async (part: Partial<Parameters<typeof startDashboard>[0]> = {}) => {
    const dashboard = await startDashboard({ aws: operated.aws, ...looksOf(true, {}), everyMs: 100, ...part });
    open.push(dashboard);
    const token = /#token=(.+)$/.exec(dashboard.url)?.[1] ?? "";
    return { ...dashboard, authorization: { authorization: `Bearer ${token}` } };
  };
  const post = (origin: string, path: string, authorization: Readonly<Record<string, string>>, body: unknown) =>
    raw(origin, path, { ...authorization, origin, "content-type": "application/json" }, "POST", JSON.stringify(body));

  /** Events of the stream until one is as wanted. */
  async function until(
    { origin, authorization }: { origin: string; authorization: Readonly<Record<string, string>> },
    wanted: (name: string, value: Readonly<Record<string, unknown>>) => boolean,
  ): Promise<Readonly<Record<string, unknown>>> {
    return await new Promise((resolve, reject) => {
      const sent = request(`${origin}/api/events`, { headers: authorization }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString("utf8");
          const events = text.split("\n\n");
          text = events.pop() ?? "";
          for (const event of events) {
            const [, name = "", data = "{}"] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? [];
            const value: Readonly<Record<string, unknown>> = JSON.parse(data);
            if (!wanted(name, value)) continue;
            resolve(value);
            sent.destroy();
          }
        });
        response.on("end", () => reject(new Error("the stream ended")));
      });
      sent.on("error", (error) => reject(error));
      sent.end();
    });
  }

  before(async () => {
    await operated.start();
    await operated.things(...THINGS);
    await operated.group("fleet", ...THINGS);
    fleet = new SimulatedFleet(operated.local, THINGS, "1.0.1");
    const file = operated.file("new.bin", image("1.0.2"));
    jobId = String(
      jsonOf(await operated.here("publish", file, "--to", "fleet", "--key", operated.key.secret, "--json")).jobId,
    );
    await fleet.untilQueued(operated.iot, jobId);
    await fleet.sweep((thing) => {
      if (thing === "board-1") return { status: "FAILED", code: "tls", detail: "date: off" };
      if (thing === "board-2") return { status: "IN_PROGRESS", state: "downloading" };
      return thing === "board-3" ? { status: "idle" } : { status: "SUCCEEDED" };
    });
  });
  afterEach(async () => {
    for (const dashboard of open.splice(0)) await dashboard.close();
  });
  after(async () => {
    fleet.close();
    await operated.stop();
  });

  it("listens on the loopback address alone, and gives its token in the printed address only", async () => {
    const { url, origin } = await start();
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32}$/);
    for (const path of ["/", "/page.js", "/page.css", "/icon.svg"]) {
      const { status, headers, text } = await raw(origin, path, {});
      assert.equal(status, 200, path);
      assert.match(String(headers["content-security-policy"]), /default-src 'none'/);
      assert.equal(headers["cache-control"], "no-store");
      assert.ok(!text.includes(url.slice(-20)), "the token is not in it");
      assert.doesNotMatch(text.replaceAll("http://www.w3.org/", ""), /(src|href)=.?https?:/);
    }
  });

  it("refuses what comes without its token, by another name or from another origin", async () => {
    const { origin, authorization } = await start({ write: true });
    const status = async (path: string, headers: Readonly<Record<string, string>>, method = "GET") =>
      (await raw(origin, path, headers, method)).status;
    assert.equal(await status("/api/events", {}), 401);
    assert.equal(await status("/api/device?thing=board-1", {}), 401);
    assert.equal(await status("/", { host: "rebound.example" }), 403);
    assert.equal(await status("/api/events", { ...authorization, origin: "http://evil.example" }), 403);
    assert.equal(await status("/api/act", authorization, "POST"), 403);
    assert.equal(await status("/api/none", authorization), 404);
    assert.equal(await status("/../package.json", {}), 404);
  });

  it("tells of the fleet: versions, the roll-out, failures with what to do, devices that are stuck", async () => {
    const shown = await until(await start(), (name, value) => name === "fleet" && value.unread === 0);
    assert.equal(shown.devices, 30);
    assert.deepEqual(shown.versions, [
      { version: "1.0.2", project: "", devices: 27 },
      { version: "1.0.1", project: "", devices: 2 },
      { version: "", project: "", devices: 1 },
    ]);
    const [job] = Array.isArray(shown.jobs) ? shown.jobs : [];
    assert.deepEqual([job.jobId, job.version, job.total, job.counts.SUCCEEDED], [jobId, "1.0.2", 30, 27]);
    const [failure] = Array.isArray(shown.failures) ? shown.failures : [];
    assert.deepEqual([failure.code, failure.devices], ["tls", 1]);
    assert.match(failure.todo, /clock/);
  });

  it("asks AWS for no more than it says: a look at jobs that stand still costs 3 requests and one a device at it", async () => {
    const dashboard = await start({ fleetEveryMs: 3_600_000 });
    let looks = 0;
    const first = await until(dashboard, (name, value) => {
      looks += name === "fleet" ? 1 : 0;
      return name === "fleet" && looks === 3 && value.trouble === null;
    });
    looks = 0;
    const later = await until(dashboard, (name) => {
      looks += name === "fleet" ? 1 : 0;
      return looks === 5;
    });
    // Of the five, one was sent at once, as it was seen before. Every tenth look lists all executions again.
    const cost = Number(later.calls) - Number(first.calls);
    assert.ok(cost > 0 && cost <= 5 * 4, `${cost} requests in 5 looks`);
  });

  it("asks AWS for nothing while nobody looks", async () => {
    const dashboard = await start();
    await until(dashboard, (name) => name === "fleet");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = JSON.stringify(operated.aws.calls);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(JSON.stringify(operated.aws.calls), before);
  });

  it("tells of a device: what is known, its jobs, what they cost, its journal", async () => {
    const { origin, authorization } = await start();
    const { status, text } = await raw(origin, "/api/device?thing=board-1", authorization);
    assert.equal(status, 200);
    const [execution] = JSON.parse(text).executions;
    assert.deepEqual(
      [execution.code, execution.reset, execution.journal],
      ["tls", "power-on", "*power-on up downloading"],
    );
    const good = JSON.parse((await raw(origin, "/api/device?thing=board-4", authorization)).text);
    assert.deepEqual(good.executions[0].bill, [
      ["bytes", "20000"],
      ["seconds", "12"],
    ]);
    for (const thing of ["nobody", "", "a/b", "<b>"]) {
      const refused = await raw(origin, `/api/device?thing=${encodeURIComponent(thing)}`, authorization);
      assert.equal(refused.status, 409, thing);
    }
  });

  it("does nothing to the fleet unless it was started with --write", async () => {
    const { origin, authorization } = await start();
    for (const path of ["/api/plan", "/api/act"]) {
      const { status, text } = await post(origin, path, authorization, { kind: "cancel", jobId });
      assert.deepEqual([status, JSON.parse(text).error], [403, "read-only"]);
    }
    const { job } = await operated.iot.send(new DescribeJobCommand({ jobId }));
    assert.equal(job?.status, "IN_PROGRESS");
  });

  for (const [title, body] of [
    ["no JSON", "{"],
    ["another action", { kind: "delete", jobId: "j" }],
    ["no job", { kind: "cancel" }],
    ["a job's name with a path", { kind: "cancel", jobId: "../j" }],
    ["a job that is not there", { kind: "cancel", jobId: "none" }],
    ["a roll-back to nowhere", { kind: "rollback", jobId: "none" }],
    ["too much", { kind: "cancel", jobId: "j".repeat(5000) }],
  ] as const)
    it(`refuses ${title}`, async () => {
      const { origin, authorization } = await start({ write: true });
      const { status, text } = await post(origin, "/api/plan", authorization, body);
      assert.equal(status, 409);
      assert.notEqual(JSON.parse(text).message, "");
    });

  it("says what an action would do, and does it once when it is told to", async () => {
    const { origin, authorization } = await start({ write: true });
    const planned = await post(origin, "/api/plan", authorization, { kind: "cancel", jobId, to: "", force: true });
    const { plan, lines } = JSON.parse(planned.text);
    assert.match(lines.join("\n"), /would be stopped[\s\S]*1 have not begun[\s\S]*1 are loading: they drop it/);
    const { job } = await operated.iot.send(new DescribeJobCommand({ jobId }));
    assert.equal(job?.status, "IN_PROGRESS", "a plan changes nothing");
    const done = await post(origin, "/api/act", authorization, { plan });
    assert.match(JSON.parse(done.text).lines.join("\n"), /is stopped/);
    const after = await operated.iot.send(new DescribeJobCommand({ jobId }));
    assert.deepEqual([after.job?.status, after.job?.reasonCode], ["CANCELED", "FOTA_CANCELED"]);
    const again = await post(origin, "/api/act", authorization, { plan });
    assert.deepEqual([again.status, JSON.parse(again.text).error], [409, "not-possible"]);
  });

  it("tells in words what AWS refuses, and goes on", async () => {
    operated.fault({ service: "iot", path: "/jobs", status: 403, error: "AccessDeniedException" });
    const dashboard = await start();
    const troubled = await until(dashboard, (name, value) => name === "fleet" && value.trouble !== null);
    assert.match(JSON.stringify(troubled.trouble), /access denied: iot:ListJobs.*the policy needs/);
    const shown = await until(dashboard, (name, value) => name === "fleet" && value.trouble === null);
    assert.equal(shown.devices, 30);
  });
});

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { image } from "./support/images.js";
import { jsonOf, OperatedCloud } from "./support/operated-cloud.js";
import { type Decide, SimulatedFleet } from "./support/simulated-fleet.js";

const hasCli = spawnSync("aws", ["--version"]).status === 0;
const run = promisify(execFile);
const FLEET = 200;
const names = Array.from({ length: FLEET }, (_, index) => `board-${String(index).padStart(3, "0")}`);
/** Their line breaks while they load 1.0.2: a retry helps. */
const flaky = new Set(names.filter((_, index) => index % 8 === 1));
/** 1.0.2 crashes on them. */
const crashing = new Set(names.filter((_, index) => index % 40 === 2));

describe("a roll-out to 200 devices, by the tool alone", function () {
  this.timeout(120_000);
  const operated = new OperatedCloud();
  let fleet: SimulatedFleet;
  let isMended = false;
  let update = "";
  const jobs = { first: "", retry: "", resumed: "", back: "" };

  const decide: Decide = (thing, version) => {
    if (version === "1.0.2" && crashing.has(thing)) return { status: "FAILED", code: "rolled-back", detail: "panic" };
    if (version === "1.0.2" && flaky.has(thing) && !isMended) return { status: "FAILED", code: "idle-timeout" };
    return { status: "SUCCEEDED" };
  };
  /** The tool runs while the devices live. */
  const whileTheyLive = async (...args: string[]) => {
    const begun = operated.begin(...args);
    await fleet.live(decide, begun.ended);
    return await begun.ended;
  };
  const cli = async (...args: string[]): Promise<string> => {
    const script = `. ${operated.dir}/cloud/env.sh; aws --endpoint-url "$AWS_ENDPOINT_URL" ${args.join(" ")}`;
    return (await run("sh", ["-c", script])).stdout;
  };

  before(async () => {
    await operated.start();
    await operated.things(...names);
    await operated.group("fleet", ...names);
    await operated.things("first");
    fleet = new SimulatedFleet(operated.local, names, "1.0.1");
    fleet.versions.set("first", "1.0.0");
    operated.file("v1.bin", image("1.0.1"));
    update = operated.file("v2.bin", image("1.0.2"));
  });
  after(async () => {
    fleet.close();
    await operated.stop();
  });

  it("makes a key, and publishes what runs already, so that there is a way back", async () => {
    const made = await operated.run("keygen", "--out", "release-keys");
    assert.equal(made.code, 0, made.err);
    const argv = ["publish", "v1.bin", "--to", "first", "--key", "release-keys/code-signing-key.private.pem", "--json"];
    const { jobId } = jsonOf(await operated.run(...argv));
    const watched = await whileTheyLive("watch", String(jobId));
    assert.equal(watched.code, 0, watched.err);
    assert.match(watched.out, /COMPLETED 100 %: 1 of 1 have it/);
    assert.equal(fleet.versions.get("first"), "1.0.1");
  });

  it("publishes 1.0.2 with canaries, and nobody else gets it", async () => {
    const key = "release-keys/code-signing-key.private.pem";
    const roll = ["--canary", "10", "--soak", "0", "--canary-fail", "90%", "--stop-at", "8%", "--stop-after", "40"];
    const published = jsonOf(await operated.run("publish", update, "--to", "fleet", "--key", key, ...roll, "--json"));
    jobs.first = String(published.jobId);
    const watched = await whileTheyLive("watch", jobs.first);
    assert.equal(watched.code, 6, `${watched.out}${watched.err}`);
    assert.match(watched.out, /the canaries are through; fota release fota-1-0-2-[0-9a-f]{12} lets the rest have it/);
    const updated = [...fleet.versions.values()].filter((version) => version === "1.0.2").length;
    assert.ok(updated > 0 && updated <= 10, `${updated} have it`);
  });

  it("releases the rest, and AWS stops the job when too many fail", async () => {
    const released = await operated.run("release", jobs.first, "--without-connectivity");
    assert.equal(released.code, 0, released.err);
    const watched = await whileTheyLive("watch", jobs.first);
    assert.equal(watched.code, 5, `${watched.out}${watched.err}`);
    assert.match(watched.out, /: stopped/);
    assert.match(watched.out, /\d+ idle-timeout: /);
    assert.ok([...fleet.versions.values()].includes("1.0.1"), "some were spared");
  });

  it(`tells what the AWS CLI tells${hasCli ? "" : " (skipped: aws is not installed)"}`, async function () {
    if (!hasCli) this.skip();
    const { job } = JSON.parse(await cli("iot", "describe-job", "--job-id", jobs.first));
    assert.equal(job.status, "CANCELED");
    const look = jsonOf(await operated.run("watch", jobs.first, "--once", "--json"));
    assert.equal(look.well, job.jobProcessDetails.numberOfSucceededThings);
    assert.equal(look.bad, job.jobProcessDetails.numberOfFailedThings);
  });

  it("tries again those that a retry may help, and names those it leaves out", async () => {
    isMended = true;
    const failed = [...fleet.versions].filter(([thing, version]) => version === "1.0.1" && flaky.has(thing));
    const retried = jsonOf(await operated.run("retry", jobs.first, "--json"));
    jobs.retry = String(retried.jobId);
    assert.ok(Array.isArray(retried.things) && retried.things.length > 0);
    assert.ok(retried.things.every((thing) => failed.some(([name]) => name === thing)));
    assert.equal(jsonOf(await operated.run("retry", jobs.first, "--json")).made, false, "the same call makes no other");
    const watched = await whileTheyLive("watch", jobs.retry);
    assert.equal(watched.code, 0, `${watched.out}${watched.err}`);
  });

  it("goes on with those that were spared, to as many as are enough", async () => {
    jobs.resumed = String(jsonOf(await operated.run("resume", jobs.first, "--json")).jobId);
    const watched = await whileTheyLive("watch", jobs.resumed, "--until", "90%");
    assert.equal(watched.code, 0, `${watched.out}${watched.err}`);
  });

  it("says what runs where, and why the rest does not", async () => {
    const { code, out, err } = await operated.run("status", "--group", "fleet");
    assert.equal(code, 0, err);
    assert.match(out, /^200 devices/);
    assert.match(out, /^1\.0\.2 .* \d+$/m);
    assert.match(out, /^rolled-back +\d+ {2}`?panic/m);
  });

  it("takes back those that the first job reached", async () => {
    const reached = jsonOf(await operated.run("watch", jobs.first, "--once", "--json")).well;
    const back = jsonOf(await operated.run("rollback", jobs.first, "--to", "1.0.1", "--json"));
    jobs.back = String(back.jobId);
    assert.ok(Array.isArray(back.things));
    assert.equal(back.things.length, reached);
    const watched = await whileTheyLive("watch", jobs.back);
    assert.equal(watched.code, 0, `${watched.out}${watched.err}`);
    assert.ok(back.things.every((thing) => fleet.versions.get(thing) === "1.0.1"));
  });
});

import assert from "node:assert/strict";
import { CancelJobCommand, CreateJobCommand, DescribeJobCommand } from "@aws-sdk/client-iot";
import { UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { image } from "./support/images.js";
import { jsonOf, OperatedCloud } from "./support/operated-cloud.js";
import { type Decide, SimulatedFleet } from "./support/simulated-fleet.js";

const names = Array.from({ length: 6 }, (_, index) => `board-${index}`);

describe("the operator's commands", function () {
  this.timeout(60_000);
  const operated = new OperatedCloud();
  let fleet: SimulatedFleet;
  let count = 0;
  const here = (...args: string[]) => operated.here(...args);
  /** A job of its own, for all things or for some. */
  const published = async (to: readonly string[] = ["fleet"], ...more: string[]): Promise<string> => {
    count += 1;
    const file = operated.file(`image-${count}.bin`, image(`2.0.${count}`, { seed: count }));
    const job = `job-${count}`;
    const ended = await here("publish", file, "--to", ...to, "--key", operated.key.secret, "--job", job, ...more);
    assert.equal(ended.code, 0, ended.err);
    await fleet.untilQueued(operated.iot, job);
    return job;
  };
  const statusOf = async (jobId: string) => (await operated.iot.send(new DescribeJobCommand({ jobId }))).job?.status;
  const asBefore: Decide = () => ({ status: "SUCCEEDED" });

  before(async () => {
    await operated.start();
    await operated.things(...names);
    await operated.group("fleet", ...names);
    fleet = new SimulatedFleet(operated.local, names, "1.0.0");
  });
  after(async () => {
    fleet.close();
    await operated.stop();
  });
  // Whatever a test left open ends here, so that the next one's job comes first.
  afterEach(async () => {
    for (let index = 1; index <= count; index += 1)
      await operated.iot.send(new CancelJobCommand({ jobId: `job-${index}`, force: true })).catch(() => {});
  });

  describe("cancel", () => {
    it("says how many it comes too late for: those past the boot flag test the new image all the same", async () => {
      const job = await published();
      await fleet.sweep((thing) =>
        thing === "board-0" || thing === "board-1"
          ? { status: "IN_PROGRESS", state: "installed" }
          : thing === "board-2"
            ? { status: "IN_PROGRESS", state: "downloading" }
            : { status: "SUCCEEDED" },
      );
      const dry = jsonOf(await here("cancel", job, "--dry-run", "--json"));
      assert.deepEqual([dry.pastBootFlag, dry.loading, dry.queued], [["board-0", "board-1"], ["board-2"], 0]);
      assert.equal(await statusOf(job), "IN_PROGRESS");
      const { code, out } = await here("cancel", job);
      assert.equal(code, 0);
      assert.match(out, /1 are loading: they end it \(board-2\)/);
      assert.match(
        out,
        /2 are past the boot flag: they test the new image and keep it if it is good \(board-0, board-1\)/,
      );
      assert.equal(await statusOf(job), "CANCELED");
      const forced = await here("cancel", job, "--force");
      assert.match(forced.out, /they drop it, and stay on the old image/);
    });

    it("refuses a job that is over, or not there", async () => {
      const job = await published(["board-1"]);
      await fleet.sweep(asBefore);
      const over = await here("cancel", job);
      assert.deepEqual([over.code, over.err], [1, `fota: the job ${job} is COMPLETED already\n`]);
      const nothing = await here("cancel", "no-such-job");
      assert.equal(nothing.code, 3);
      assert.match(nothing.err, /^fota: there is no job no-such-job in us-east-1\n/);
    });
  });

  describe("pause and resume", () => {
    it("let those who have begun end it, and go on with the others by a new job, once", async () => {
      const other = await published(["board-3", "board-4", "board-5"]);
      await fleet.sweep((thing) => (thing === "board-3" ? { status: "SUCCEEDED" } : { status: "idle" }));
      const paused = await here("pause", other);
      assert.match(paused.out, /2 have not begun, and will not/);
      assert.match(paused.out, /AWS Jobs has no pause: the job stays CANCELED; fota resume job-\d+ makes one/);
      const resumed = jsonOf(await here("resume", other, "--json"));
      assert.deepEqual(resumed.things, ["board-4", "board-5"]);
      assert.deepEqual(jsonOf(await here("resume", other, "--json")), { ...resumed, made: false });
      await operated.iot.send(new CancelJobCommand({ jobId: String(resumed.jobId), force: true }));
      const again = jsonOf(await here("resume", String(resumed.jobId), "--json"));
      assert.equal(again.made, true);
      await operated.iot.send(new CancelJobCommand({ jobId: String(again.jobId), force: true }));
    });

    it("refuse a job that runs, and one with nothing left", async () => {
      const job = await published(["board-0"]);
      assert.match((await here("resume", job)).err, /is IN_PROGRESS, not stopped/);
      await fleet.sweep(asBefore);
      assert.match((await here("resume", job)).err, /is COMPLETED, not stopped/);
    });
  });

  describe("retry", () => {
    it("leaves out what another attempt cannot help, and takes it with --force", async () => {
      const job = await published(["board-0", "board-1", "board-2"]);
      await fleet.sweep((thing) => {
        if (thing === "board-0") return { status: "FAILED", code: "idle-timeout" };
        if (thing === "board-1") return { status: "FAILED", code: "self-test-failed", detail: "no sensor" };
        return { status: "REJECTED", code: "same-version" };
      });
      const plan = jsonOf(await here("retry", job, "--dry-run", "--json"));
      assert.deepEqual(plan.things, ["board-0"]);
      assert.deepEqual(plan.leftOut, { "self-test-failed": 1, "same-version": 1 });
      const forced = jsonOf(await here("retry", job, "--force", "--dry-run", "--json"));
      assert.deepEqual(forced.things, ["board-0", "board-1"]);
      assert.notEqual(forced.jobId, plan.jobId);
    });

    it("refuses where nothing failed that a retry helps", async () => {
      const job = await published(["board-0"]);
      await fleet.sweep(() => ({ status: "REJECTED", code: "image-chip" }));
      const { code, err } = await here("retry", job);
      assert.equal(code, 1);
      assert.match(
        err,
        new RegExp(`^fota: ${job} has nothing to retry: 1 image-chip\n {2}another attempt cannot help`),
      );
    });
  });

  describe("watch", () => {
    it("says for each device that failed what to do, and ends with 5", async () => {
      const job = await published(["board-0", "board-1"]);
      await fleet.sweep((thing) =>
        thing === "board-0" ? { status: "SUCCEEDED" } : { status: "FAILED", code: "not-found", detail: "status 404" },
      );
      const { code, out } = await here("watch", job);
      assert.equal(code, 5);
      assert.match(out, /^ {2}board-1 FAILED not-found: status 404$/m);
      assert.match(out, /^1 not-found: Upload it, or correct the key in the document\.$/m);
      assert.match(out, /^COMPLETED 50 %: 1 of 2 have it, 1 failed, 0 at it, 0 queued$/m);
    });

    it("counts a device that ran the version before as one that has it", async () => {
      const job = await published(["board-0", "board-1"]);
      await fleet.sweep((thing) =>
        thing === "board-0" ? { status: "SUCCEEDED" } : { status: "REJECTED", code: "same-version" },
      );
      const { code, out } = await here("watch", job);
      assert.equal(code, 0, out);
      assert.match(out, /2 of 2 have it, 1 had it before, 0 failed/);
    });

    it("ends when as many have it as are enough, and when they cannot be as many any more", async () => {
      const job = await published(["board-0", "board-1", "board-2", "board-3"]);
      await fleet.sweep((thing) => {
        if (thing < "board-2") return { status: "SUCCEEDED" };
        return thing === "board-2"
          ? { status: "FAILED", code: "dns" }
          : { status: "IN_PROGRESS", state: "downloading" };
      });
      assert.equal((await here("watch", job, "--until", "50%")).code, 0);
      assert.equal((await here("watch", job, "--until", "80%")).code, 5);
    });

    it("gives a line of JSON for each change and each device in a pipe", async () => {
      const job = await published(["board-0", "board-1"]);
      await fleet.sweep((thing) =>
        thing === "board-0" ? { status: "FAILED", code: "dns" } : { status: "IN_PROGRESS", state: "testing" },
      );
      const { code, out } = await here("watch", job, "--once", "--json");
      assert.equal(code, 6);
      const events = out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.deepEqual(
        events.map(({ event }) => event),
        ["device", "progress", "end"],
      );
      assert.equal(events[0].code, "dns");
      assert.deepEqual(events[2].codes[0].retry, "later");
    });

    it("ends by Ctrl-C without touching the job", async () => {
      const job = await published(["board-0"]);
      const begun = operated.begin("watch", job);
      await begun.seen(/IN_PROGRESS/);
      begun.interrupt();
      const { code, err } = await begun.ended;
      assert.deepEqual([code, err], [130, "fota: stopped looking; what was looked at goes on\n"]);
      assert.equal(await statusOf(job), "IN_PROGRESS");
    });

    it("looks at a job that another tool made", async () => {
      const targets = [`arn:aws:iot:us-east-1:000000000000:thing/board-0`];
      await operated.iot.send(new CreateJobCommand({ jobId: "foreign", targets, document: '{"operation":"reboot"}' }));
      await fleet.untilQueued(operated.iot, "foreign");
      assert.match((await here("watch", "foreign", "--once")).out, /IN_PROGRESS 0 %: 0 of 1 have it/);
      await operated.iot.send(new CancelJobCommand({ jobId: "foreign", force: true }));
    });
  });

  describe("release", () => {
    const canaries = ["--canary", "2", "--soak", "0"];

    it("waits until the canaries are through, then lets the rest have it, once", async () => {
      const job = await published(["fleet"], ...canaries);
      const early = await here("release", job, "--without-connectivity");
      assert.deepEqual([early.code, early.err], [6, `fota: ${job} is not released: 0 of 2 canaries are through\n`]);
      await fleet.sweep(asBefore);
      const soaked = await here("watch", job);
      assert.equal(soaked.code, 6, soaked.out);
      const released = await here("release", job, "--without-connectivity");
      assert.deepEqual([released.code, released.out], [0, `${job} is released for fleet\n`]);
      const twice = await here("release", job, "--without-connectivity");
      assert.deepEqual([twice.code, twice.err], [1, `fota: the rest of ${job} was released already\n`]);
      await fleet.untilQueued(operated.iot, job);
      await fleet.sweep(asBefore);
      assert.equal((await here("watch", job)).code, 0);
    });

    it("waits for the time that they have to be well", async () => {
      const job = await published(["fleet"], "--canary", "2", "--soak", "30");
      await fleet.sweep(asBefore);
      const { code, err } = await here("release", job, "--without-connectivity");
      assert.equal(code, 6);
      assert.match(err, /is not released: the canaries are well until 20\d\d-.*Z at the earliest/);
    });

    it("never lets the rest have it when too many of them failed, or the job was stopped", async () => {
      const job = await published(["fleet"], ...canaries);
      await fleet.sweep(() => ({ status: "FAILED", code: "dns" }));
      const failed = await here("release", job, "--without-connectivity", "--wait");
      assert.equal(failed.code, 5);
      assert.match(failed.err, /2 of 2 canaries of job-\d+ failed: nothing is released/);
      await here("cancel", job);
      assert.match((await here("release", job)).err, /is CANCELED \(FOTA_CANCELED: by fota\): nothing is released/);
    });

    it("refuses a job without canaries", async () => {
      const job = await published(["board-0"]);
      assert.match((await here("release", job)).err, /has no canaries/);
    });
  });

  describe("rollback", () => {
    it("takes the devices of a job back to an image of the bucket, with its signature and force", async () => {
      const first = await published(["board-0"]);
      await fleet.sweep(asBefore);
      const before = fleet.versions.get("board-0") ?? "";
      const next = await published(["board-0", "board-1"]);
      await fleet.sweep(asBefore);
      const plan = await here("rollback", next, "--to", before, "--dry-run");
      assert.match(plan.err, /takes 2 things back to 2\.0\.\d+ .*allowForcedDowngrade/s);
      const back = jsonOf(await here("rollback", next, "--to", before, "--json"));
      assert.deepEqual(back.things, ["board-0", "board-1"]);
      assert.equal(jsonOf(await here("rollback", next, "--to", before, "--json")).made, false);
      const document = await operated.documentOf(String(back.jobId));
      assert.deepEqual([document.force, document.fwversion], [true, before]);
      assert.equal(document["sig-sha256-ecdsa"], (await operated.documentOf(first))["sig-sha256-ecdsa"]);
      await fleet.untilQueued(operated.iot, String(back.jobId));
      await fleet.sweep(asBefore);
      assert.equal(fleet.versions.get("board-1"), before);
    });

    it("refuses a version that is not in the bucket, and what is neither job nor group", async () => {
      const job = await published(["board-0"]);
      await fleet.sweep(asBefore);
      assert.match(
        (await here("rollback", job, "--to", "9.9.9")).err,
        /there is no image 9\.9\.9 of app in s3:\/\/firmware/,
      );
      assert.match(
        (await here("rollback", "nobody", "--to", "2.0.1")).err,
        /there is no job and no thing group nobody/,
      );
      assert.match((await here("rollback", job)).err, /--to is missing/);
    });
  });

  describe("status and device", () => {
    it("say what devices report in their shadow, before what their jobs say", async () => {
      const data = await operated.aws.data();
      const reported = {
        version: "7.7.7",
        slot: "ota_1",
        project: "app",
        boots: 4,
        memory: 41288,
        quarantine: ["ab12"],
      };
      const payload = Buffer.from(JSON.stringify({ state: { reported } }));
      await data.send(new UpdateThingShadowCommand({ thingName: "board-5", shadowName: "fota", payload }));
      const status = await here("status", "--group", "fleet");
      assert.match(status.out, /^6 devices/);
      assert.match(status.out, /^7\.7\.7 +app +1$/m);
      const device = await here("device", "board-5");
      assert.match(device.out, /^runs {6}7\.7\.7 of app in ota_1, says its shadow$/m);
      assert.match(device.out, /^memory {4}41288 bytes free at the least$/m);
      assert.match(device.out, /^refuses {3}ab12$/m);
    });

    it("let no device write to the terminal", async () => {
      const data = await operated.aws.data();
      const payload = Buffer.from(JSON.stringify({ state: { reported: { version: "1\u001b[2J\u009b31m\u202e" } } }));
      await data.send(new UpdateThingShadowCommand({ thingName: "board-5", shadowName: "fota", payload }));
      for (const argv of [["device", "board-5"], ["status"], ["status", "--json"]]) {
        const { code, out } = await here(...argv);
        assert.equal(code, 0);
        assert.match(out, argv.includes("--json") ? /1(?:\?|\\u001b)\[2J/ : /1\?\[2J\?31m\?/);
        assert.doesNotMatch(out.replaceAll("\n", ""), /\p{C}/u);
      }
    });

    it("tell a device's history with cost, reset and journal", async () => {
      const job = await published(["board-3"]);
      await fleet.sweep(() => ({ status: "FAILED", code: "rolled-back", detail: "panic" }));
      const { code, out } = await here("device", "board-3", "--jobs", "1");
      assert.equal(code, 0);
      assert.match(out, new RegExp(`^${job} {2}FAILED`, "m"));
      assert.match(
        out,
        /^ {2}rolled-back: panic\n {2}do: .*\n {2}reset: power-on\n {2}journal: \*power-on up downloading$/m,
      );
    });

    it("say what they wait for when that takes long", async () => {
      operated.fault({ service: "iot", path: "/things", delayMs: 2600 });
      const { code, err } = await operated.run("status");
      assert.equal(code, 0, err);
      assert.match(err, /^asking AWS: \d+ requests? so far$/m);
    });

    it("refuse a thing or a group that is not there", async () => {
      assert.match((await here("device", "nobody")).err, /there is no thing nobody/);
      assert.match((await here("status", "--group", "nobody")).err, /there is no thing and no thing group nobody/);
    });
  });
});

import assert from "node:assert/strict";
import { DEFAULT_IMAGE_SIZE } from "../support/images.js";
import { FIRST, MINUTE, type Scenario, SECOND } from "../support/scenario.js";
import { HALF, nothingLoaded, staysOnTheOldImage, unplug, unreachableFrom } from "./board-checks.js";
import type { QualificationCase } from "./case.js";

const statuses = (run: Scenario, jobId = "job-1") =>
  run.wire.updates.filter((update) => update.jobId === jobId).map(({ status }) => status);

const offsetsOf = (run: Scenario, jobId: string) =>
  run.wire.requests.flatMap(({ target }, index) =>
    target.includes(`/${jobId}.bin`) ? [run.wire.offsets[index] ?? 0] : [],
  );

/** All of the image, and not more than what was under way whenever the connection ended. */
function assertResumed(run: Scenario, jobId = "job-1"): void {
  const [first, second] = offsetsOf(run, jobId);
  assert.equal(first, 0);
  assert.ok((second ?? 0) > HALF / 2, `the second request asks from ${second}`);
  const loaded = Number(run.details(jobId).bytes);
  assert.ok(loaded <= DEFAULT_IMAGE_SIZE + 24_000, `${loaded} bytes loaded for ${DEFAULT_IMAGE_SIZE}`);
}

/** The program of this image crashes in its self-test. */
const publishCrashing = async (run: Scenario, jobId: string) =>
  run.publish({ jobId, image: await run.image(SECOND, { trial: "crash" }) });

export const OTA_UPDATE_CASES: readonly QualificationCase[] = Object.freeze([
  {
    name: "OTAE2EGreaterVersion",
    checks: "a newer image is loaded, started, confirmed by its own program and reported once",
    xs: true,
    play: async (run) => {
      await run.publish();
      run.untilState("testing");
      assert.deepEqual(run.wire.terminal(), [], "no success before the new image proved itself");
      run.succeeds();
      assert.equal(run.details().from, FIRST);
      assert.equal(run.details().to, SECOND);
      assert.equal(run.wire.requests.length, 1);
      await run.intact();
    },
  },
  {
    name: "OTAE2EBackToBackDownloads",
    checks: "three updates in a row, queued together, each run in the slot that the one before did not use",
    play: async (run) => {
      const versions = ["1.0.2", "1.0.3", "1.0.4"];
      const jobs = versions.map((version, index) => ({ version, jobId: `job-${index + 1}` }));
      for (const job of jobs) {
        await run.publish(job);
        run.pass(1);
      }
      for (const { version, jobId } of jobs) run.succeeds(version, jobId);
      assert.deepEqual(
        run.wire.terminal().map(({ jobId, status }) => `${jobId} ${status}`),
        ["job-1 SUCCEEDED", "job-2 SUCCEEDED", "job-3 SUCCEEDED"],
      );
      const slots = jobs.map(({ jobId }) => run.details(jobId).slot);
      assert.deepEqual(slots, ["ota_1", "ota_0", "ota_1"]);
      await run.intact();
    },
  },
  {
    name: "OTAE2ERollbackIfUnableToConnectAfterUpdate",
    checks: "a new image that does not reach the cloud within its deadline is taken back; the old one reports FAILED",
    play: async (run) => {
      unreachableFrom(run, SECOND);
      await run.publish();
      run.untilState("testing");
      assert.equal(run.version, SECOND);
      run.endsWith("FAILED", "self-test-timeout");
      assert.equal(run.version, FIRST);
      assert.match(run.details().detail ?? "", /connect/);
      await run.intact();
    },
  },
  {
    name: "OTAE2ESameVersion",
    checks: "the running version is refused before a byte is loaded",
    play: async (run) => {
      await run.publish({ version: FIRST });
      run.endsWith("REJECTED", "same-version");
      nothingLoaded(run);
      await run.intact();
    },
  },
  {
    name: "OTAE2EPreviousVersion",
    checks: "an older version is refused, by the document or, when that lies, by the image's own descriptor",
    play: async (run) => {
      const older = await run.image("1.0.0");
      await run.publish({ version: "1.0.0", image: older });
      run.endsWith("REJECTED", "downgrade");
      nothingLoaded(run);
      await run.publish({ jobId: "job-2", version: SECOND, image: older });
      run.endsWith("REJECTED", "version-mismatch", "job-2");
      staysOnTheOldImage(run);
      await run.intact();
    },
  },
  {
    name: "OTAE2EDisconnectResume",
    checks: "the network goes in mid-download and comes back: the download continues where it was",
    xs: true,
    play: async (run) => {
      await run.publish();
      run.untilLoaded(HALF);
      unplug(run);
      run.pass(5 * MINUTE);
      assert.equal(run.world.status("job-1"), "IN_PROGRESS");
      run.faults = {};
      run.succeeds();
      assertResumed(run);
      await run.intact();
    },
  },
  {
    name: "OTAE2EDisconnectCancelUpdate",
    checks: "a job that is canceled while the device is away is dropped at its return, and the next one runs",
    play: async (run) => {
      await run.publish();
      run.untilLoaded(HALF);
      unplug(run);
      run.pass(MINUTE);
      run.cancel();
      run.pass(MINUTE);
      const before = run.wire.requests.length;
      run.faults = {};
      run.untilTraced("-> idle (");
      assert.equal(run.world.status("job-1"), "CANCELED");
      assert.equal(run.version, FIRST);
      assert.ok(run.wire.requests.length <= before + 1, "at most the request that was under way with the news");
      assert.deepEqual(run.wire.terminal(), [], "a canceled job is not ended by the device");
      staysOnTheOldImage(run);
      await run.publish({ jobId: "job-2", version: "1.0.3" });
      run.succeeds("1.0.3", "job-2");
      await run.intact();
    },
  },
  {
    name: "OTAE2EPresignedUrlExpired",
    checks: "a URL that expired in mid-download is replaced by one question to the service, and the offset is kept",
    play: async (run) => {
      await run.publish({ urlExpiresInSec: 60 });
      run.untilLoaded(HALF);
      unplug(run);
      run.pass(10 * MINUTE);
      run.faults = {};
      run.succeeds();
      assertResumed(run);
      const targets = run.wire.requests.map(({ target }) => target);
      assert.notEqual(targets[0], targets.at(-1), "the last request has a new URL");
      // The other way: the server alone says so.
      run.world.cloud.httpFaults.add({ cutAfterBytes: HALF });
      run.world.cloud.httpFaults.add({ expireUrl: true });
      await run.publish({ jobId: "job-2", version: "1.0.3" });
      run.succeeds("1.0.3", "job-2");
      assert.equal(run.wire.describes("job-2").length, 1);
      const [, refused, resumed] = offsetsOf(run, "job-2");
      assert.ok((refused ?? 0) > HALF / 2);
      assert.equal(resumed, refused);
      await run.intact();
    },
  },
  {
    name: "OTAE2E2UpdatesCancel1st",
    checks: "of two queued updates the first is canceled in mid-download: the second is loaded from its beginning",
    play: async (run) => {
      await run.publish();
      run.pass(1);
      await run.publish({ jobId: "job-2", version: "1.0.3" });
      run.untilLoaded(HALF);
      run.cancel();
      run.succeeds("1.0.3", "job-2");
      assert.equal(run.world.status("job-1"), "CANCELED");
      assert.deepEqual(offsetsOf(run, "job-2"), [0]);
      assert.ok(!statuses(run).includes("SUCCEEDED"));
      await run.intact();
    },
  },
  {
    name: "OTAE2ECancelThenUpdate",
    checks: "after an update was canceled, queued or in mid-download, a new one for the same version runs",
    play: async (run) => {
      await run.publish();
      run.until(() => run.world.status("job-1") === "QUEUED", "the job is queued");
      run.cancel();
      await run.publish({ jobId: "job-2" });
      run.untilLoaded(HALF);
      run.cancel("job-2");
      run.untilTraced("-> idle (");
      await run.publish({ jobId: "job-3" });
      run.succeeds(SECOND, "job-3");
      assert.deepEqual([run.world.status("job-1"), run.world.status("job-2")], ["CANCELED", "CANCELED"]);
      assert.ok(!statuses(run).includes("SUCCEEDED"));
      await run.intact();
    },
  },
  {
    name: "OTAE2EImageCrashed",
    checks:
      "an image whose program crashes is replaced by the old one, FAILED once with the reset's cause, and not taken again",
    options: { app: "scenario" },
    xs: true,
    play: async (run) => {
      await publishCrashing(run, "job-1");
      run.expectCrashes(1);
      run.endsWith("FAILED", "rolled-back");
      assert.equal(run.version, FIRST);
      assert.equal(run.details().reset, "panic");
      await publishCrashing(run, "job-2");
      run.endsWith("REJECTED", "quarantined", "job-2");
      await run.publish({ jobId: "job-3", version: "1.0.3" });
      run.succeeds("1.0.3", "job-3");
      await run.intact();
    },
  },
] satisfies QualificationCase[]);

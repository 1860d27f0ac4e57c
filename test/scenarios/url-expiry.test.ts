import assert from "node:assert/strict";
import { DEFAULT_IMAGE_SIZE as SIZE } from "./support/images.js";
import { MINUTE, type Scenario, SECOND } from "./support/scenario.js";
import { type Story, storySuite } from "./support/stories.js";

const JOB = "job-1";
const BLOCK = 65_536;
const HALF = 160_000;

/** The signature is what tells two URLs of one object apart. */
const signatures = (run: Scenario): string[] =>
  run.wire.requests.map(({ target }) => /X-Amz-Signature=([0-9a-f]+)/.exec(target)?.[1] ?? "");

/** Nothing was fetched twice: headers and TLS aside, the network carried the image once. */
function loadedOnce(run: Scenario, waste = 0): void {
  const loaded = Number(run.details().bytes);
  assert.ok(loaded >= SIZE && loaded <= SIZE + waste, `${loaded} bytes loaded for ${SIZE}, ${waste} may be wasted`);
}

/** What the network carried before the connection broke and the device never saw. */
const UNDER_WAY = 24_000;

const SECTOR = 4096;

/** Everything but what was under way, and the sector in hand, is on flash and not asked for again. */
function goesOnFromHalf(offsets: readonly (number | undefined)[], requests: number): void {
  assert.equal(offsets.length, requests);
  for (const offset of offsets) {
    assert.ok(offset !== undefined && offset % SECTOR === 0, `offset ${offset}`);
    assert.ok(offset <= HALF && offset > HALF - UNDER_WAY - 2 * SECTOR, `offset ${offset}`);
  }
}

const expire = { expireUrl: true };
const breakOff = { cutAfterBytes: HALF };

/** One describe of the job, a URL signed anew, and the byte where the first one stopped. */
function renewedOnce(run: Scenario): void {
  const { offsets, requests } = run.wire;
  assert.equal(run.wire.describes(JOB).length, 1, "one describe of the job");
  const [first, refused, renewed] = signatures(run);
  assert.equal(requests.length, 3, `good, refused, good: ${JSON.stringify(offsets)}`);
  assert.equal(first, refused);
  assert.notEqual(renewed, refused);
  assert.equal(offsets[2], offsets[1], "the same offset");
  assert.ok((offsets[2] ?? 0) > 0);
}

const stories: readonly Story[] = [
  ...(
    [
      ["403 Request has expired", expire, "url-expired"],
      ["400 ExpiredToken, the role's session has ended", { status: 400, error: "ExpiredToken" }, "url-expired"],
      ["403 AccessDenied", { status: 403, error: "AccessDenied" }, "access-denied"],
    ] as const
  ).map(
    ([what, fault, code], index): Story => ({
      it: `${what} in mid-download: one describe, a new URL, the same offset`,
      xs: index === 0,
      play: async (run) => {
        run.world.cloud.httpFaults.add(breakOff);
        run.world.cloud.httpFaults.add(fault);
        await run.publish();
        run.succeeds();
        renewedOnce(run);
        loadedOnce(run, UNDER_WAY);
        assert.equal(run.traced(`aws-fota: ${code}, asking for a new URL`).length, 1);
        await run.intact();
      },
    }),
  ),
  {
    it: "a URL that really ran out while the file server was silent: the service signs a new one",
    options: { config: { idleTimeoutMs: 90_000 } },
    play: async (run) => {
      run.world.cloud.httpFaults.add({ stallAfterBytes: HALF });
      await run.publish({ urlExpiresInSec: 60 });
      run.untilLoaded(HALF);
      run.succeeds();
      assert.equal(run.wire.describes(JOB).length, 1);
      assert.equal(run.wire.requests.length, 2, "the old URL is not tried again: its own query says that it is over");
      assert.equal(new Set(signatures(run)).size, 2);
      loadedOnce(run);
      await run.intact();
    },
  },
  {
    it: "the second URL is refused without a byte gained: the job ends",
    play: async (run) => {
      run.world.cloud.httpFaults.add(breakOff);
      run.world.cloud.httpFaults.add({ ...expire, times: 0 });
      await run.publish();
      run.endsWith("FAILED", "url-expired");
      assert.equal(run.wire.describes(JOB).length, 1, "asked for once");
      assert.equal(run.wire.requests.length, 3);
      await run.intact();
    },
  },
  {
    it: "a URL that runs out again and again is renewed as long as bytes are gained",
    play: async (run) => {
      for (const _ of [1, 2, 3]) {
        run.world.cloud.httpFaults.add({ cutAfterBytes: 70_000 });
        run.world.cloud.httpFaults.add(expire);
      }
      await run.publish();
      run.succeeds();
      assert.equal(run.wire.describes(JOB).length, 3);
      assert.equal(run.wire.requests.length, 7);
      loadedOnce(run, 3 * UNDER_WAY);
      await run.intact();
    },
  },
  {
    it: "after a reboot the URL that a describe brought is new, and the download goes on where it was",
    play: async (run) => {
      await run.publish({ urlExpiresInSec: 60 });
      run.untilLoaded(HALF);
      run.world.board.powerCut();
      run.pass(2 * MINUTE);
      run.world.board.powerOn();
      run.succeeds();
      goesOnFromHalf(run.wire.offsets.slice(1), 1);
      assert.equal(new Set(signatures(run)).size, 2);
      loadedOnce(run, UNDER_WAY + 2 * SECTOR);
      await run.intact();
    },
  },
  {
    it: "403 at the first request after a reboot: one describe, a new URL, the rest",
    play: async (run) => {
      await run.publish();
      run.untilLoaded(HALF);
      run.world.board.powerCut();
      run.world.cloud.httpFaults.add(expire);
      run.world.board.powerOn();
      run.succeeds();
      goesOnFromHalf(run.wire.offsets.slice(1), 2);
      assert.equal(run.wire.describes(JOB).length, 1);
      loadedOnce(run, UNDER_WAY + 2 * SECTOR);
      await run.intact();
    },
  },
  {
    it: "the power goes between 403 and the new URL: goes on where it was",
    play: async (run) => {
      run.world.cloud.httpFaults.add(breakOff);
      run.world.cloud.httpFaults.add(expire);
      await run.publish();
      run.untilTraced("asking for a new URL");
      run.world.board.powerCut();
      run.world.board.powerOn();
      run.succeeds();
      goesOnFromHalf(run.wire.offsets.slice(2), 1);
      await run.intact();
    },
  },
  {
    it: "a download in ranges gets its new URL ahead of expiry: no request is refused",
    // The image takes 80 s, longer than its URL lives.
    options: { config: { rangeLength: BLOCK }, link: { bytesPerSecond: 4_000 } },
    play: async (run) => {
      await run.publish({ urlExpiresInSec: 60 });
      run.succeeds();
      const described = run.wire.describes(JOB).length;
      assert.ok(described >= 1, "a new URL was asked for");
      assert.equal(new Set(signatures(run)).size, described + 1);
      assert.equal(run.traced("aws-fota: url-expired, asking for a new URL").length, described);
      assert.equal(run.wire.requests.length, Math.ceil(SIZE / BLOCK), "one request for each range, none refused");
      assert.deepEqual(
        run.wire.offsets,
        run.wire.offsets.map((_, index) => index * BLOCK),
      );
      assert.equal(run.details().bytes, String(SIZE));
      await run.intact();
    },
  },
  {
    it: "one long range outlives its URL: nothing is asked for, as no request is due",
    options: { link: { bytesPerSecond: 4_000 } },
    play: async (run) => {
      await run.publish({ urlExpiresInSec: 60 });
      run.succeeds();
      assert.equal(run.wire.requests.length, 1);
      assert.equal(run.wire.describes(JOB).length, 0);
      await run.intact();
    },
  },
  {
    it: "the broker is away when the URL runs out: waits, and goes on with the URL of the next connection",
    play: async (run) => {
      run.world.cloud.httpFaults.add(breakOff);
      run.world.cloud.httpFaults.add(expire);
      await run.publish();
      run.untilLoaded(100_000);
      run.world.cloud.mqtt.goAway();
      run.untilTraced("asking for a new URL");
      run.pass(10 * MINUTE);
      assert.equal(run.world.status(JOB), "IN_PROGRESS");
      run.world.cloud.mqtt.comeBack();
      run.succeeds();
      assert.equal(run.wire.requests.length, 3);
      loadedOnce(run, UNDER_WAY);
      await run.intact();
    },
  },
  {
    it: "the answer to the describe is lost: asked again, the download goes on",
    play: async (run) => {
      run.world.cloud.httpFaults.add(breakOff);
      run.world.cloud.httpFaults.add(expire);
      run.world.cloud.mqttFaults.add({
        direction: "out",
        packet: "publish",
        topic: `jobs/${JOB}/get/accepted$`,
        kind: "drop",
      });
      await run.publish();
      run.succeeds();
      assert.equal(run.wire.describes(JOB).length, 2);
      loadedOnce(run, UNDER_WAY);
      await run.intact();
    },
  },
  {
    it: "the job was canceled when the URL ran out: the describe says so",
    play: async (run) => {
      run.world.cloud.httpFaults.add(breakOff);
      run.world.cloud.httpFaults.add(expire);
      run.world.cloud.mqttFaults.add({
        direction: "out",
        packet: "publish",
        topic: "notify",
        kind: "drop",
        count: 9,
        skip: 1,
      });
      await run.publish();
      run.untilLoaded(100_000);
      run.cancel();
      run.untilState("idle");
      assert.equal(run.world.status(JOB), "CANCELED");
      assert.equal(run.traced("aws-fota: job-ended").length, 1);
      assert.notEqual(run.version, SECOND);
      assert.equal(run.wire.terminal(JOB).length, 0);
      await run.intact();
    },
  },
];

storySuite("the presigned URL runs out", stories);

import assert from "node:assert/strict";
import type { CutPlace, Step } from "../../host-sim/board/index.js";
import { DEFAULT_IMAGE_SIZE } from "./support/images.js";
import { FIRST, MINUTE, type Scenario, type ScenarioOptions, SECOND, scenario } from "./support/scenario.js";
import { type Story, storySuite } from "./support/stories.js";

/** How often an image is started on trial when the power goes. [aws-fota maxTrials, default] */
const MAX_TRIALS = 3;

/** The application with a self-test of its own, which the image that is published decides. */
const APP: ScenarioOptions = Object.freeze({ config: {} });

type Fate = {
  readonly image: string;
  readonly trial?: string;
  /** Between first boot and the end. */
  readonly during?: (run: Scenario) => void;
  readonly code: string;
  readonly reset: string;
  /** How far the self-test came; undefined: it did not begin. */
  readonly selfTest: string | undefined;
  readonly detail: RegExp;
  readonly crashes?: number;
  readonly xs?: boolean;
};

const FATES: readonly Fate[] = Object.freeze([
  {
    image: "crashes at its start",
    trial: "crash-at-start",
    code: "rolled-back",
    reset: "panic",
    selfTest: undefined,
    detail: /crashed or hung/,
    crashes: 1,
  },
  {
    image: "crashes in its self-test",
    trial: "crash",
    code: "rolled-back",
    reset: "panic",
    selfTest: "sensors",
    detail: /crashed or hung/,
    crashes: 1,
  },
  {
    image: "hangs in its self-test",
    trial: "hang",
    code: "rolled-back",
    reset: "task-watchdog",
    selfTest: "sensors",
    detail: /crashed or hung/,
    crashes: 1,
  },
  {
    image: "fails its self-test",
    trial: "fail",
    code: "self-test-failed",
    reset: "software",
    selfTest: "sensors",
    detail: /pressure sensor is silent/,
  },
  {
    image: "never ends its self-test",
    trial: "silent",
    code: "self-test-timeout",
    reset: "software",
    selfTest: "answered",
    detail: /still waiting for: application/,
  },
  {
    image: "cannot reach the broker",
    trial: "pass",
    during: (run) => run.world.cloud.mqtt.goAway(),
    code: "self-test-timeout",
    reset: "software",
    selfTest: "sensors",
    detail: /still waiting for: connected, answered/,
  },
  {
    image: "loses its power in every trial",
    trial: "silent",
    during: (run) => {
      for (let trial = 1; trial <= MAX_TRIALS; trial += 1) {
        if (trial > 1) run.untilState("testing");
        losePower(run);
      }
    },
    code: "rolled-back",
    reset: "power-on",
    selfTest: "sensors",
    detail: /power went in every trial/,
  },
  {
    image: "browns the board out in every trial",
    trial: "silent",
    during: (run) => {
      for (let trial = 1; trial <= MAX_TRIALS; trial += 1) {
        if (trial > 1) run.untilState("testing");
        run.untilTraced("self-test: sensors");
        run.world.board.reset("brownout");
      }
    },
    code: "rolled-back",
    reset: "brownout",
    selfTest: "sensors",
    detail: /power went in every trial/,
  },
  {
    image: "loses its power once and then crashes",
    trial: "crash",
    during: (run) => {
      losePower(run);
      run.untilState("testing");
    },
    code: "rolled-back",
    reset: "panic",
    selfTest: "sensors",
    detail: /crashed or hung/,
    crashes: 1,
  },
  {
    image: "locks its processor up",
    trial: "silent",
    during: (run) => run.world.board.reset("cpu-lockup"),
    code: "rolled-back",
    reset: "cpu-lockup",
    selfTest: undefined,
    detail: /crashed or hung/,
  },
  {
    image: "is restarted over USB in its self-test",
    trial: "silent",
    during: (run) => run.world.board.reset("usb"),
    code: "rolled-back",
    reset: "usb",
    selfTest: undefined,
    detail: /restarted before it was confirmed/,
  },
] satisfies Fate[]);

/** In the self-test of the image that runs, when it has begun. */
function losePower(run: Scenario): void {
  run.untilTraced("self-test: sensors");
  run.world.board.powerCut();
  run.world.board.powerOn();
}

/** Publishes the image with this fate and lets it happen. Ends with the old image running and the job FAILED. */
async function fall(run: Scenario, fate: Fate): Promise<Uint8Array> {
  const image = await run.image(SECOND, fate.trial === undefined ? {} : { trial: fate.trial });
  run.expectCrashes(fate.crashes ?? 0);
  await run.publish({ image });
  run.untilTraced("restarting into the new image");
  if (fate.during !== undefined) {
    run.untilState("testing");
    fate.during(run);
  }
  run.until(() => run.version === FIRST && run.traced(`${FIRST} runs in ota_0`).length >= 2, "the old image runs");
  run.world.cloud.mqtt.comeBack();
  run.endsWith("FAILED", fate.code);
  return image;
}

const fates = FATES.map(
  (fate): Story => ({
    it: `an image that ${fate.image}: the old one runs again and reports ${fate.code}, once, with reset cause and post-mortem`,
    options: APP,
    xs: fate.xs === true,
    play: async (run) => {
      const image = await fall(run, fate);
      const { detail, reset, selfTest, from, to } = run.details();
      assert.deepEqual(
        { reset, selfTest, from, to },
        { reset: fate.reset, selfTest: fate.selfTest, from: FIRST, to: SECOND },
      );
      assert.match(detail ?? "", fate.detail);
      assert.equal(run.version, FIRST);
      run.pass(5 * MINUTE);
      assert.equal(run.wire.terminal("job-1").length, 1, "FAILED is sent once");
      assert.equal(run.traced("app: rolled back").length, 1);
      const { otadata } = bootOf(run);
      assert.ok(!otadata.includes("PENDING_VERIFY") && !otadata.includes("NEW"), otadata);
      // Design rule R10: not the same image again.
      await run.publish({ jobId: "again", image });
      run.endsWith("REJECTED", "quarantined", "again");
      assert.equal(run.version, FIRST);
      await run.intact();
    },
  }),
);

/** The last boot, as text. */
function bootOf(run: Scenario): { otadata: string } {
  const boot = [...run.world.events].reverse().find((event) => event.type === "boot");
  return { otadata: JSON.stringify(boot?.type === "boot" ? boot.otadata : undefined) };
}

/** Good images whose trial is ended by the power, and no more often than that is forgiven. */
const tried: readonly Story[] = [
  ...([1, MAX_TRIALS - 1] as const).map(
    (losses): Story => ({
      it: `a good image that loses its power in ${losses} of its trials is confirmed in the next one, without a download`,
      options: APP,
      xs: losses === 1,
      play: async (run) => {
        await run.publish({ image: await run.image(SECOND, { trial: "pass", selfTestMs: 2000 }) });
        let requests = 0;
        for (let loss = 1; loss <= losses; loss += 1) {
          run.untilState("testing");
          requests = run.wire.requests.length;
          losePower(run);
        }
        run.succeeds();
        assert.equal(run.wire.requests.length, requests, "nothing is loaded again");
        assert.equal(run.traced("app: rolled back").length, 0);
        const told = run.wire.updates.map(({ details }) => details.reason ?? "");
        assert.ok(
          told.some((reason) => reason.includes(`trial ${losses + 1} of ${MAX_TRIALS}`)),
          JSON.stringify(told),
        );
        await run.intact();
      },
    }),
  ),
  {
    it: "a slot that no longer holds the image is loaded again before it is tried again",
    options: APP,
    play: async (run) => {
      await run.publish({ image: await run.image(SECOND, { trial: "pass", selfTestMs: 2000 }) });
      run.untilState("testing");
      const { running } = run.world.board;
      assert.ok(running !== undefined);
      run.untilTraced("self-test: sensors");
      run.world.board.powerCut();
      run.world.board.flash.contents.write(running.offset + 0x10000, new Uint8Array(64));
      run.world.board.powerOn();
      run.succeeds();
      assert.ok(run.traced("app: error image-").length > 0, "the damage was seen");
      await run.intact();
    },
  },
  {
    it: "one trial is all that maxTrials 1 gives",
    options: { config: { maxTrials: 1 } },
    play: async (run) => {
      await run.publish({ image: await run.image(SECOND, { trial: "pass", selfTestMs: 2000 }) });
      run.untilState("testing");
      losePower(run);
      run.endsWith("FAILED", "rolled-back");
      assert.equal(run.version, FIRST);
      await run.intact();
    },
  },
];

const FAILING = FATES[3];
const sha256 = async (image: Uint8Array) =>
  Buffer.from(await crypto.subtle.digest("SHA-256", image.slice())).toString("hex");

const quarantine: readonly Story[] = [
  {
    it: "a digest in the document finds a quarantined image before anything is loaded, also after a power cut",
    options: APP,
    play: async (run) => {
      assert.ok(FAILING);
      const image = await fall(run, FAILING);
      run.untilState("idle");
      run.world.board.powerCut();
      run.world.board.powerOn();
      const requests = run.wire.requests.length;
      await run.publish({ jobId: "again", image, document: { sha256: await sha256(image) } });
      run.endsWith("REJECTED", "quarantined", "again");
      assert.equal(run.wire.requests.length, requests);
      await run.intact();
    },
  },
  {
    it: "without a digest in the document the server's headers find it: not a byte of the image is written",
    options: APP,
    play: async (run) => {
      assert.ok(FAILING);
      const image = await fall(run, FAILING);
      await run.publish({ jobId: "again", image });
      run.endsWith("REJECTED", "quarantined", "again");
      assert.equal(run.details("again").erases, "0");
      await run.intact();
    },
  },
  {
    it: "force tries a quarantined image again, and it is rolled back again",
    options: APP,
    play: async (run) => {
      assert.ok(FAILING);
      const image = await fall(run, FAILING);
      await run.publish({ jobId: "forced", image, document: { force: true } });
      run.endsWith("FAILED", "self-test-failed", "forced");
      assert.equal(run.version, FIRST);
      await run.publish({ jobId: "again", image });
      run.endsWith("REJECTED", "quarantined", "again");
      await run.intact();
    },
  },
  {
    it: "a forced image that proves itself is in quarantine no more",
    options: APP,
    play: async (run) => {
      const image = await run.image(SECOND, { trial: "pass" });
      await run.publish({ image });
      run.untilState("testing");
      run.world.cloud.mqtt.goAway();
      run.untilTraced(`${FIRST} runs in ota_0`);
      run.world.cloud.mqtt.comeBack();
      run.endsWith("FAILED", "self-test-timeout");
      await run.publish({ jobId: "forced", image, document: { force: true } });
      run.succeeds(SECOND, "forced");
      run.until(() => !run.record.includes('"job"'), "the job is over");
      assert.ok(!run.record.includes(await sha256(image)), run.record);
      await run.intact();
    },
  },
  {
    it: "another image of the same version is not in quarantine",
    options: APP,
    play: async (run) => {
      assert.ok(FAILING);
      await fall(run, FAILING);
      await run.publish({ jobId: "repaired", image: await run.image(SECOND, { trial: "pass" }) });
      run.succeeds(SECOND, "repaired");
      await run.intact();
    },
  },
];

/** Numbers of the steps that mark-valid makes, from a run without a cut. */
async function markValidSteps(options: ScenarioOptions): Promise<readonly Step[]> {
  const steps: Step[] = [];
  let testing = false;
  await scenario({ ...options, board: { onStep: (step) => void (testing && steps.push(step)) } }, async (run) => {
    await run.publish();
    run.untilState("testing");
    testing = true;
    run.untilState("reporting");
    testing = false;
    run.succeeds();
  });
  return steps.filter(({ kind }) => kind === "flash-erase" || kind === "flash-write");
}

const PLACES: readonly CutPlace[] = Object.freeze(["before", "torn", "after"]);

function markValidSuite(): void {
  describe("a power cut in mark-valid", () => {
    const played = async (where: CutPlace, step: number, seed: number): Promise<string> => {
      let ends = "";
      await scenario({ app: "sample" }, async (run) => {
        await run.publish();
        run.untilState("testing");
        run.world.board.planCut({ step, where, seed });
        run.until(() => run.world.board.state === "off", "the power cut");
        run.world.board.powerOn();
        run.succeeds();
        ends = run.world.events
          .flatMap((event) => (event.type === "boot" ? [event.version] : []))
          .slice(2)
          .join(", ");
        await run.intact();
      });
      return ends;
    };

    it("ends in SUCCEEDED: the new image goes on, or the old one tries it again", async () => {
      const steps = await markValidSteps({ app: "sample" });
      assert.ok(steps.length >= 2, JSON.stringify(steps));
      const seen = new Set<string>();
      for (const { number, tearable } of steps) {
        for (const where of PLACES) {
          if (where === "torn" && !tearable) continue;
          for (const seed of where === "torn" ? [1, 2, 3, 4] : [1]) {
            seen.add(await played(where, number, seed));
          }
        }
      }
      assert.deepEqual([...seen].sort(), [`${FIRST}, ${SECOND}`, SECOND]);
    });
  });
}

const unwatched: readonly Story[] = [
  {
    it: "firmware without rollback says so at each start and in the job",
    options: { ...APP, board: { rollback: false } },
    play: async (run) => {
      run.untilTraced("app: idle");
      assert.equal(run.traced("app: error rollback-disabled").length, 1);
      await run.publish();
      run.succeeds();
      assert.ok(run.wire.updates.every(({ details }) => details.rollback === "off"));
      assert.equal(run.traced("app: error rollback-disabled").length, 2);
      await run.intact();
    },
  },
  {
    it: "a bootloader older than the firmware, without rollback, is noticed at the first boot of a new image and said in the job",
    options: { ...APP, board: { bootloaderRollback: false } },
    play: async (run) => {
      run.untilTraced("app: idle");
      assert.equal(run.traced("rollback-disabled").length, 0);
      await run.publish();
      run.succeeds();
      assert.equal(run.traced("app: error rollback-disabled").length, 1);
      assert.equal(run.details().rollback, "off");
      await run.intact();
    },
  },
  {
    it: "a watched board says nothing of the kind",
    options: APP,
    play: async (run) => {
      await run.publish();
      run.succeeds();
      assert.equal(run.traced("rollback-disabled").length, 0);
      assert.equal(run.details().rollback, undefined);
      assert.equal(run.details().bytes, String(DEFAULT_IMAGE_SIZE));
      await run.intact();
    },
  },
  ...(["rollback", "bootloaderRollback"] as const).map(
    (option): Story => ({
      it: `a failed self-test returns to the old image also without ${option === "rollback" ? "rollback" : "the bootloader's rollback"}`,
      options: { ...APP, board: { [option]: false } },
      play: async (run) => {
        assert.ok(FAILING);
        await fall(run, FAILING);
        assert.equal(run.wire.terminal("job-1").length, 1);
        await run.intact();
      },
    }),
  ),
];

storySuite("rollback", [...fates, ...tried, ...quarantine, ...unwatched]);
markValidSuite();

import assert from "node:assert/strict";
import type { CutPlace, Step } from "../../host-sim/board/index.js";
import { DEFAULT_IMAGE_SIZE } from "./support/images.js";
import { FIRST, MINUTE, type Scenario, type ScenarioOptions, SECOND, scenario } from "./support/scenario.js";
import { type Story, storySuite } from "./support/stories.js";

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
    detail: /crashed, hung or lost power/,
    crashes: 1,
  },
  {
    image: "crashes in its self-test",
    trial: "crash",
    code: "rolled-back",
    reset: "panic",
    selfTest: "sensors",
    detail: /crashed, hung or lost power/,
    crashes: 1,
  },
  {
    image: "hangs in its self-test",
    trial: "hang",
    code: "rolled-back",
    reset: "task-watchdog",
    selfTest: "sensors",
    detail: /crashed, hung or lost power/,
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
    image: "loses its power in the self-test",
    trial: "silent",
    during: (run) => {
      run.untilTraced("self-test: sensors");
      run.world.board.powerCut();
      run.world.board.powerOn();
    },
    code: "rolled-back",
    reset: "power-on",
    selfTest: "sensors",
    detail: /crashed, hung or lost power/,
  },
] satisfies Fate[]);

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
        const status = run.end();
        ends = `${status} ${run.details().code ?? "-"} ${run.version}`;
        if (status === "FAILED") {
          assert.equal(run.details().reset, "power-on");
          assert.equal(run.details().selfTest, "connected");
        }
        await run.intact();
      });
      return ends;
    };

    it("leaves the old image with FAILED, or the new one with SUCCEEDED, and nothing else", async () => {
      const steps = await markValidSteps({ app: "sample" });
      assert.ok(steps.length >= 2, JSON.stringify(steps));
      const seen = new Set<string>();
      for (const { number, tearable } of steps) {
        for (const where of PLACES) {
          if (where === "torn" && !tearable) continue;
          for (const seed of where === "torn" ? [1, 2, 3, 4] : [1]) {
            const ends = await played(where, number, seed);
            assert.ok(
              ends === `SUCCEEDED - ${SECOND}` || ends === `FAILED rolled-back ${FIRST}`,
              `${where} step ${number}, seed ${seed}: ${ends}`,
            );
            seen.add(ends);
          }
        }
      }
      assert.equal(seen.size, 2, "both ends were seen");
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

storySuite("rollback", [...fates, ...quarantine, ...unwatched]);
markValidSuite();

import assert from "node:assert/strict";
import { control, data } from "local-aws-iot/virtual";
import { FIRST, MINUTE, type Scenario, type ScenarioOptions, SECOND, THING } from "./support/scenario.js";
import { type Story, storySuite } from "./support/stories.js";

const JOB = "job-1";
const THIRD = "1.0.3";
const NOTIFY_NEXT = `$aws/things/${THING}/jobs/notify-next`;
/** The image takes more than a minute. */
const SLOW = Object.freeze({ bytesPerSecond: 4_000 });

/** Every state lasts long enough to do something in it. */
const LASTING = Object.freeze({ trial: "pass", selfTestMs: 30_000, restartMs: MINUTE });
const APP: ScenarioOptions = Object.freeze({ config: LASTING });
const DEFERRING: ScenarioOptions = Object.freeze({ config: { ...LASTING, deferMs: 10 * MINUTE } });

type Moment = { readonly state: string; readonly options: ScenarioOptions; readonly reach: (run: Scenario) => void };

/** The states in which an end of the job leaves the old image running. */
const BEFORE_RESTART: readonly Moment[] = Object.freeze([
  { state: "deferred", options: DEFERRING, reach: (run) => run.untilState("deferred") },
  {
    state: "starting",
    options: APP,
    reach: (run) => {
      run.world.cloud.mqttFaults.add({ direction: "out", packet: "publish", topic: "update/accepted$", kind: "drop" });
      run.untilState("starting");
      run.pass(1000);
    },
  },
  { state: "downloading", options: APP, reach: (run) => run.untilLoaded(100_000) },
  { state: "verifying", options: APP, reach: (run) => run.untilState("verifying") },
  { state: "installed", options: APP, reach: (run) => run.untilTraced("app: installed") },
] satisfies Moment[]);

const TESTING: Moment = { state: "testing", options: APP, reach: (run) => run.untilTraced("self-test: answered") };

type End = { readonly what: string; readonly code: string; readonly happen: (run: Scenario) => void };

const ENDS: readonly End[] = Object.freeze([
  // Asked about an execution that has ended, the service names no status.
  { what: "force cancel", code: "job-ended", happen: (run) => run.cancel() },
  {
    what: "delete",
    code: "job-deleted",
    happen: (run) => void control.deleteJob(run.jobs, { jobId: JOB, force: true }),
  },
  { what: "delete of the execution", code: "job-deleted", happen: (run) => run.deleteExecution() },
] satisfies End[]);

/** The job is given up: idle again, nothing was told, and a restart finds the old image. */
function givenUp(run: Scenario, codes: readonly string[], reported = 0): void {
  if (run.traced("-> idle (").length === 0) run.untilState("idle", 5 * MINUTE);
  const told = codes.some((code) => run.traced(`app: error ${code}`).length === 1);
  assert.ok(told, `one of ${codes.join(", ")} is said\n${run.told()}`);
  assert.equal(run.wire.terminal(JOB).length, reported);
  run.pass(2 * MINUTE);
  run.world.board.pressReset();
  run.untilTraced("app: idle");
  assert.equal(run.version, FIRST);
}

const ended = BEFORE_RESTART.flatMap((moment) =>
  ENDS.map(
    (end): Story => ({
      it: `${end.what} while ${moment.state}: dropped with ${end.code}, the old image stays`,
      options: moment.options,
      xs: moment.state === "installed" && end.code === "job-ended",
      play: async (run) => {
        await run.publish();
        moment.reach(run);
        end.happen(run);
        givenUp(run, [end.code]);
        await run.intact();
      },
    }),
  ),
);

const tooLate = ENDS.map(
  (end): Story => ({
    it: `${end.what} during the self-test: the image proves itself and stays, the report is refused and dropped`,
    options: APP,
    play: async (run) => {
      await run.publish();
      TESTING.reach(run);
      end.happen(run);
      run.untilState("idle");
      run.until(() => !run.record.includes('"job"'), "the record is empty", MINUTE);
      assert.equal(run.version, SECOND);
      assert.notEqual(run.world.status(JOB), "SUCCEEDED");
      await run.intact();
      run.world.board.pressReset();
      run.untilTraced("app: idle");
      assert.equal(run.version, SECOND);
    },
  }),
);

const whileOff: readonly Story[] = [
  {
    it: "force cancel while the board is off in mid-download: forgotten at the next start",
    options: APP,
    play: async (run) => {
      await run.publish();
      run.untilLoaded(160_000);
      run.world.board.powerCut();
      run.cancel();
      run.world.board.powerOn();
      run.untilTraced("app: idle");
      assert.ok(!run.record.includes('"job"'), run.record);
      assert.equal(run.wire.requests.length, 1);
      await run.intact();
    },
  },
  {
    it: "force cancel while the board is off, after the boot flag: too late, the new image proves itself and stays",
    options: APP,
    play: async (run) => {
      await run.publish();
      run.untilTraced("app: installed");
      run.world.board.powerCut();
      run.cancel();
      run.world.board.powerOn();
      run.untilState("idle");
      assert.equal(run.version, SECOND);
      assert.equal(run.world.status(JOB), "CANCELED");
      await run.intact();
    },
  },
  {
    it: "cancel without force of a job that waits: dropped",
    options: DEFERRING,
    play: async (run) => {
      await run.publish();
      run.untilState("deferred");
      run.cancel(JOB, false);
      givenUp(run, ["job-ended"]);
      await run.intact();
    },
  },
  {
    it: "cancel without force of a job that is under way: changes nothing",
    options: APP,
    play: async (run) => {
      await run.publish();
      run.untilLoaded(100_000);
      run.cancel(JOB, false);
      run.succeeds();
      await run.intact();
    },
  },
  {
    it: "canceled for a newer version: the next job brings it",
    options: APP,
    play: async (run) => {
      await run.publish();
      run.untilLoaded(160_000);
      run.cancel();
      await run.publish({ jobId: "job-2", version: THIRD });
      run.succeeds(THIRD, "job-2");
      assert.equal(run.wire.terminal(JOB).length, 0);
      await run.intact();
    },
  },
];

const timers: readonly Story[] = [
  {
    it: "the in-progress timer runs out in mid-download: dropped with job-ended",
    options: { ...APP, link: SLOW },
    play: async (run) => {
      await run.publish({ job: { timeoutConfig: { inProgressTimeoutInMinutes: 1 } } });
      assert.equal(run.end(), "TIMED_OUT");
      givenUp(run, ["job-ended"]);
      await run.intact();
    },
  },
  {
    it: "the in-progress timer runs out in the self-test: the image stays, the report is refused",
    options: { config: { trial: "pass", selfTestMs: 2 * MINUTE } },
    play: async (run) => {
      await run.publish({ job: { timeoutConfig: { inProgressTimeoutInMinutes: 1 } } });
      assert.equal(run.end(), "TIMED_OUT");
      run.untilState("idle");
      assert.equal(run.version, SECOND);
      await run.intact();
    },
  },
  {
    it: "the step timer runs out when it is not renewed: dropped with job-ended",
    options: {
      config: { stepTimeoutInMinutes: 1, heartbeatMs: 30 * MINUTE, reportIntervalMs: 30 * MINUTE },
      link: SLOW,
    },
    play: async (run) => {
      await run.publish();
      assert.equal(run.end(), "TIMED_OUT");
      givenUp(run, ["job-ended"]);
      await run.intact();
    },
  },
  {
    it: "heartbeats keep a slow download alive within its step timer",
    options: { config: { stepTimeoutInMinutes: 1, reportIntervalMs: 30 * MINUTE }, link: SLOW },
    play: async (run) => {
      await run.publish();
      run.succeeds();
      await run.intact();
    },
  },
  {
    it: "heartbeats keep a paused download alive within its step timer, and no more often than needed",
    options: { config: { stepTimeoutInMinutes: 3, deferAt: 100_000, deferForMs: 30 * MINUTE } },
    play: async (run) => {
      await run.publish();
      run.untilState("deferred");
      const from = run.wire.updates.length;
      run.pass(29 * MINUTE);
      const beats = run.wire.updates.slice(from);
      assert.ok(beats.length >= 28 && beats.length <= 30, `${beats.length} heartbeats in 29 minutes, one a minute`);
      assert.ok(beats.every(({ status, details }) => status === "IN_PROGRESS" && details.state === "deferred"));
      run.succeeds();
      await run.intact();
    },
  },
  {
    it: "heartbeats keep an installed update alive until the application restarts",
    options: { config: { stepTimeoutInMinutes: 1, restartMs: 20 * MINUTE } },
    play: async (run) => {
      await run.publish();
      run.succeeds();
      await run.intact();
    },
  },
  {
    it: "a job that is deferred while QUEUED is left alone until its time comes",
    options: { config: { deferMs: 30 * MINUTE, stepTimeoutInMinutes: 1 } },
    play: async (run) => {
      await run.publish();
      run.pass(29 * MINUTE);
      assert.equal(run.wire.updates.length, 0);
      assert.equal(run.world.status(JOB), "QUEUED");
      run.succeeds();
      await run.intact();
    },
  },
  {
    it: "progress is reported at a bounded rate and never falls",
    options: { config: { reportIntervalMs: 10_000 }, link: SLOW },
    play: async (run) => {
      await run.publish();
      run.succeeds();
      const progress = run.wire.updates.filter(({ details }) => details.state === "downloading");
      assert.ok(progress.length >= 5, `${progress.length} updates`);
      let previous = progress[0];
      for (const update of progress.slice(1)) {
        assert.ok(update.at - (previous?.at ?? 0) >= 10_000, `${update.at - (previous?.at ?? 0)} ms between updates`);
        const per = [previous, update].map((seen) => Number.parseInt(seen?.details.progress ?? "", 10));
        assert.ok((per[1] ?? 0) >= (per[0] ?? 0), per.join(" then "));
        previous = update;
      }
      await run.intact();
    },
  },
];

/** What the service said when the job came: now an old message. */
function firstNotification(run: Scenario): Record<string, unknown> {
  const seen = run.wire.packets.find(
    ({ topic, direction, body }) => direction === "down" && topic === NOTIFY_NEXT && body.execution !== undefined,
  );
  assert.ok(seen, "the job was notified");
  return { ...seen.body };
}

const repeated = [...BEFORE_RESTART, TESTING].map(
  (moment): Story => ({
    it: `old, repeated and untrue notifications while ${moment.state} change nothing`,
    options: moment.options,
    play: async (run) => {
      run.untilTraced("app: idle");
      await run.publish();
      moment.reach(run);
      const old = firstNotification(run);
      const say = (message: unknown) => run.world.cloud.mqtt.publish(NOTIFY_NEXT, JSON.stringify(message));
      say(old);
      say(old);
      say({ timestamp: 1 });
      const other = { jobId: "no-such-job", executionNumber: 1, versionNumber: 1, status: "QUEUED", jobDocument: {} };
      say({ ...old, execution: { ...Object(old.execution), ...other } });
      run.succeeds();
      assert.equal(run.wire.requests.length, 1, "loaded once");
      assert.deepEqual(run.traced("app: start"), [`app: start ${JOB} ${SECOND}`]);
      await run.intact();
    },
  }),
);

/** From now on the device hears of nothing by itself. */
const deaf = (run: Scenario) =>
  run.world.cloud.mqttFaults.add({ direction: "out", packet: "publish", topic: "notify", kind: "drop", count: 999 });

/** Takes the service's whole rate, for a while. */
function throttle(run: Scenario, ms: number): void {
  for (let at = 0; at < ms; at += 100) {
    run.world.clock.after(at, () => {
      for (const take of [() => run.jobs.takeWrite(), () => run.jobs.takeRead()]) {
        try {
          take();
        } catch {
          // Another one took it: all the same.
        }
      }
    });
  }
}

const refusedUpdate = (name: string, jobs: ScenarioOptions["jobs"], end: End, codes: readonly string[]): Story => ({
  it: `${name} after an unheard ${end.what}: dropped with ${codes.join(" or ")}`,
  options: { ...APP, ...(jobs === undefined ? {} : { jobs }) },
  play: async (run) => {
    await run.publish();
    run.untilLoaded(100_000);
    deaf(run);
    end.happen(run);
    givenUp(run, codes);
    await run.intact();
  },
});

const [CANCEL, DELETE] = ENDS;
assert.ok(CANCEL && DELETE);

const refusals: readonly Story[] = [
  refusedUpdate("TerminalStateReached", {}, CANCEL, ["job-ended"]),
  refusedUpdate("TerminalStateReached with its state", { terminalCarriesState: true }, CANCEL, ["job-canceled"]),
  refusedUpdate("InvalidStateTransition", { terminalUpdateCode: "InvalidStateTransition" }, CANCEL, ["job-canceled"]),
  refusedUpdate("VersionMismatch", { terminalBeforeVersion: false }, CANCEL, ["job-canceled"]),
  refusedUpdate("ResourceNotFound", {}, DELETE, ["job-deleted"]),
  {
    it: "VersionMismatch, because somebody else updated the execution: the service's version is taken",
    options: APP,
    play: async (run) => {
      await run.publish();
      run.untilLoaded(100_000);
      data.updateJobExecution(run.jobs, { thingName: THING, jobId: JOB, status: "IN_PROGRESS" });
      run.succeeds();
      assert.ok(run.wire.packets.some(({ body }) => body.code === "VersionMismatch"));
      await run.intact();
    },
  },
  {
    it: "RequestThrottled for three minutes: sent again after pauses",
    options: { ...APP, jobs: { dataPlaneWritesPerSecond: 1, dataPlaneReadsPerSecond: 1 } },
    play: async (run) => {
      run.untilTraced("app: idle");
      throttle(run, 3 * MINUTE);
      await run.publish();
      run.succeeds();
      const refused = run.wire.packets.filter(({ body }) => body.code === "RequestThrottled").length;
      assert.ok(refused >= 2 && refused <= 40, `${refused} requests were throttled`);
      run.pass(2000);
      await run.intact();
    },
  },
  {
    it: "every first answer is lost: each request is repeated, the job ends once",
    options: APP,
    play: async (run) => {
      for (const skip of [0, 1, 2, 3])
        run.world.cloud.mqttFaults.add({
          direction: "out",
          packet: "publish",
          topic: "(get|update)/accepted$",
          kind: "drop",
          skip,
        });
      await run.publish();
      run.succeeds();
      assert.notEqual(run.traced("timeout").length, 0);
      await run.intact({ repeats: 1 });
    },
  },
];

const others: readonly Story[] = [
  {
    it: "the service's retry of a FAILED job is a new execution, and the same job succeeds",
    options: APP,
    play: async (run) => {
      run.world.cloud.httpFaults.add({ status: 404, error: "NoSuchKey" });
      await run.publish({
        job: { jobExecutionsRetryConfig: { criteriaList: [{ failureType: "FAILED", numberOfRetries: 2 }] } },
      });
      run.succeeds();
      assert.deepEqual(
        run.wire.terminal(JOB).map(({ status, executionNumber }) => `${status} ${executionNumber}`),
        ["FAILED 1", "SUCCEEDED 2"],
      );
      await run.intact();
    },
  },
  {
    it: "the service's retry of an image that was rolled back is REJECTED and ends there",
    options: { config: {} },
    play: async (run) => {
      const image = await run.image(SECOND, { trial: "fail" });
      await run.publish({
        image,
        job: { jobExecutionsRetryConfig: { criteriaList: [{ failureType: "FAILED", numberOfRetries: 5 }] } },
      });
      run.endsWith("REJECTED", "quarantined");
      assert.equal(run.wire.terminal(JOB).length, 2);
      assert.equal(run.version, FIRST);
      await run.intact();
    },
  },
  {
    it: "the service's retry of a job that timed out replaces the run under way",
    options: { config: { idleTimeoutMs: 5 * MINUTE } },
    play: async (run) => {
      run.world.cloud.httpFaults.add({ stallAfterBytes: 100_000 });
      await run.publish({
        job: {
          timeoutConfig: { inProgressTimeoutInMinutes: 1 },
          jobExecutionsRetryConfig: { criteriaList: [{ failureType: "TIMED_OUT", numberOfRetries: 2 }] },
        },
      });
      run.until(() => run.world.cloud.execution(JOB)?.executionNumber === 2, "the second execution");
      run.succeeds();
      assert.equal(run.traced("app: error job-replaced").length, 1);
      assert.deepEqual(
        run.wire.terminal(JOB).map(({ status, executionNumber }) => `${status} ${executionNumber}`),
        ["SUCCEEDED 2"],
      );
      await run.intact();
    },
  },
  {
    it: "a second job while the first is under way waits for its turn",
    options: APP,
    play: async (run) => {
      await run.publish();
      run.untilLoaded(100_000);
      await run.publish({ jobId: "job-2", version: THIRD });
      run.succeeds(SECOND);
      run.succeeds(THIRD, "job-2");
      assert.deepEqual(
        run.wire.terminal().map(({ jobId }) => jobId),
        [JOB, "job-2"],
      );
      assert.equal(run.wire.requests.length, 2);
      await run.intact();
    },
  },
  {
    it: "a job of another kind is not touched (R13)",
    options: APP,
    play: async (run) => {
      await run.publish({ jobId: "reboot", document: FOREIGN });
      run.untilTraced("app: other job reboot reboot");
      run.pass(30 * MINUTE);
      assert.equal(run.world.status("reboot"), "QUEUED");
      assert.equal(run.wire.updates.length, 0);
      run.cancel("reboot");
      await run.intact();
    },
  },
  {
    it: "a firmware job behind one of another kind is seen when the application has ended that (R13)",
    options: { config: { otherJob: "end" } },
    play: async (run) => {
      await run.publish({ jobId: "reboot", document: FOREIGN });
      await run.publish();
      run.succeeds();
      assert.equal(run.world.status("reboot"), "SUCCEEDED");
      await run.intact();
    },
  },
];

const FOREIGN = Object.freeze({ operation: "reboot", fwversion: undefined, size: undefined, location: undefined });

storySuite("jobs: the service ends the execution", [...ended, ...tooLate, ...whileOff]);
storySuite("jobs: timers, heartbeats, progress", timers);
storySuite("jobs: notifications", repeated);
storySuite("jobs: refused requests", refusals);
storySuite("jobs: retries, queues, other operations", others);

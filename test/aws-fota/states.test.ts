import assert from "node:assert/strict";
import type { FotaState } from "../../modules/aws-fota/fota-state.js";
import { AwsJobsError } from "../../modules/aws-jobs/index.js";
import { Bench, document, execution, FakeBoard, installedBoard, NO_JOB_LEFT, URL } from "./agent-bench.js";

const inProgress = (changes = {}) => execution({ status: "IN_PROGRESS", versionNumber: 3, ...changes });

/** An update that a power cut ended in the middle of its download. */
function cutBoard(): FakeBoard {
  const bench = new Bench().open().connect(execution());
  bench.accept();
  bench.download.headers();
  bench.download.body(65536 * 2);
  bench.fota.close();
  return bench.board;
}

describe("resuming", () => {
  it("is the state of an update that waits for the service after a restart", () => {
    const bench = new Bench(cutBoard()).open();
    assert.equal(bench.fota.state, "resuming");
    bench.connect(inProgress());
    assert.equal(bench.fota.state, "starting");
    assert.ok(!bench.events.includes("idle"));
  });
  it("ends in idle, with one onIdle, when the service has nothing any more", () => {
    const bench = new Bench(cutBoard()).open().connect();
    assert.deepEqual([bench.fota.state, bench.events, bench.board.text], ["idle", ["idle"], NO_JOB_LEFT]);
  });
  it("goes over to another job that the service prefers, and leaves nothing of the old one", () => {
    const bench = new Bench(cutBoard()).open().connect(execution({ jobId: "job-2" }));
    assert.deepEqual([bench.fota.state, bench.record.job.jobId, bench.record.job.offset], ["starting", "job-2", 0]);
  });
  it("stays while the service returns a job of another kind: the update is neither dropped nor begun anew", () => {
    const bench = new Bench(cutBoard()).open();
    bench.connect(execution({ jobId: "other", jobDocument: { operation: "reboot" } }));
    assert.deepEqual([bench.fota.state, bench.events], ["resuming", []]);
    bench.notify(inProgress());
    bench.accept();
    assert.equal(bench.download.options.offset, 131072);
  });
  it("can be canceled by the application: FAILED is stored at once and sent with the connection", () => {
    const bench = new Bench(cutBoard()).open();
    bench.fota.cancel("no time");
    assert.deepEqual([bench.fota.state, bench.record.terminal.status], ["reporting", "FAILED"]);
    bench.connect(inProgress());
    assert.deepEqual([bench.update.status, bench.update.statusDetails?.code], ["FAILED", "canceled-by-application"]);
  });
});

describe("onIdle", () => {
  it("comes with each answer that nothing is pending, and with nothing else", () => {
    const bench = new Bench().open();
    assert.deepEqual(bench.events, []);
    bench.connect();
    assert.deepEqual(bench.events, ["idle"]);
    bench.notify();
    assert.deepEqual(bench.events, ["idle"], "a notification may be old");
  });
  it("does not come while a job of another kind is pending", () => {
    const bench = new Bench().open().connect(execution({ jobDocument: { operation: "reboot" } }));
    assert.deepEqual([bench.fota.state, bench.events], ["idle", []]);
  });
});

describe("renewing", () => {
  const expired = () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.headers();
    bench.download.body(70000);
    bench.download.fail("url-expired");
    return bench;
  };
  it("is the state between a URL that expired and the next one", () => {
    const bench = expired();
    assert.equal(bench.fota.state, "renewing");
    const fresh = document({ location: { url: `${URL}2` } });
    bench.jobs.describes.shift()?.answer(undefined, inProgress({ jobDocument: fresh }));
    assert.deepEqual([bench.fota.state, bench.download.options.url], ["downloading", `${URL}2`]);
  });
  it("ends with the job, by deferral and by cancel, and asks for no URL after that", () => {
    for (const [end, state] of [
      [(bench: Bench) => bench.fota.cancel(), "reporting"],
      [(bench: Bench) => bench.fota.defer(1e9), "deferred"],
      [(bench: Bench) => bench.notify(inProgress({ status: "CANCELED", versionNumber: 9 })), "idle"],
    ] as const) {
      const bench = expired();
      bench.jobs.describes.length = 0;
      end(bench);
      assert.equal(bench.fota.state, state);
      bench.timer.advance(600_000);
      assert.deepEqual([bench.jobs.describes.length, bench.downloads.length], [0, 1]);
    }
  });
  it("is reported to the service as downloading, by the heartbeat of its step timer", () => {
    const bench = new Bench(undefined, { stepTimeoutInMinutes: 3 }).open().connect(execution());
    bench.accept();
    bench.download.headers();
    bench.download.body(70000);
    bench.download.fail("url-expired");
    bench.jobs.describes.shift()?.answer(undefined, inProgress({ jobDocument: undefined }));
    bench.timer.advance(60_000);
    assert.equal(bench.fota.state, "renewing");
    bench.jobs.describes.shift()?.answer(undefined, inProgress({ jobDocument: undefined }));
    assert.equal(bench.update.statusDetails?.state, "downloading");
  });
  it("fails when the document that comes asks for another image", () => {
    const bench = expired();
    const other = document({ fwversion: "1.0.3", location: { url: `${URL}2` } });
    bench.jobs.describes.shift()?.answer(undefined, inProgress({ jobDocument: other }));
    assert.deepEqual([bench.fota.state, bench.codes.at(-1)], ["reporting", "document-invalid"]);
  });
});

describe("installing, confirming and rejecting", () => {
  const told = (board: FakeBoard, options = {}) => {
    const states: FotaState[] = [];
    const bench = new Bench(board, { onStateChanged: (state) => states.push(state), ...options }).open();
    return { bench, states };
  };
  it("never says installed when the boot flag is refused", () => {
    const board = new FakeBoard();
    board.failSetBoot = true;
    const { bench, states } = told(board);
    bench.connect(execution());
    bench.accept();
    bench.download.complete();
    bench.verified();
    bench.timer.advance(0);
    assert.deepEqual(states.slice(-3), ["verifying", "installing", "reporting"]);
    assert.throws(() => bench.fota.restart(), { code: "not-installed" });
  });
  it("says installed when the boot flag is set", () => {
    const { bench, states } = told(new FakeBoard());
    bench.connect(execution());
    bench.accept();
    bench.download.complete();
    bench.verified();
    bench.timer.advance(0);
    assert.deepEqual(states.slice(-2), ["installing", "installed"]);
  });
  it("confirms an image that passed", () => {
    const { bench, states } = told(installedBoard());
    bench.connect(inProgress());
    bench.timer.advance(0);
    assert.deepEqual(states, ["testing", "confirming", "reporting"]);
  });
  it("rejects an image that failed, and one that could not be marked valid", () => {
    const failed = told(installedBoard(), { selfTest: (done: (ok: boolean) => void) => done(false) });
    failed.bench.timer.advance(1);
    assert.deepEqual([failed.bench.fota.state, failed.states], ["rejecting", ["testing", "rejecting"]]);
    const board = installedBoard();
    board.failMarkValid = true;
    const unmarked = told(board);
    unmarked.bench.connect(inProgress());
    unmarked.bench.timer.advance(0);
    assert.deepEqual(unmarked.states, ["testing", "confirming", "rejecting"]);
    assert.equal(unmarked.bench.record.terminal.details.code, "mark-valid-failed");
  });
});

describe("a job that is deleted while its image is on trial", () => {
  it("gets one look, no more news, and is dropped once the image has proven itself", () => {
    let pass: (ok: boolean) => void = () => {};
    const bench = new Bench(installedBoard(), {
      selfTest: (done, note) => {
        pass = done;
        note("sensors");
      },
    });
    bench.open().connect();
    const notFound = () => bench.jobs.describes.shift()?.answer(new AwsJobsError("ResourceNotFound", "no"));
    bench.reject("ResourceNotFound");
    notFound();
    bench.timer.advance(600_000 / 4);
    assert.deepEqual([bench.fota.state, bench.jobs.updates.length, bench.jobs.describes.length], ["testing", 0, 0]);
    pass(true);
    bench.reject("ResourceNotFound");
    notFound();
    assert.deepEqual([bench.fota.state, bench.board.text], ["idle", NO_JOB_LEFT]);
  });
});

describe("onErase", () => {
  it("tells of each part of the slot before it is erased, and is no part of the transfer", () => {
    const erased: [number, number][] = [];
    const bench = new Bench(undefined, {
      onErase: (byteOffset, byteLength) => {
        erased.push([byteOffset, byteLength]);
        throw new Error("the application's own");
      },
    });
    bench.open().connect(execution());
    bench.accept();
    bench.download.complete();
    assert.deepEqual(erased.slice(0, 2), [
      [0, 65536],
      [65536, 65536],
    ]);
    assert.equal(bench.fota.state, "verifying");
  });
});

import assert from "node:assert/strict";
import { AwsJobsError } from "../../modules/aws-jobs/index.js";
import { Bench, document, execution, FakeBoard, installedBoard, SIZE, URL } from "./agent-bench.js";

const inProgress = (changes = {}) => execution({ status: "IN_PROGRESS", versionNumber: 3, ...changes });

describe("IN_PROGRESS that is not accepted yet", () => {
  it("survives a pause: the newer one takes its place, and the job goes on", () => {
    const bench = new Bench().open().connect(execution());
    bench.disconnect();
    bench.fota.defer(1000);
    bench.timer.advance(1000);
    assert.deepEqual([bench.fota.state, bench.codes], ["starting", []]);
    bench.connect(execution());
    bench.accept();
    assert.equal(bench.fota.state, "downloading");
  });
  it("is noted when it is accepted during the pause: the step timer that it started is renewed", () => {
    const bench = new Bench(undefined, { stepTimeoutInMinutes: 3 }).open().connect(execution());
    bench.fota.defer(1e9);
    bench.accept();
    assert.equal(bench.fota.state, "deferred");
    bench.timer.advance(60_000);
    assert.equal(bench.update.statusDetails?.state, "deferred");
    bench.accept();
    bench.fota.cancel();
    assert.equal(bench.update.status, "FAILED");
  });
});

describe("a download that waits for a fresh URL", () => {
  const waiting = () => {
    const bench = new Bench().open().connect(execution());
    bench.accept(5);
    bench.download.headers();
    bench.download.body(70000);
    bench.download.fail("url-expired");
    return bench;
  };
  const fresh = { jobDocument: document({ location: { url: `${URL}2` } }) };
  it("asks again when the answer is older than what is known", () => {
    const bench = waiting();
    bench.jobs.describes.shift()?.answer(undefined, inProgress({ versionNumber: 2, ...fresh }));
    bench.timer.advance(60_000);
    bench.jobs.describes.shift()?.answer(undefined, inProgress({ versionNumber: 5, ...fresh }));
    assert.deepEqual([bench.downloads.length, bench.download.options.url], [2, `${URL}2`]);
  });
  it("asks again when the answer has no document", () => {
    const bench = waiting();
    const { jobDocument: _, ...bare } = inProgress({ versionNumber: 5 });
    bench.jobs.describes.shift()?.answer(undefined, bare);
    bench.timer.advance(60_000);
    bench.jobs.describes.shift()?.answer(undefined, inProgress({ versionNumber: 5, ...fresh }));
    assert.equal(bench.downloads.length, 2);
  });
  it("gives the job up after ten answers without one", () => {
    const bench = waiting();
    for (let i = 0; i < 10; i++) {
      bench.jobs.describes.shift()?.answer(undefined, inProgress({ versionNumber: 2, ...fresh }));
      bench.timer.advance(60_000);
    }
    assert.deepEqual([bench.fota.state, bench.codes], ["reporting", ["url-expired"]]);
  });
  it("looks when what connecting brings is older than what is known", () => {
    const bench = waiting();
    bench.jobs.describes.shift()?.answer(new AwsJobsError("disconnected", "gone"));
    bench.disconnect();
    bench.connect(inProgress({ versionNumber: 2, ...fresh }));
    bench.timer.advance(60_000);
    bench.jobs.describes.shift()?.answer(undefined, inProgress({ versionNumber: 5, ...fresh }));
    assert.equal(bench.downloads.length, 2);
  });
});

describe("callbacks", () => {
  it("of a change of state come when all of it has happened: what they call finds record and boot flag in place", () => {
    const seen: string[] = [];
    const bench: Bench = new Bench(undefined, {
      onStateChanged: (state) => {
        if (state !== "installed") return;
        seen.push(bench.record.phase, ...bench.board.log.slice(-1));
        bench.fota.restart();
      },
    });
    bench.install();
    assert.deepEqual(seen, ["installed", "setBoot"]);
  });
  it("may cancel what they are told of, and the boot flag is taken back", () => {
    const bench: Bench = new Bench(undefined, {
      onStateChanged: (state) => {
        if (state === "installed") bench.fota.cancel("not now");
      },
    });
    bench.open().connect(execution());
    bench.accept();
    bench.download.complete();
    bench.verified();
    assert.deepEqual([bench.fota.state, bench.board.states[1]], ["reporting", "INVALID"]);
    bench.timer.advance(0);
    assert.deepEqual(bench.codes, ["canceled-by-application"]);
  });
  it("may cancel at the last byte", () => {
    const bench: Bench = new Bench(undefined, {
      onProgress: (written, size) => {
        if (written === size) bench.fota.cancel();
      },
    });
    bench.open().connect(execution());
    bench.accept();
    bench.download.complete();
    bench.timer.advance(0);
    assert.deepEqual([bench.fota.state, bench.codes], ["reporting", ["canceled-by-application"]]);
  });
  it("may throw in trace: the agent goes on", () => {
    const bench = new Bench(undefined, {
      trace: () => {
        throw new Error("console gone");
      },
    });
    bench.install();
    assert.equal(bench.fota.state, "installed");
    bench.fota.cancel();
    assert.equal(bench.fota.state, "reporting");
  });
});

describe("an image on trial whose record was lost", () => {
  it("draws SUCCEEDED from the job's details in the very boot that confirmed it", () => {
    const board = installedBoard();
    board.text = undefined;
    const details = { state: "installed", from: "1.0.1", to: "1.0.2" };
    const bench = new Bench(board).open().connect(inProgress({ statusDetails: details }));
    assert.deepEqual(board.log, ["markValid"]);
    bench.answerNext(inProgress({ statusDetails: details }));
    assert.equal(bench.update.status, "SUCCEEDED");
  });
});

describe("a power cut after the boot flag was taken back", () => {
  it("does not make a canceled image one that rejected itself: it may be installed later", () => {
    const board = new FakeBoard();
    const bench = new Bench(board).install();
    const installed = board.text;
    bench.notify(inProgress({ status: "CANCELED", versionNumber: 50 }));
    board.text = installed; // the power went before the record was cleared
    const later = new Bench(board).open().connect(execution({ jobId: "job-2" }));
    later.accept();
    assert.deepEqual([later.fota.state, later.codes], ["downloading", []]);
  });
  it("goes on with the job when the service still wants it", () => {
    const board = new FakeBoard();
    const bench = new Bench(board).install();
    const installed = board.text;
    bench.fota.cancel();
    board.text = installed;
    const later = new Bench(board).open().connect(inProgress());
    later.accept();
    later.verified();
    assert.deepEqual([later.fota.state, later.downloads.length, board.states[1]], ["installed", 0, "NEW"]);
  });
});

describe("a job that was deleted and created again under its name", () => {
  const again = (changes = {}) =>
    execution({ queuedAt: 100, jobDocument: document({ fwversion: "1.0.3", size: SIZE + 4 }), ...changes });
  it("is another job, also when nobody saw the first one go", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept(5);
    bench.disconnect();
    bench.connect(again());
    assert.deepEqual(bench.codes, ["job-replaced"]);
    bench.answerNext(again());
    bench.accept();
    assert.deepEqual([bench.fota.state, bench.record.job.to], ["downloading", "1.0.3"]);
  });
  it("does not get the SUCCEEDED of the first", () => {
    const board = installedBoard();
    const bench = new Bench(board).open().connect(inProgress());
    assert.equal(bench.update.status, "SUCCEEDED");
    bench.fota.close();
    const later = new Bench(board).open().connect(again());
    assert.equal(later.jobs.updates.length, 0);
    assert.equal(later.fota.state, "idle");
    later.answerNext(again());
    assert.deepEqual([later.update.status, later.record.job.to], ["IN_PROGRESS", "1.0.3"]);
  });
  it("is looked at when an update meets it", () => {
    const bench = new Bench(undefined, { reportIntervalMs: 1000 }).open().connect(execution());
    bench.accept(5);
    bench.timer.advance(1000);
    bench.download.headers();
    bench.download.body(70000);
    bench.reject("VersionMismatch", "QUEUED", 1);
    bench.jobs.describes.shift()?.answer(undefined, again());
    assert.deepEqual([bench.fota.state, bench.codes], ["idle", ["job-replaced"]]);
  });
});

describe("the first line of a start", () => {
  const line = (board: FakeBoard) => new Bench(board).open().traces[0];
  it("says in words what runs and what is to be done", () => {
    assert.equal(line(new FakeBoard()), "aws-fota: 1.0.1 runs in ota_0 (VALID), no update under way");
    assert.equal(line(installedBoard()), "aws-fota: 1.0.2 runs in ota_1 (PENDING_VERIFY), first start, on trial");
    const back = installedBoard();
    back.restart("panic");
    assert.equal(line(back), "aws-fota: 1.0.1 runs in ota_0 (VALID), update failed");
    assert.equal(line(back), "aws-fota: 1.0.1 runs in ota_0 (VALID), update ended, not reported yet");
  });
});

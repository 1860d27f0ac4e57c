import assert from "node:assert/strict";
import {
  Bench,
  type BenchOptions,
  DIGEST,
  document,
  execution,
  FakeBoard,
  installedBoard,
  NO_JOB_LEFT,
} from "./agent-bench.js";

const digest = DIGEST.toString("hex");
const inProgress = (changes = {}) => execution({ status: "IN_PROGRESS", versionNumber: 3, ...changes });
const connected = (bench: Bench) => bench.jobs.options.onReady();

describe("R7", () => {
  it("marks valid only after an answer of Jobs, and sends SUCCEEDED only after that", () => {
    const bench = new Bench(installedBoard()).open();
    connected(bench);
    assert.deepEqual([bench.board.log, bench.jobs.updates.length], [[], 0]);
    bench.answerNext(inProgress());
    assert.deepEqual(bench.board.log, ["markValid"]);
    assert.equal(bench.update.status, "SUCCEEDED");
  });
  it("waits for the application's test as well", () => {
    let done: ((ok: boolean, detail?: string) => void) | undefined;
    const bench = new Bench(installedBoard(), {
      selfTest: (callback) => {
        done = callback;
      },
    })
      .open()
      .connect(inProgress());
    assert.equal(bench.fota.state, "testing");
    done?.(true);
    done?.(false);
    assert.deepEqual([bench.fota.state, bench.board.log], ["reporting", ["markValid"]]);
  });
  it("takes an application's test that ends before the network is up", () => {
    const bench = new Bench(installedBoard(), { selfTest: (done) => done(true) }).open();
    assert.equal(bench.fota.state, "testing");
    bench.connect(inProgress());
    assert.equal(bench.fota.state, "reporting");
  });
  it("does not take a Jobs time-out for an answer", () => {
    const bench = new Bench(installedBoard()).open();
    connected(bench);
    bench.jobs.nexts.shift()?.(new (bench.errorOf())("timeout", "late"));
    assert.equal(bench.fota.state, "testing");
  });
  it("confirms an image on trial that no job installed", () => {
    const board = new FakeBoard();
    board.states = ["PENDING_VERIFY", "VALID"];
    const bench = new Bench(board).open().connect();
    assert.deepEqual([bench.fota.state, board.log, bench.events], ["idle", ["markValid"], ["confirmed"]]);
  });
  it("reports SUCCEEDED when the power went between mark-valid and the store", () => {
    const board = installedBoard();
    new Bench(board).open().fota.close();
    board.states[1] = "VALID";
    const bench = new Bench(board).open();
    assert.equal(bench.fota.state, "reporting");
    bench.connect(inProgress());
    assert.equal(bench.accept().status, "SUCCEEDED");
  });
  it("tests an image whose entry an interrupted erase made VALID before anybody had tested it", () => {
    const board = installedBoard();
    board.states[1] = "VALID";
    const bench = new Bench(board).open();
    assert.equal(bench.fota.state, "testing");
    bench.timer.advance(300_000);
    assert.deepEqual([bench.fota.state, board.log], ["rejecting", ["markInvalid"]]);
  });
  it("goes back when mark-valid fails", () => {
    const board = installedBoard();
    board.failMarkValid = true;
    const bench = new Bench(board).open().connect(inProgress());
    assert.deepEqual([board.log, bench.codes], [["markValid", "markInvalid"], ["mark-valid-failed"]]);
    assert.deepEqual([bench.record.terminal.status, bench.jobs.updates.length], ["FAILED", 0]);
  });
});

describe("a self-test that does not pass", () => {
  const endings: readonly [string, string, (bench: Bench) => void, object][] = [
    ["silence", "self-test-timeout", (bench) => bench.timer.advance(300_000), {}],
    [
      "a cloud that cannot be reached",
      "self-test-timeout",
      (bench) => {
        connected(bench);
        bench.timer.advance(300_000);
      },
      {},
    ],
    [
      "the application's no",
      "self-test-failed",
      (bench) => bench.timer.advance(1),
      { selfTest: (done: (ok: boolean, why: string) => void) => done(false, "no sensor") },
    ],
    [
      "an exception in the application's test",
      "self-test-failed",
      (bench) => bench.timer.advance(1),
      {
        selfTest: () => {
          throw new Error("bus");
        },
      },
    ],
  ];
  for (const [what, code, end, options] of endings) {
    it(`${what}: stores ${code}, goes back, and the old image reports FAILED once`, () => {
      const bench = new Bench(installedBoard(), options).open();
      end(bench);
      assert.deepEqual(bench.board.log, ["markInvalid"]);
      assert.equal(bench.record.phase, "reporting");
      assert.deepEqual(bench.record.quarantined, [{ digest, size: 197608, etag: '"e1"' }]);
      bench.fota.close();
      bench.board.restart();

      const old = new Bench(bench.board).open();
      assert.deepEqual(old.events, ["rolled-back"]);
      old.connect(inProgress());
      const { status, statusDetails } = old.accept();
      assert.deepEqual([status, statusDetails?.code, statusDetails?.reset], ["FAILED", code, "software"]);
      assert.equal(old.fota.state, "idle");
      assert.deepEqual(old.record.quarantined.length, 1);
      old.fota.close();

      const again = new Bench(bench.board).open().connect();
      assert.deepEqual([again.jobs.updates.length, again.events], [0, ["idle"]]);
    });
  }
  it("says how far the test came", () => {
    const bench = new Bench(installedBoard(), { selfTest: (_done, note) => note("sensor\nfound") }).open();
    connected(bench);
    bench.timer.advance(300_000);
    assert.equal(bench.record.terminal.details.selfTest, "connected");
    assert.match(bench.record.terminal.details.detail, /answered, application/);
  });
  it("stores at most 8 notes", () => {
    const bench = new Bench(installedBoard(), {
      selfTest: (_done, note) => {
        for (let i = 0; i < 50; i++) note(`step ${i}`);
      },
    });
    const before = bench.board.stores;
    bench.open();
    assert.equal(bench.board.stores - before, 9);
  });
  it("reports FAILED itself when there is nothing to go back to", () => {
    const board = installedBoard();
    board.failRollback = true;
    const bench = new Bench(board).open();
    bench.timer.advance(300_000);
    assert.deepEqual(bench.codes, ["self-test-timeout", "rollback-impossible"]);
    bench.connect(inProgress());
    assert.equal(bench.accept().statusDetails?.code, "self-test-timeout");
  });
  it("restarts once when otadata cannot name the old image: the bootloader still finds it in its slot", () => {
    const board = installedBoard();
    board.failRollback = true;
    new Bench(board).open().timer.advance(300_000);
    assert.deepEqual(board.log, ["markInvalid", "restart"]);
    board.restart("software");
    board.runs = 1;
    const again = new Bench(board).open().connect(inProgress());
    assert.deepEqual([board.log, again.accept().status], [["markInvalid", "restart", "markInvalid"], "FAILED"]);
  });
  it("rejects the image again when it runs although FAILED is stored", () => {
    const bench = new Bench(installedBoard()).open();
    bench.timer.advance(300_000);
    bench.fota.close();
    const { board } = bench;
    board.states[1] = "UNDEFINED";
    board.runs = 1;
    new Bench(board).open();
    assert.deepEqual(board.log, ["markInvalid", "markInvalid"]);
  });
  it("keeps its own deadline, whatever the network does", () => {
    const bench = new Bench(installedBoard(), { selfTestTimeoutMs: 5000 }).open();
    bench.timer.advance(4999);
    assert.deepEqual(bench.board.log, []);
    bench.timer.advance(1);
    assert.deepEqual(bench.board.log, ["markInvalid"]);
  });
});

describe("a crash in the first boot", () => {
  it("is reported by the old image with the reset cause and how far the test came", () => {
    const bench = new Bench(installedBoard()).open();
    connected(bench);
    bench.fota.close();
    bench.board.restart("task-watchdog");
    const old = new Bench(bench.board).open().connect(inProgress());
    const { status, statusDetails } = old.accept();
    assert.deepEqual(
      [status, statusDetails?.code, statusDetails?.reset, statusDetails?.selfTest],
      ["FAILED", "rolled-back", "task-watchdog", "connected"],
    );
    assert.deepEqual([old.events[0], old.record.quarantined[0].digest], ["rolled-back", digest]);
  });
  it("is reported even when the new image never ran a line", () => {
    const board = installedBoard();
    board.restart("panic");
    const old = new Bench(board).open().connect(inProgress());
    assert.deepEqual([old.update.statusDetails?.code, old.update.statusDetails?.selfTest], ["rolled-back", undefined]);
  });
  it("ends the update also when otadata lost its mark", () => {
    const bench = new Bench(installedBoard()).open();
    bench.fota.close();
    const { board } = bench;
    board.restart("int-watchdog");
    board.states[1] = "NONE";
    const old = new Bench(board).open().connect(inProgress());
    assert.deepEqual(
      [old.update.statusDetails?.code, old.update.statusDetails?.reset],
      ["rolled-back", "int-watchdog"],
    );
  });
  it("an image that the bootloader refused is told apart", () => {
    const board = installedBoard();
    board.runs = 0;
    const old = new Bench(board).open().connect(inProgress());
    assert.equal(old.update.statusDetails?.code, "boot-refused");
  });
  it("a torn otadata entry leads to another attempt with the image that is there, at most three", () => {
    const board = installedBoard();
    for (let attempt = 2; attempt <= 3; attempt++) {
      board.runs = 0;
      board.states[1] = "NONE";
      const bench = new Bench(board).open().connect(inProgress());
      bench.accept();
      assert.equal(bench.downloads.length, 0);
      bench.verified();
      assert.deepEqual([bench.fota.state, bench.record.job.attempts], ["installed", attempt]);
      bench.fota.close();
    }
    board.states[1] = "NONE";
    const last = new Bench(board).open().connect(inProgress());
    assert.equal(last.update.statusDetails?.code, "install-interrupted");
  });
});

describe("R17: power that goes during the trial", () => {
  /** The image runs, comes as far as the connection, and the trial ends so. The old image runs then, not yet opened. */
  const trialEnds = (board: FakeBoard, reset: string): FakeBoard => {
    const trial = new Bench(board).open();
    connected(trial);
    trial.fota.close();
    board.restart(reset);
    assert.deepEqual([board.runs, board.states[1]], [0, "ABORTED"]);
    return board;
  };
  /** The old image takes it up and sets the boot flag again. */
  const triesAgain = (board: FakeBoard, options: BenchOptions = {}): Bench => {
    const old = new Bench(board, options).open();
    assert.deepEqual([old.fota.state, old.record.phase], ["resuming", "written"]);
    const { statusDetails } = old.connect(inProgress()).accept();
    assert.match(statusDetails?.reason ?? "", new RegExp(`trial ${old.record.job.attempts + 1} of 3`));
    assert.equal(old.downloads.length, 0);
    old.verified();
    return old;
  };

  for (const reset of ["power-on", "brownout", "power-glitch"]) {
    it(`leads to another trial of the same verified image (${reset})`, () => {
      const old = triesAgain(trialEnds(installedBoard(), reset));
      assert.deepEqual([old.fota.state, old.record.job.attempts, old.board.states[1]], ["installed", 2, "NEW"]);
      assert.deepEqual([old.verifiers.length, old.board.log], [1, ["setBoot"]]);
      old.fota.close();
      old.board.restart();
      const last = new Bench(old.board).open().connect(inProgress());
      assert.equal(last.accept().status, "SUCCEEDED");
    });
  }
  it("is stored before anything else, so that a later restart of the old image is not taken for the trial's end", () => {
    const board = trialEnds(installedBoard(), "power-on");
    new Bench(board).open().fota.close();
    for (const reset of ["panic", "software", "task-watchdog"]) {
      board.restart(reset);
      new Bench(board).open().fota.close();
    }
    assert.equal(triesAgain(board).fota.state, "installed");
  });
  it("is counted before each trial, and the last one is final", () => {
    const board = installedBoard();
    for (let trial = 2; trial <= 3; trial++) {
      const old = triesAgain(trialEnds(board, "power-on"));
      assert.equal(old.record.job.attempts, trial);
      old.fota.close();
      board.restart();
    }
    const last = new Bench(trialEnds(board, "brownout")).open().connect(inProgress());
    const { code, reset, detail } = last.update.statusDetails ?? {};
    assert.deepEqual([code, reset], ["rolled-back", "brownout"]);
    assert.match(String(detail), /power went in every trial/);
    assert.equal(last.record.quarantined[0].digest, digest);
  });
  it("is final at once where one trial is all that is allowed", () => {
    const old = new Bench(trialEnds(installedBoard(), "power-on"), { maxTrials: 1 }).open().connect(inProgress());
    assert.equal(old.update.statusDetails?.code, "rolled-back");
  });
  it("forgives no crash in a later trial", () => {
    const old = triesAgain(trialEnds(installedBoard(), "power-on"));
    old.fota.close();
    old.board.restart();
    const crashed = new Bench(trialEnds(old.board, "panic")).open().connect(inProgress());
    assert.deepEqual([crashed.update.status, crashed.update.statusDetails?.reset], ["FAILED", "panic"]);
  });
  it("does not show how far an earlier trial came when the later one never began its test", () => {
    const old = triesAgain(trialEnds(installedBoard(), "power-on"));
    old.fota.close();
    old.board.restart();
    old.board.restart("cpu-lockup");
    const crashed = new Bench(old.board).open().connect(inProgress());
    const { reset, selfTest } = crashed.update.statusDetails ?? {};
    assert.deepEqual([reset, selfTest], ["cpu-lockup", undefined]);
  });
  it("tries nothing again that the service no longer wants", () => {
    const old = new Bench(trialEnds(installedBoard(), "power-on")).open().connect();
    assert.deepEqual([old.fota.state, old.board.log, old.board.text], ["idle", [], NO_JOB_LEFT]);
  });
  for (const reset of ["software", "deep-sleep", "external", "usb", "jtag", "sdio", "efuse", "unknown"]) {
    it(`is not what "${reset}" says: FAILED`, () => {
      const old = new Bench(trialEnds(installedBoard(), reset)).open().connect(inProgress());
      assert.deepEqual([old.update.statusDetails?.code, old.update.statusDetails?.reset], ["rolled-back", reset]);
    });
  }
  it("sets no boot flag when its trial cannot be counted", () => {
    const board = trialEnds(installedBoard(), "power-on");
    const old = new Bench(board).open().connect(inProgress());
    old.accept();
    board.failStores = true;
    old.verified();
    assert.deepEqual([board.log, old.codes.at(0)], [["unsetBoot"], "record-store-failed"]);
    assert.equal(board.states[1], "ABORTED");
  });
});

describe("a bootloader without rollback", () => {
  it("is said at start and in the job", () => {
    const board = new FakeBoard();
    board.rollback = false;
    const bench = new Bench(board).open().connect(execution());
    assert.deepEqual([bench.codes, bench.update.statusDetails?.rollback], [["rollback-disabled"], "off"]);
  });
  it("still lets the new image prove itself, without touching otadata", () => {
    const board = installedBoard((prepared) => {
      prepared.rollback = false;
    });
    const bench = new Bench(board).open().connect(inProgress());
    assert.deepEqual([board.log, bench.update.status, bench.update.statusDetails?.rollback], [[], "SUCCEEDED", "off"]);
  });
  it("is noticed when the new image starts UNDEFINED although the build expects rollback", () => {
    const board = installedBoard();
    board.states[1] = "UNDEFINED";
    assert.deepEqual(new Bench(board).open().codes, ["rollback-disabled"]);
  });
});

describe("R8", () => {
  it("stores the terminal status before sending and removes it when acknowledged", () => {
    const bench = new Bench(installedBoard()).open().connect(inProgress());
    assert.equal(bench.record.terminal.status, "SUCCEEDED");
    bench.accept();
    assert.equal(bench.board.text, NO_JOB_LEFT);
  });
  it("sends it again after a reconnect and after a restart, as the same status", () => {
    const bench = new Bench(installedBoard()).open().connect(inProgress());
    bench.disconnect();
    bench.connect(inProgress());
    assert.equal(bench.update.status, "SUCCEEDED");
    bench.fota.close();
    const later = new Bench(bench.board).open();
    assert.equal(later.fota.state, "reporting");
    later.connect(inProgress({ versionNumber: 4 }));
    assert.deepEqual([later.update.status, later.update.expectedVersion], ["SUCCEEDED", 4]);
    later.accept();
    assert.deepEqual([later.board.text, later.jobs.updates.length], [NO_JOB_LEFT, 0]);
  });
  for (const code of ["TerminalStateReached", "InvalidStateTransition"] as const) {
    it(`takes ${code} for settled`, () => {
      const bench = new Bench(installedBoard()).open().connect(inProgress());
      bench.reject(code, "SUCCEEDED");
      assert.deepEqual([bench.fota.state, bench.board.text, bench.codes], ["idle", NO_JOB_LEFT, []]);
    });
  }
  it("takes a deleted job for settled, after a look", () => {
    const bench = new Bench(installedBoard()).open().connect(inProgress());
    bench.reject("ResourceNotFound");
    bench.jobs.describes.shift()?.answer(new (bench.errorOf())("ResourceNotFound", "gone"));
    assert.deepEqual([bench.fota.state, bench.codes], ["idle", ["job-deleted"]]);
  });
  it("does not end a later run of the same job", () => {
    const bench = new Bench(installedBoard()).open().connect(execution({ executionNumber: 2 }));
    assert.deepEqual([bench.fota.state, bench.codes], ["reporting", []]);
    assert.equal(bench.update.executionNumber, 1);
  });
  it("turns a stored SUCCEEDED into FAILED when the confirmed image does not start any more", () => {
    const bench = new Bench(installedBoard()).open().connect(inProgress());
    bench.fota.close();
    bench.board.runs = 0;
    const old = new Bench(bench.board).open().connect(inProgress());
    assert.deepEqual([old.update.status, old.update.statusDetails?.code], ["FAILED", "rolled-back"]);
  });
  it("gives up an update that the service will never take, and does not start the job again", () => {
    const bench = new Bench(installedBoard()).open().connect(inProgress());
    bench.reject("InvalidRequest");
    assert.deepEqual([bench.fota.state, bench.codes], ["idle", ["update-refused"]]);
    bench.answerNext(inProgress());
    assert.deepEqual([bench.fota.state, bench.jobs.updates.length], ["idle", 0]);
  });
});

describe("R10", () => {
  const quarantinedBoard = () => {
    const board = installedBoard();
    board.restart("panic");
    const old = new Bench(board).open().connect(inProgress());
    old.accept();
    old.fota.close();
    return board;
  };
  const second = (changes: Record<string, unknown> = {}) =>
    execution({ jobId: "job-2", jobDocument: document(changes) });
  it("refuses a rolled-back image by the document's digest", () => {
    const bench = new Bench(quarantinedBoard()).open().connect(second({ sha256: digest }));
    assert.deepEqual([bench.update.status, bench.update.statusDetails?.code], ["REJECTED", "quarantined"]);
  });
  it("refuses it by entity tag and length before a byte of it is loaded", () => {
    const bench = new Bench(quarantinedBoard()).open().connect(second());
    bench.accept();
    bench.download.headers();
    assert.deepEqual(
      [bench.update.status, bench.update.statusDetails?.code, bench.download.closed],
      ["REJECTED", "quarantined", true],
    );
  });
  it("refuses it by the digest of what was loaded when nothing else tells", () => {
    const bench = new Bench(quarantinedBoard()).open().connect(second());
    bench.accept();
    bench.download.headers(197608, '"other"');
    while (bench.download.offset < 197608) bench.download.body(Math.min(65536, 197608 - bench.download.offset));
    bench.download.options.onDone({ ...bench.download.stats, size: 197608 });
    bench.verified();
    assert.equal(bench.update.statusDetails?.code, "quarantined");
  });
  it("also for the service's retry of the same job", () => {
    const bench = new Bench(quarantinedBoard())
      .open()
      .connect(execution({ executionNumber: 2, jobDocument: document({ sha256: digest }) }));
    assert.equal(bench.update.statusDetails?.code, "quarantined");
  });
  it("a forced job may try again, and success ends the quarantine", () => {
    const board = quarantinedBoard();
    board.versions[1] = undefined;
    const bench = new Bench(board).install(second({ force: true, sha256: digest }));
    assert.equal(bench.fota.state, "installed");
    bench.fota.close();
    board.versions[1] = "1.0.2";
    board.restart();
    const fresh = new Bench(board).open().connect(inProgress({ jobId: "job-2" }));
    fresh.accept();
    assert.equal(board.text, NO_JOB_LEFT);
  });
  it("another image is welcome", () => {
    const bench = new Bench(quarantinedBoard()).open().connect(second({ sha256: "11".repeat(32) }));
    assert.equal(bench.update.status, "IN_PROGRESS");
  });
});

describe("a record that is lost", () => {
  const details = { state: "installed", from: "1.0.1", to: "1.0.2" };
  it("is reported when damaged, and the job's own details say that the update succeeded", () => {
    const board = installedBoard();
    board.text = '{"v":1,"phase":';
    const bench = new Bench(board).open();
    assert.deepEqual([bench.codes, bench.fota.state], [["record-damaged"], "testing"]);
    board.states[1] = "PENDING_VERIFY";
    bench.connect();
    assert.deepEqual(board.log, ["markValid"]);
    bench.fota.close();
    const later = new Bench(board).open().connect(inProgress({ statusDetails: details }));
    assert.equal(later.update.status, "SUCCEEDED");
  });
  it("does not lead to the same update again after a rollback", () => {
    const board = installedBoard();
    board.restart("panic");
    board.text = undefined;
    const bench = new Bench(board).open().connect(inProgress({ statusDetails: details }));
    assert.deepEqual([bench.update.status, bench.update.statusDetails?.code], ["FAILED", "rolled-back"]);
  });
  it("about another firmware is dropped", () => {
    const board = installedBoard();
    board.runs = 0;
    board.versions = ["0.5.0", undefined];
    board.states = ["VALID", "NONE"];
    const bench = new Bench(board).open();
    assert.deepEqual([bench.fota.state, board.text], ["idle", NO_JOB_LEFT]);
  });
});

import assert from "node:assert/strict";
import { Bench, document, execution, FakeBoard, installedBoard, NO_JOB_LEFT, URL } from "./agent-bench.js";

const inProgress = (changes = {}) => execution({ status: "IN_PROGRESS", versionNumber: 2, ...changes });

/** A bench in each state in which a job is under way and its image does not run yet. */
const STATES: readonly [string, () => Bench][] = [
  ["deferred", () => new Bench(undefined, { onJob: () => ({ deferMs: 1e6 }) }).open().connect(execution())],
  ["starting", () => new Bench().open().connect(execution())],
  [
    "downloading",
    () => {
      const bench = new Bench().open().connect(execution());
      bench.accept();
      bench.download.headers();
      bench.download.body(65536);
      return bench;
    },
  ],
  [
    "verifying",
    () => {
      const bench = new Bench().open().connect(execution());
      bench.accept();
      bench.download.complete();
      return bench;
    },
  ],
  ["installed", () => new Bench().install()],
];

describe("a job that ends without the device", () => {
  for (const [state, make] of STATES) {
    for (const [status, code] of [
      ["CANCELED", "job-canceled"],
      ["TIMED_OUT", "job-timed-out"],
      ["REMOVED", "job-removed"],
    ] as const) {
      it(`${code} while ${state}: an empty queue makes it look, and it drops everything`, () => {
        const bench = make();
        assert.equal(bench.fota.state, state);
        bench.jobs.updates.splice(0).forEach(({ answer }) => {
          answer(undefined, {});
        });
        const resting = bench.fota.state;
        bench.notify();
        bench.jobs.describes.shift()?.answer(undefined, inProgress({ status }));
        assert.deepEqual([resting === "idle", bench.fota.state, bench.codes], [false, "idle", [code]]);
        // Nothing is stored while a job waits to begin.
        assert.equal(bench.board.text, state === "deferred" ? undefined : NO_JOB_LEFT);
        assert.ok(bench.downloads.every(({ closed }) => closed));
        bench.answerNext();
        assert.equal(bench.events.at(-1), "idle");
      });
    }
    it(`deleted while ${state}`, () => {
      const bench = make();
      bench.jobs.updates.splice(0).forEach(({ answer }) => {
        answer(undefined, {});
      });
      bench.notify(execution({ jobId: "job-2" }));
      bench.jobs.describes.shift()?.answer(new (bench.errorOf())("ResourceNotFound", "gone"));
      assert.deepEqual([bench.fota.state, bench.codes], ["idle", ["job-deleted"]]);
    });
    it(`gone while ${state}: an answer without an execution drops it at once`, () => {
      const bench = make();
      bench.jobs.updates.splice(0).forEach(({ answer }) => {
        answer(undefined, {});
      });
      bench.notify(execution({ jobId: "job-2" }));
      bench.jobs.describes.shift()?.answer(undefined, undefined);
      assert.deepEqual([bench.fota.state, bench.codes], ["idle", ["job-deleted"]]);
      assert.ok(bench.downloads.every(({ closed }) => closed));
    });
    it(`replaced by its own retry while ${state}: the new run is a new job`, () => {
      const bench = make();
      bench.notify(execution({ executionNumber: 2 }));
      assert.deepEqual([bench.fota.state, bench.codes], ["idle", ["job-replaced"]]);
      bench.answerNext(execution({ executionNumber: 2 }));
      assert.notEqual(bench.fota.state, "idle");
    });
    it(`stale and repeated messages while ${state} change nothing`, () => {
      const bench = make();
      const sent = bench.jobs.updates.length;
      bench.notify(execution());
      bench.notify(execution({ executionNumber: 0, status: "CANCELED" }));
      bench.notify(execution());
      assert.deepEqual([bench.fota.state, bench.jobs.updates.length, bench.codes], [state, sent, []]);
    });
    it(`a second job while ${state} waits`, () => {
      const bench = make();
      bench.jobs.updates.splice(0).forEach(({ answer }) => {
        answer(undefined, {});
      });
      const now = bench.fota.state;
      bench.notify(execution({ jobId: "job-2" }));
      bench.jobs.describes.shift()?.answer(undefined, inProgress());
      assert.deepEqual([bench.fota.state, bench.codes], [now, []]);
    });
    it(`a canceled notification of our own execution while ${state}`, () => {
      const bench = make();
      bench.notify(inProgress({ status: "CANCELED", versionNumber: 50 }));
      assert.deepEqual([bench.fota.state, bench.codes], ["idle", ["job-canceled"]]);
    });
    it(`the application's cancel while ${state}`, () => {
      const bench = make();
      bench.fota.cancel("maintenance");
      assert.equal(bench.fota.state, "reporting");
      assert.equal(bench.record.terminal.details.detail, "maintenance");
      assert.equal(bench.record.terminal.status, state === "deferred" || state === "starting" ? "REJECTED" : "FAILED");
    });
  }
});

describe("a cancel between boot flag and restart", () => {
  it("takes the boot flag back", () => {
    const bench = new Bench().install();
    bench.notify(inProgress({ status: "CANCELED", versionNumber: 50 }));
    assert.deepEqual(bench.board.log.slice(-2), ["setBoot", "unsetBoot"]);
    assert.equal(bench.board.states[1], "INVALID");
    assert.throws(() => bench.fota.restart(), { code: "not-installed" });
  });
  it("erases the first block of the slot where the boot flag cannot be taken back", () => {
    const board = new FakeBoard();
    board.unsetBootFails = true;
    const bench = new Bench(board).install();
    const before = bench.erased.length;
    bench.notify(inProgress({ status: "CANCELED", versionNumber: 50 }));
    assert.deepEqual(bench.erased.slice(before), [0]);
  });
  it("is noticed before the application hears of the image", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.complete();
    bench.verified();
    bench.reject("TerminalStateReached", "CANCELED");
    assert.deepEqual([bench.events, bench.board.states[1]], [["start"], "INVALID"]);
  });
  it("does not keep an installed image from being announced while the connection is away", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.complete();
    bench.disconnect();
    bench.verified();
    assert.deepEqual(bench.events, ["start", "installed"]);
  });
});

describe("a cancel during the self-test", () => {
  it("lets the image prove itself, and cannot be reported", () => {
    const bench = new Bench(installedBoard()).open();
    bench.notify(inProgress({ status: "CANCELED", versionNumber: 50 }));
    assert.equal(bench.fota.state, "testing");
    bench.connect();
    assert.deepEqual(bench.board.log, ["markValid"]);
    bench.reject("TerminalStateReached", "CANCELED");
    assert.deepEqual([bench.fota.state, bench.board.text, bench.codes], ["idle", NO_JOB_LEFT, ["job-canceled"]]);
  });
});

describe("jobs in a row", () => {
  it("runs the next job after a failed one", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.fail("not-found");
    assert.equal(bench.accept().status, "FAILED");
    bench.answerNext(execution({ jobId: "job-2", jobDocument: document({ fwversion: "1.0.3" }) }));
    bench.image = { version: "1.0.3", project: "blink" };
    bench.accept();
    assert.deepEqual([bench.fota.state, bench.downloads.length, bench.download.options.offset], ["downloading", 2, 0]);
  });
  it("does not believe an old notification of a job that has ended", () => {
    const bench = new Bench().open().connect(execution({ jobDocument: document({ fwversion: "1.0.1" }) }));
    bench.accept();
    bench.answerNext();
    bench.notify(execution());
    assert.deepEqual([bench.fota.state, bench.jobs.updates.length, bench.jobs.nexts.length], ["idle", 0, 1]);
  });
  it("skips the download when the slot holds the wanted image already", () => {
    const sha256 = Buffer.from("6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d", "hex");
    const board = new FakeBoard();
    board.versions[1] = "1.0.2";
    const bench = new Bench(board)
      .open()
      .connect(execution({ jobDocument: document({ sha256: sha256.toString("hex") }) }));
    bench.accept();
    assert.deepEqual([bench.downloads.length, bench.verifiers.length], [0, 1]);
    bench.verified({ sha256: Uint8Array.from(sha256) });
    assert.deepEqual([bench.fota.state, bench.verifiers.length], ["verifying", 2]);
    bench.verified({ sha256: Uint8Array.from(sha256) });
    assert.deepEqual([bench.fota.state, bench.downloads.length], ["installed", 0]);
  });
  it("loads it when the slot only looks like it", () => {
    const board = new FakeBoard();
    board.versions[1] = "1.0.2";
    const bench = new Bench(board).open().connect(execution({ jobDocument: document({ sha256: "11".repeat(32) }) }));
    bench.accept();
    bench.verified();
    assert.deepEqual([bench.fota.state, bench.downloads.length], ["downloading", 1]);
  });
  it("skips the download after a restart between the last byte and the boot flag", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.complete();
    bench.fota.close();
    const second = new Bench(bench.board).open().connect(inProgress());
    second.accept();
    assert.deepEqual([second.fota.state, second.downloads.length], ["verifying", 0]);
    second.verified();
    assert.equal(second.fota.state, "installed");
  });
  it("loads once more when what was resumed proves damaged, and once only", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.complete();
    bench.fota.close();
    const second = new Bench(bench.board).open().connect(inProgress());
    second.accept();
    second.verifiers[0]?.onError(second.partitionError("image-digest"));
    assert.deepEqual(
      [second.fota.state, second.download.options.offset, second.record.job.offset],
      ["downloading", 0, 0],
    );
    second.download.complete();
    second.verifiers[1]?.onError(second.partitionError("image-digest"));
    assert.deepEqual([second.update.status, second.update.statusDetails?.code], ["FAILED", "image-digest"]);
  });
});

describe("R9", () => {
  it("makes the slot unselectable before the first byte, also after a restart", () => {
    const bench = new Bench().open().connect(execution());
    assert.deepEqual(bench.board.log, []);
    bench.accept();
    assert.deepEqual(bench.board.log, ["begin"]);
    bench.fota.close();
    const second = new Bench(bench.board).open().connect(inProgress());
    second.accept();
    assert.deepEqual(bench.board.log, ["begin", "begin"]);
  });
});

describe("R11", () => {
  it("keeps the URL out of record, traces, events and details, whatever a server says", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.headers();
    bench.download.body(65536);
    const { FotaDownloadError } = bench.downloadErrors;
    bench.download.options.onError(new FotaDownloadError("not-found", `no ${URL} here`));
    assert.doesNotMatch(JSON.stringify([bench.update.statusDetails, bench.board.text, bench.traces]), /secret|X-Amz/);
  });
});

describe("R12", () => {
  const endings: readonly [string, (bench: Bench) => void, string][] = [
    ["a missing object", (bench) => bench.download.fail("not-found"), "FAILED not-found"],
    [
      "a server that is away",
      (bench) => bench.download.fail("retries-exhausted", "connect"),
      "FAILED retries-exhausted",
    ],
    ["another length", (bench) => bench.download.fail("size-mismatch"), "FAILED size-mismatch"],
    ["a body that is too long", (bench) => bench.download.fail("too-large"), "REJECTED too-large"],
  ];
  for (const [what, end, expected] of endings) {
    it(`${what} ends with ${expected}, in the job and in the event`, () => {
      const bench = new Bench().open().connect(execution());
      bench.accept();
      end(bench);
      assert.equal(`${bench.update.status} ${bench.update.statusDetails?.code}`, expected);
      assert.deepEqual(bench.codes, [expected.split(" ")[1]]);
      assert.equal(bench.update.statusDetails?.from, "1.0.1");
    });
  }
  it("exceptions of the application are errors with a code, and end nothing", () => {
    const boom = () => {
      throw new Error("application");
    };
    const bench = new Bench(undefined, {
      onStart: boom,
      onProgress: boom,
      onInstalled: boom,
      onStateChanged: boom,
    }).install();
    assert.equal(bench.fota.state, "installed");
    assert.ok(bench.codes.length > 3 && bench.codes.every((code) => code === "application-error"));
  });
  it("an exception in onError goes no further", () => {
    const bench = new Bench(undefined, {
      onError: () => {
        throw new Error("again");
      },
    });
    bench.open().connect(execution({ jobDocument: 7 }));
    assert.equal(bench.update.statusDetails?.code, "document-invalid");
  });
  for (const [what, onJob] of [
    [
      "throws",
      () => {
        throw new Error("x");
      },
    ],
    ["answers nonsense", () => ({}) as never],
  ] as const) {
    it(`an onJob that ${what} rejects the job`, () => {
      const bench = new Bench(undefined, { onJob }).open().connect(execution());
      assert.deepEqual([bench.update.status, bench.update.statusDetails?.code], ["REJECTED", "application-error"]);
    });
  }
  it("open never throws, also when the boot state cannot be read", () => {
    const board = new FakeBoard();
    const boot = board.boot();
    const bench = new Bench(board, {
      boot: {
        ...boot,
        next: () => {
          throw bench.partitionError("no-slot");
        },
      },
    });
    bench.open().connect(execution());
    assert.deepEqual([bench.codes, bench.update.status], [["no-slot", "no-slot"], "REJECTED"]);
  });
  it("no exception leaves a timer or an answer, whatever a port throws", () => {
    const boom = () => {
      throw new Error("driver");
    };
    const bench = new Bench(undefined, { stepTimeoutInMinutes: 3 }).open().connect(execution());
    const { update } = bench.jobs;
    bench.jobs.update = boom;
    bench.jobs.updates.shift()?.answer(undefined, {});
    bench.timer.advance(600_000);
    bench.download.complete();
    assert.ok(bench.codes.length > 0 && bench.codes.every((code) => code === "internal-error"));
    bench.jobs.update = update;
  });
  it("callbacks never run inside a public method", () => {
    const bench = new Bench(undefined, {
      onJob: () => ({ deferMs: 1e6 }),
      onStateChanged: (state) => bench.events.push(state),
    });
    bench.open().connect(execution());
    bench.fota.accept();
    assert.ok(!bench.events.includes("starting"));
    bench.timer.advance(0);
    assert.ok(bench.events.includes("starting"));
  });
});

describe("R13", () => {
  it("hands another operation over once, with means to work on it, and leaves it alone", () => {
    const seen: string[] = [];
    const bench = new Bench(undefined, {
      onOtherJob: ({ execution: { jobId }, operation, update }) => {
        seen.push(`${jobId} ${operation}`);
        update({ status: "IN_PROGRESS" }, () => {});
      },
    });
    const other = execution({ jobDocument: { operation: "rotate" } });
    bench.open().connect(other);
    bench.notify(other);
    assert.deepEqual(
      [seen, bench.fota.state, bench.jobs.updates.length, bench.board.text],
      [["job-1 rotate"], "idle", 1, undefined],
    );
  });
  it("is silent without a handler", () => {
    const bench = new Bench().open().connect(execution({ jobDocument: { steps: [] } }));
    assert.deepEqual([bench.fota.state, bench.jobs.updates.length, bench.codes], ["idle", 0, []]);
  });
});

describe("reports to the service", () => {
  it("come at most once in reportIntervalMs", () => {
    const bench = new Bench(undefined, { reportIntervalMs: 10_000 }).open().connect(execution());
    bench.accept();
    bench.download.headers();
    let reports = 0;
    for (let i = 0; i < 40; i++) {
      bench.timer.advance(1000);
      bench.download.body(4096);
      for (const { answer } of bench.jobs.updates.splice(0)) {
        reports += 1;
        answer(undefined, {});
      }
    }
    assert.equal(reports, 4);
  });
  it("name state, progress and versions", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.headers();
    bench.timer.advance(30_000);
    bench.download.body(2 * 65536);
    assert.deepEqual(bench.update.statusDetails, { state: "downloading", progress: "66%", from: "1.0.1", to: "1.0.2" });
  });
  it("renew the step timer of a slow, an installed and a paused job, and of no QUEUED one", () => {
    const step = { stepTimeoutInMinutes: 3 };
    const bench = new Bench(undefined, step).open().connect(execution());
    assert.equal(bench.accept().stepTimeoutInMinutes, 3);
    const beats = (count: number) => {
      for (let i = 0; i < count; i++) {
        bench.timer.advance(60_000);
        assert.equal(bench.accept().stepTimeoutInMinutes, 3);
      }
    };
    beats(3);
    bench.fota.defer(1e9);
    assert.equal(bench.fota.state, "deferred");
    beats(3);
    bench.fota.accept();
    bench.accept();
    bench.download.complete();
    bench.verified();
    bench.accept();
    beats(3);
    const queued = new Bench(undefined, { ...step, onJob: () => ({ deferMs: 1e9 }) }).open().connect(execution());
    queued.timer.advance(600_000);
    assert.equal(queued.jobs.updates.length, 0);
  });
  it("ask for a fresh document when ours has become old", () => {
    const bench = new Bench(undefined, { onJob: () => ({ deferMs: 1e9 }) }).open().connect(execution());
    bench.timer.advance(60_000);
    bench.fota.accept();
    assert.equal(bench.update.includeJobDocument, true);
    bench.accept(2, document({ location: { url: `${URL}9` } }));
    assert.deepEqual([bench.download.options.url, bench.download.options.urlAge], [`${URL}9`, 0]);
  });
  it("a paused download goes on where it stopped", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.headers();
    bench.download.body(70000);
    bench.fota.defer(1000);
    bench.timer.advance(1000);
    bench.accept();
    assert.equal(bench.download.options.offset, 17 * 4096);
  });
});

describe("close", () => {
  for (const [state, make] of STATES) {
    it(`while ${state} stops everything, twice, and silences it`, () => {
      const bench = make();
      const [next] = [...bench.jobs.nexts];
      bench.fota.close();
      bench.fota.close();
      const { length } = bench.events;
      next?.(undefined, execution());
      bench.notify(execution());
      bench.timer.advance(1e7);
      assert.deepEqual([bench.timer.count, bench.events.length, bench.codes], [0, length, []]);
    });
  }
});

describe("options", () => {
  for (const [what, options] of [
    ["publicKeys", { publicKeys: [{ id: "key-1", key: new Uint8Array(10) }] }],
    ["thingName", { thingName: "a/b" }],
    ["selfTestTimeoutMs", { selfTestTimeoutMs: 0 }],
    ["reportIntervalMs", { reportIntervalMs: Number.NaN }],
    ["stepTimeoutInMinutes", { stepTimeoutInMinutes: 10081 }],
    ["storeIntervalBytes", { storeIntervalBytes: 70000 }],
    ["heartbeatMs", { heartbeatMs: -1 }],
  ] as const) {
    it(`refuses a wrong ${what}`, () => assert.throws(() => new Bench(undefined, options), { code: "bad-option" }));
  }
});

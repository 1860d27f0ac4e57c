import assert from "node:assert/strict";
import { Bench, document, execution, FakeBoard, installedBoard, NO_JOB_LEFT, SIZE, URL } from "./agent-bench.js";

const inProgress = (versionNumber = 2, changes = {}) => execution({ status: "IN_PROGRESS", versionNumber, ...changes });

describe("AwsFota, the good run", () => {
  it("goes from the job to SUCCEEDED over a restart", () => {
    const bench = new Bench().open();
    assert.equal(bench.fota.state, "idle");
    bench.connect(execution());
    assert.equal(bench.fota.state, "starting");
    assert.equal(bench.accept().status, "IN_PROGRESS");
    assert.equal(bench.fota.state, "downloading");
    bench.download.complete();
    assert.equal(bench.fota.state, "verifying");
    bench.verified();
    assert.equal(bench.fota.state, "installed");
    assert.deepEqual(bench.events, ["start"]);
    assert.equal(bench.accept().statusDetails?.state, "installed");
    assert.deepEqual(bench.events, ["start", "installed"]);
    bench.fota.restart();
    assert.deepEqual(bench.board.log, ["begin", "setBoot", "restart"]);
    bench.fota.close();

    bench.board.versions = ["1.0.1", "1.0.2"];
    bench.board.restart();
    const second = new Bench(bench.board).open();
    assert.equal(second.fota.state, "testing");
    second.connect(inProgress(3));
    assert.equal(second.fota.state, "reporting");
    assert.equal(bench.board.states[1], "VALID");
    const { status, statusDetails, expectedVersion, executionNumber } = second.accept();
    assert.deepEqual([status, expectedVersion, executionNumber], ["SUCCEEDED", 3, 1]);
    assert.deepEqual(statusDetails, {
      state: "confirmed",
      from: "1.0.1",
      to: "1.0.2",
      slot: "ota_1",
      bytes: String(SIZE),
      requests: "1",
      erases: "64",
      stores: "8",
    });
    assert.equal(second.fota.state, "idle");
    assert.equal(bench.board.text, NO_JOB_LEFT);
    second.answerNext();
    assert.deepEqual(second.events, ["confirmed", "idle"]);
    assert.deepEqual([...bench.codes, ...second.codes], []);
  });

  it("leaves no timer behind when it is idle", () => {
    const bench = new Bench().install();
    bench.fota.close();
    assert.equal(bench.timer.count, 0);
  });
});

describe("R1", () => {
  it("asks $next on every connect and not before the subscriptions stand", () => {
    const bench = new Bench().open();
    assert.equal(bench.jobs.nexts.length, 0);
    bench.connect();
    bench.disconnect();
    bench.connect();
    assert.deepEqual(bench.events, ["idle", "idle"]);
  });
  it("asks $next after every terminal status", () => {
    const bench = new Bench().open().connect(execution({ jobDocument: document({ fwversion: "1.0.1" }) }));
    bench.accept();
    bench.answerNext(execution({ jobId: "job-2" }));
    assert.equal(bench.fota.state, "starting");
    assert.equal(bench.update.jobId, "job-2");
  });
  it("asks again when the answer does not come, and stops when the connection is lost", () => {
    const bench = new Bench().open();
    bench.jobs.options.onReady();
    const timeout = () => bench.jobs.nexts.shift()?.(new (bench.errorOf())("timeout", "late"));
    timeout();
    bench.timer.advance(1000);
    assert.equal(bench.jobs.nexts.length, 1);
    timeout();
    bench.disconnect();
    bench.timer.advance(100_000);
    assert.equal(bench.jobs.nexts.length, 0);
  });
});

describe("R2", () => {
  it("parses, asks policy and application before IN_PROGRESS, and loads nothing before it is accepted", () => {
    const asked: unknown[] = [];
    const bench = new Bench(undefined, {
      onJob: (offer) => {
        asked.push(offer);
        assert.equal(bench.jobs.updates.length, 0);
        return "accept";
      },
    });
    bench.open().connect(execution());
    assert.deepEqual(asked, [
      { jobId: "job-1", executionNumber: 1, from: "1.0.1", to: "1.0.2", size: SIZE, force: false },
    ]);
    assert.equal(bench.downloads.length, 0);
    bench.accept();
    assert.equal(bench.downloads.length, 1);
  });
  const refused: readonly [string, Record<string, unknown>, string][] = [
    ["a broken document", { location: 7 }, "document-invalid"],
    ["http", { location: { url: "http://h/p" } }, "insecure-url"],
    ["the same version", { fwversion: "v1.0.1" }, "same-version"],
    ["an older version", { fwversion: "1.0.0" }, "downgrade"],
    ["an image that does not fit", { size: 2 ** 20 + 1 }, "image-too-large"],
    ["another project", { project: "other" }, "project-mismatch"],
  ];
  for (const [what, changes, code] of refused) {
    it(`rejects ${what} with ${code}, without a byte of HTTP`, () => {
      const bench = new Bench().open().connect(execution({ jobDocument: document(changes) }));
      assert.deepEqual([bench.update.status, bench.update.statusDetails?.code], ["REJECTED", code]);
      bench.accept();
      assert.deepEqual([bench.fota.state, bench.downloads.length, bench.codes], ["idle", 0, [code]]);
    });
  }
  it("rejects what the application refuses", () => {
    const bench = new Bench(undefined, { onJob: () => "refuse" }).open().connect(execution());
    assert.deepEqual([bench.update.status, bench.update.statusDetails?.code], ["REJECTED", "refused"]);
  });
  it("asks again when the deferral is over; the job stays QUEUED", () => {
    const answers = [{ deferMs: 5000 }, "accept"] as const;
    let asked = 0;
    const bench = new Bench(undefined, { onJob: () => answers[asked++] ?? "accept" }).open().connect(execution());
    assert.deepEqual([bench.fota.state, bench.jobs.updates.length], ["deferred", 0]);
    bench.timer.advance(5000);
    assert.deepEqual([bench.fota.state, asked], ["starting", 2]);
  });
  it("goes on at once when a deferred update is accepted", () => {
    const bench = new Bench(undefined, { onJob: () => ({ deferMs: 1e9 }) }).open().connect(execution());
    bench.fota.accept();
    assert.equal(bench.fota.state, "starting");
  });
});

describe("R3", () => {
  it("takes expectedVersion from the service's last answer", () => {
    const bench = new Bench().open().connect(execution({ versionNumber: 7 }));
    assert.equal(bench.update.expectedVersion, 7);
    bench.accept(20);
    bench.download.complete();
    bench.verified();
    assert.equal(bench.update.expectedVersion, 20);
  });
  it("adopts the version of a VersionMismatch and sends again, without touching the download", () => {
    const bench = new Bench().open().connect(execution());
    bench.reject("VersionMismatch", "QUEUED", 5);
    assert.equal(bench.update.expectedVersion, 5);
    bench.accept();
    bench.download.headers();
    bench.timer.advance(30_000);
    bench.download.body(4096);
    bench.reject("VersionMismatch", "IN_PROGRESS", 12);
    assert.equal(bench.update.expectedVersion, 12);
    bench.accept();
    assert.equal(bench.downloads.length, 1);
    assert.equal(bench.download.closed, false);
  });
  it("ends a refused version that never settles", () => {
    const bench = new Bench().open().connect(execution());
    for (let i = 0; i < 4; i++) bench.reject("VersionMismatch", "QUEUED", 5);
    assert.deepEqual([bench.fota.state, bench.codes], ["idle", ["update-refused"]]);
    bench.answerNext(execution());
    assert.equal(bench.fota.state, "idle");
  });
  it("looks before it believes ResourceNotFound", () => {
    const bench = new Bench().open().connect(execution());
    bench.reject("ResourceNotFound");
    bench.jobs.describes.shift()?.answer(undefined, execution({ versionNumber: 4 }));
    assert.equal(bench.update.expectedVersion, 4);
    bench.accept();
    assert.equal(bench.fota.state, "downloading");
  });
  it("gives the job up when it is deleted", () => {
    const bench = new Bench().open().connect(execution());
    bench.reject("ResourceNotFound");
    bench.jobs.describes.shift()?.answer(new (bench.errorOf())("ResourceNotFound", "gone"));
    assert.deepEqual([bench.fota.state, bench.codes], ["idle", ["job-deleted"]]);
  });
  for (const code of ["InvalidStateTransition", "TerminalStateReached", "VersionMismatch"] as const) {
    it(`${code} with a canceled execution ends the download`, () => {
      const bench = new Bench().open().connect(execution());
      bench.accept();
      bench.download.headers();
      bench.timer.advance(30_000);
      bench.download.body(4096);
      bench.reject(code, "CANCELED");
      assert.deepEqual([bench.fota.state, bench.codes, bench.download.closed], ["idle", ["job-canceled"], true]);
    });
  }
  it("waits with back-off while the service throttles", () => {
    const bench = new Bench().open().connect(execution());
    bench.reject("RequestThrottled");
    assert.equal(bench.jobs.updates.length, 0);
    bench.timer.advance(500);
    bench.accept();
    assert.equal(bench.fota.state, "downloading");
  });
});

describe("R4", () => {
  it("resumes after a restart at the last stored block, bound to the entity tag, with a new URL", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.headers();
    bench.download.body(65536);
    bench.download.body(65536);
    bench.download.body(100);
    assert.deepEqual([bench.record.job.offset, bench.record.job.etag], [131072, '"e1"']);
    bench.fota.close();

    const second = new Bench(bench.board).open();
    const url = `${URL}2`;
    second.connect(inProgress(2, { jobDocument: document({ location: { url } }) }));
    second.accept();
    const { offset, etag } = second.download.options;
    assert.deepEqual([offset, etag, second.download.options.url], [131072, '"e1"', url]);
    assert.deepEqual(second.events, ["start"]);
  });
  it("starts at 0 when nothing binds the old bytes to the content", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.headers(SIZE, "");
    bench.fota.close();
    const weak = new Bench().open().connect(execution());
    weak.accept();
    weak.download.headers(SIZE, 'W/"e1"');
    weak.download.body(65536);
    weak.fota.close();
    const second = new Bench(weak.board).open().connect(inProgress());
    second.accept();
    assert.equal(second.download.options.offset, 0);
  });
  it("asks for a new URL on 403 and goes on at the byte after the last accepted one", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.headers();
    bench.download.body(70000);
    bench.download.fail("url-expired");
    const look = bench.jobs.describes.shift();
    assert.equal(look?.includeJobDocument, true);
    const url = `${URL}2`;
    look?.answer(undefined, inProgress(2, { jobDocument: document({ location: { url } }) }));
    assert.deepEqual(
      [bench.downloads.length, bench.download.options.offset, bench.download.options.url],
      [2, 70000, url],
    );
    bench.download.complete();
    assert.equal(bench.fota.state, "verifying");
  });
  it("fails when the fresh URL is refused at the same byte", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.fail("access-denied");
    bench.jobs.describes.shift()?.answer(undefined, inProgress());
    bench.download.fail("access-denied");
    assert.deepEqual([bench.update.status, bench.update.statusDetails?.code], ["FAILED", "access-denied"]);
  });
  it("waits for the network when all of it is away, and goes on with the document that connecting brings", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.headers();
    bench.download.body(70000);
    bench.disconnect();
    bench.download.fail("retries-exhausted", "connect");
    assert.equal(bench.fota.state, "renewing");
    bench.connect(inProgress());
    assert.equal(bench.fota.state, "downloading");
    assert.equal(bench.download.options.offset, 70000);
  });
  it("starts again when the content changed", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.headers();
    bench.download.body(70000);
    bench.download.options.onRestart?.();
    assert.equal(bench.record.job.offset, 0);
  });
});

describe("R5", () => {
  const refused: readonly [
    string,
    object,
    Record<string, unknown>,
    Parameters<Bench["verified"]>[0],
    string,
    string,
  ][] = [
    ["another version", {}, {}, { version: "1.0.3" }, "version-mismatch", "REJECTED"],
    ["another project", {}, {}, { project: "x" }, "project-mismatch", "REJECTED"],
    ["another digest", {}, { sha256: "00".repeat(32) }, {}, "digest-mismatch", "FAILED"],
    ["a bad signature", { verifyP256: () => false }, {}, {}, "signature-invalid", "REJECTED"],
    [
      "a verifier that throws",
      {
        verifyP256: () => {
          throw new Error("curve");
        },
      },
      {},
      {},
      "signature-invalid",
      "REJECTED",
    ],
  ];
  for (const [what, options, changes, image, code, status] of refused) {
    it(`${what} never gets the boot flag: ${status} ${code}`, () => {
      const bench = new Bench(undefined, options).open().connect(execution({ jobDocument: document(changes) }));
      bench.accept();
      bench.download.complete();
      bench.verified(image);
      assert.deepEqual([bench.update.status, bench.update.statusDetails?.code], [status, code]);
      assert.ok(!bench.board.log.includes("setBoot"));
    });
  }
  it("a good signature gets it", () => {
    const bench = new Bench().install();
    assert.equal(bench.fota.state, "installed");
  });
  it("rejects an unsigned document at once when there is a key", () => {
    const unsigned = execution({ jobDocument: document({ "sig-sha256-ecdsa": undefined }) });
    const bench = new Bench().open().connect(unsigned);
    assert.equal(bench.update.statusDetails?.code, "signature-missing");
  });
  it("an image whose first bytes are wrong is refused before the rest is loaded", () => {
    const bench = new Bench();
    bench.image = { version: "0.9.0", project: "blink" };
    bench.open().connect(execution({ jobDocument: document({ fwversion: "1.0.2" }) }));
    bench.accept();
    bench.download.complete();
    assert.deepEqual([bench.update.statusDetails?.code, bench.download.offset], ["version-mismatch", 0]);
  });
  it("fails when ESP-IDF refuses the image at the boot flag", () => {
    const board = new FakeBoard();
    board.failSetBoot = true;
    const bench = new Bench(board).open().connect(execution());
    bench.accept();
    bench.download.complete();
    bench.verified();
    assert.deepEqual([bench.update.status, bench.update.statusDetails?.code], ["FAILED", "install-failed"]);
    assert.deepEqual(bench.events, ["start"]);
  });
});

describe("R6", () => {
  it("has stored the next state whenever it acts", () => {
    const board = new FakeBoard();
    const phases: string[] = [];
    const log = (what: string) =>
      phases.push(`${what}:${board.text === undefined ? "-" : JSON.parse(board.text).phase}`);
    const bench = new Bench(board);
    board.log.push = (...items: string[]) => {
      for (const item of items) log(item);
      return 0;
    };
    bench.open().connect(execution());
    log("start");
    bench.accept();
    bench.download.complete();
    log("verify");
    bench.verified();
    assert.deepEqual(phases, ["start:downloading", "begin:downloading", "verify:written", "setBoot:installed"]);
  });
  it("stores 7 times and once for each 64 KiB of the image", () => {
    const board = installedBoard();
    // job taken, three blocks, all written, boot flag
    assert.equal(board.stores, 6);
    const bench = new Bench(board).open().connect(inProgress(3));
    bench.accept();
    assert.equal(board.stores, 10);
  });
  it("stores at a coarser step when told to", () => {
    const bench = new Bench(undefined, { storeIntervalBytes: 2 * 65536 }).install();
    assert.equal(bench.board.stores, 4);
  });
  it("does not begin what it cannot remember", () => {
    const board = new FakeBoard();
    board.failStores = true;
    const bench = new Bench(board).open().connect(execution());
    assert.deepEqual(
      [bench.update.status, bench.update.statusDetails?.code, bench.downloads.length],
      ["REJECTED", "record-store-failed", 0],
    );
  });
  it("does not set the boot flag when that cannot be remembered", () => {
    const bench = new Bench().open().connect(execution());
    bench.accept();
    bench.download.complete();
    bench.board.failStores = true;
    bench.verified();
    assert.deepEqual([bench.update.status, bench.update.statusDetails?.code], ["FAILED", "record-store-failed"]);
    assert.ok(!bench.board.log.includes("setBoot"));
  });
});

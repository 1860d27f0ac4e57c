import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseJobDocument } from "../../modules/aws-fota/job-document.js";
import { NOTHING_LOADED } from "../../modules/aws-fota/loaded-part.js";
import { UpdateJob } from "../../modules/aws-fota/update-job.js";
import { Bench, document, execution, installedBoard, SIZE } from "./agent-bench.js";

/** What firmware 1.0.1 left in the store at each phase, to the byte. */
const RECORDS: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL("../fixtures/records/firmware-1.0.1.json", import.meta.url), "utf8"),
);

const FREE = { bytes: 0, requests: 0, erases: 0, stores: 0, seconds: 0, retries: 0, reconnects: 0 };
const DEVICE = { from: "1.0.1", slot: "ota_1" };
const DIGEST = "6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d";

function textStore() {
  let text: string | undefined;
  return {
    writes: 0,
    read: () => text,
    write(next: string) {
      text = next;
      this.writes += 1;
    },
    remove: () => {},
  };
}

function stored(text?: string) {
  const state = { text, writes: 0 };
  const write = (next: string | undefined) => {
    state.text = next;
    state.writes += 1;
  };
  return { state, job: new UpdateJob({ read: () => state.text, write, remove: () => write(undefined) }) };
}

const outcome = (changes = {}) => parseJobDocument(document(changes));
const update = (changes = {}) => {
  const found = outcome(changes);
  return found.kind === "update" ? found.update : assert.fail(found.kind);
};

describe("a record of firmware 1.0.1", () => {
  it("in the middle of a download goes on at its offset", () => {
    const bench = new Bench();
    bench.board.text = RECORDS.downloading;
    bench.open();
    assert.equal(bench.fota.state, "resuming");
    bench.connect(execution({ status: "IN_PROGRESS", versionNumber: 2 }));
    bench.accept();
    assert.deepEqual([bench.download.options.offset, bench.download.options.etag], [131072, '"e1"']);
  });
  it("with the whole image on flash is verified, not loaded again", () => {
    const bench = new Bench();
    bench.board.text = RECORDS.written;
    bench.open().connect(execution({ status: "IN_PROGRESS", versionNumber: 2 }));
    bench.accept();
    assert.deepEqual([bench.fota.state, bench.downloads.length], ["verifying", 0]);
  });
  it("on the first boot is confirmed, and its bill goes on", () => {
    const board = installedBoard();
    board.text = RECORDS.testing;
    const bench = new Bench(board).open().connect(execution({ status: "IN_PROGRESS", versionNumber: 3 }));
    const { status, statusDetails } = bench.update;
    assert.deepEqual([status, statusDetails?.bytes, statusDetails?.stores], ["SUCCEEDED", "197608", "8"]);
  });
  it("with a terminal status sends it as it is", () => {
    const board = installedBoard();
    board.restart("software");
    board.text = RECORDS.reporting;
    const bench = new Bench(board).open().connect(execution({ status: "IN_PROGRESS", versionNumber: 3 }));
    const { status, statusDetails } = bench.update;
    assert.deepEqual([status, statusDetails?.code, statusDetails?.stores], ["FAILED", "self-test-failed", "7"]);
  });
  it("keeps its quarantined image out", () => {
    const bench = new Bench();
    bench.board.text = RECORDS.quarantined;
    bench.open().connect(execution({ jobDocument: document({ sha256: DIGEST }) }));
    assert.deepEqual(bench.codes, ["quarantined"]);
  });
  for (const [phase, text] of Object.entries(RECORDS)) {
    it(`is written again with every member as it was: ${phase}`, () => {
      const { state, job } = stored(text);
      assert.equal(job.load(), undefined);
      job.recall();
      job.store();
      const before = JSON.parse(text);
      const after = JSON.parse(state.text ?? "{}");
      assert.deepEqual(after, { ...before, bill: { ...before.bill, stores: before.bill.stores + state.writes } });
    });
  }
});

describe("UpdateJob", () => {
  const taken = () => {
    const { state, job } = stored();
    job.load();
    job.take(execution(), outcome(), DEVICE, 5);
    return { state, job };
  };

  it("stores nothing before it is told to, and nothing twice", () => {
    const { state, job } = taken();
    assert.equal(state.writes, 0);
    job.store();
    job.store();
    assert.equal(state.writes, 1);
  });
  it("says with each verb what a restart will find", () => {
    const { state, job } = taken();
    const phases: unknown[] = [];
    const kept = () => {
      job.store();
      phases.push(JSON.parse(state.text ?? "{}").phase);
    };
    kept();
    job.loaded({ offset: 65536, erasedTo: 131072, size: SIZE, etag: '"e1"' });
    assert.equal(JSON.parse(state.text ?? "{}").job.offset, 65536);
    job.written({ offset: SIZE, erasedTo: 0, size: SIZE, etag: '"e1"' });
    kept();
    job.proven({ version: "1.0.2", digest: DIGEST });
    kept();
    job.onTrial();
    kept();
    job.decide({ status: "SUCCEEDED", details: { state: "confirmed" } });
    kept();
    assert.deepEqual(phases, ["downloading", "written", "installed", "testing", "reporting"]);
    job.forget();
    assert.deepEqual([state.text, job.current, job.terminal, job.bill.stores], [undefined, undefined, undefined, 0]);
  });
  it("is the same job however often it changes, and another one when another is taken", () => {
    const { job } = taken();
    const identity = job.current?.identity ?? assert.fail();
    job.adopt(update({ location: { url: "https://h/fresh" } }), 9);
    job.acknowledged();
    job.written();
    assert.deepEqual([job.isCurrent(identity), job.current?.status, job.current?.documentAt], [true, "IN_PROGRESS", 9]);
    job.take(execution({ executionNumber: 2 }), outcome(), DEVICE, 10);
    assert.equal(job.isCurrent(identity), false);
  });
  it("counts what a download costs while it runs and keeps the sum after it", () => {
    const { job } = taken();
    let bytes = 10;
    job.meter(() => ({ bytes, requests: 1, erases: 2, retries: 3 }));
    bytes = 30;
    assert.deepEqual(job.bill, { ...FREE, bytes: 30, requests: 1, erases: 2, retries: 3 });
    job.store();
    job.meter(undefined);
    job.meter(() => ({ bytes: 5, requests: 1, erases: 0, retries: 0 }));
    assert.deepEqual(job.bill, { ...FREE, bytes: 35, requests: 2, erases: 2, stores: 1, retries: 3 });
  });
  it("counts the time with the job, connections that came back, and the least free memory", () => {
    let [now, memory] = [5_000, 60_000];
    const store = textStore();
    const job = new UpdateJob(store, { now: () => now, freeMemory: () => memory, journal: () => undefined });
    job.load();
    job.take(execution(), outcome(), DEVICE, 0);
    now += 2_900;
    memory = 50_000;
    assert.deepEqual([job.bill.seconds, job.bill.memory], [2, 50_000]);
    job.reconnected();
    job.store();
    now = 100;
    memory = 70_000;
    const second = new UpdateJob(store, { now: () => now, freeMemory: () => memory, journal: () => undefined });
    second.load();
    second.recall();
    now += 3_000;
    assert.deepEqual(second.bill, { ...FREE, stores: 1, seconds: 5, reconnects: 1, memory: 50_000 });
  });
  it("does not store for the bill alone", () => {
    let now = 0;
    const store = textStore();
    const job = new UpdateJob(store, { now: () => now, freeMemory: () => undefined, journal: () => `journal ${now}` });
    job.load();
    job.take(execution(), outcome(), DEVICE, 0);
    job.store();
    now = 60_000;
    job.store();
    assert.equal(store.writes, 1);
  });
  it("begins the bill anew with each job, also when the last one left a record", () => {
    const { job } = stored(RECORDS.downloading);
    job.load();
    job.take(execution({ jobId: "job-2" }), outcome(), DEVICE, 0);
    assert.deepEqual(job.bill, FREE);
  });
  it("drops what was loaded when it proves wrong, and what was loaded of other content", () => {
    const { job } = taken();
    job.loaded({ offset: 65536, erasedTo: 131072, size: SIZE, etag: '"e1"' });
    job.loaded(NOTHING_LOADED);
    assert.deepEqual([job.current?.record.offset, job.current?.record.etag], [0, undefined]);
    job.written({ offset: SIZE, erasedTo: 0, size: SIZE, etag: '"e2"' });
    job.discarded();
    assert.deepEqual([job.phase, job.current?.record.offset, job.current?.resumed], ["downloading", 0, false]);
  });
  it("remembers that the service refused the last word about an execution", () => {
    const { job } = taken();
    job.refused();
    job.forget();
    assert.deepEqual(job.ended, { jobId: "job-1", executionNumber: 1, queuedAt: 1, refused: true });
    job.take(execution({ jobId: "job-2" }), outcome(), DEVICE, 0);
    job.forget();
    assert.equal(job.ended?.refused, false);
  });
  it("holds the document's fault instead of an update", () => {
    const { job } = stored();
    job.take(execution(), outcome({ fwversion: 7 }), DEVICE, 0);
    assert.deepEqual([job.current?.update, job.current?.fault?.code], [undefined, "document-invalid"]);
  });
  it("keeps the earlier record when the store fails, and says so", () => {
    const { job } = (() => {
      const port = {
        read: () => RECORDS.downloading,
        write: () => {
          throw new Error("nvs full");
        },
        remove: () => {},
      };
      return { job: new UpdateJob(port) };
    })();
    job.load();
    job.recall();
    assert.throws(() => job.loaded({ offset: 196608, erasedTo: 0, size: SIZE, etag: '"e1"' }), {
      code: "record-store-failed",
    });
    assert.equal(job.stored.job?.offset, 131072);
  });
  it("does nothing without a job", () => {
    const { state, job } = stored();
    job.load();
    job.store();
    job.sized(1);
    job.proven({ version: "1", digest: DIGEST });
    job.decide({ status: "FAILED", details: {} });
    assert.deepEqual([state.writes, job.current, job.terminal], [0, undefined, undefined]);
  });
});

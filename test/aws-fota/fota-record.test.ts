import assert from "node:assert/strict";
import {
  decodeRecord,
  emptyRecord,
  encodeRecord,
  type FotaRecord,
  MAX_RECORD_LENGTH,
} from "../../modules/aws-fota/fota-record.js";
import { RecordKeeper } from "../../modules/aws-fota/record-keeper.js";

const NOTHING = { quarantined: [], enforced: [] };
const DIGEST = "ab".repeat(32);
const full: FotaRecord = {
  phase: "reporting",
  job: {
    jobId: "j".repeat(64),
    executionNumber: 2,
    from: "1.0.1",
    to: "1.0.2",
    slot: "ota_1",
    size: 1000,
    etag: '"e"',
    digest: DIGEST,
    offset: 0,
    attempts: 1,
    selfTest: "connected",
    patch: { base: DIGEST, at: 17, from: 65_536 },
    unpatched: "patch-invalid",
  },
  terminal: { status: "FAILED", details: { code: "rolled-back", detail: "x" } },
  quarantined: [{ digest: DIGEST, size: 1000, etag: '"e"' }],
  enforced: ["2026", "2027"],
  bill: { bytes: 1, requests: 2, erases: 3, stores: 4, seconds: 5, retries: 6, reconnects: 7, memory: 8 },
  journal: "journal 1\n0 link up",
};

describe("the record", () => {
  it("comes back as it went, full and empty", () => {
    // A member that is not known has no place in the text.
    const known = (record: unknown) => JSON.parse(JSON.stringify(record));
    assert.deepEqual(known(decodeRecord(encodeRecord(full))), full);
    assert.deepEqual(known(decodeRecord(encodeRecord(emptyRecord()))), known(emptyRecord()));
    assert.deepEqual(decodeRecord(undefined), emptyRecord());
  });
  it("stays under the limit of the store whatever is in it", () => {
    const details = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`key-${i}`, "x".repeat(128)]));
    const text = "x".repeat(128);
    const job = {
      ...full.job,
      jobId: text,
      executionNumber: 9,
      from: text,
      to: text,
      slot: text,
      etag: text,
      selfTest: text,
      offset: 1,
      attempts: 1,
      unpatched: text,
    };
    const quarantined = Array.from({ length: 4 }, () => ({ digest: DIGEST, size: 2 ** 32, etag: '"\\'.repeat(40) }));
    const enforced = Array.from({ length: 4 }, (_, i) => `${i}`.repeat(32));
    const record: FotaRecord = { ...full, enforced, job, terminal: { status: "FAILED", details }, quarantined };
    assert.ok(encodeRecord(record).length <= MAX_RECORD_LENGTH);
    const journal = `journal 1\n${"x".repeat(1590)}`;
    const carrying = encodeRecord({ ...record, journal });
    assert.equal(
      carrying,
      encodeRecord({ ...record, journal: undefined }),
      "the journal gives way before a quarantined image does",
    );
    assert.equal(decodeRecord(encodeRecord({ ...full, journal })).journal, journal);
  });
  it("drops the oldest quarantined images when there is no room", () => {
    const quarantined = Array.from({ length: 4 }, (_, i) => ({ digest: DIGEST, size: i, etag: "x".repeat(1500) }));
    const kept: { quarantined: { size: number }[] } = JSON.parse(encodeRecord({ ...full, quarantined }));
    assert.deepEqual(
      kept.quarantined.map(({ size }) => size),
      [2, 3],
    );
  });

  const good: Record<string, unknown> = JSON.parse(encodeRecord(full));
  const { job, ...withoutJob } = good;
  const damage: readonly [string, unknown][] = [
    ["a number", 7],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["null", "null"],
    ["an empty text", ""],
    ["another format", JSON.stringify({ ...good, v: 2 })],
    ["no format", JSON.stringify({ ...good, v: undefined })],
    ["an unknown phase", JSON.stringify({ ...good, phase: "flying" })],
    ["a phase without job", JSON.stringify(withoutJob)],
    ["a job without phase", JSON.stringify({ ...good, phase: undefined })],
    ["a report without status", JSON.stringify({ ...good, terminal: undefined })],
    ["a status without report", JSON.stringify({ ...good, phase: "written" })],
    ["an unknown status", JSON.stringify({ ...good, terminal: { status: "DONE", details: {} } })],
    ["details that are no map", JSON.stringify({ ...good, terminal: { status: "FAILED", details: [] } })],
    ["a detail that is a number", JSON.stringify({ ...good, terminal: { status: "FAILED", details: { a: 1 } } })],
    ["a negative offset", JSON.stringify({ ...good, job: { ...(job as object), offset: -1 } })],
    ["a fraction as size", JSON.stringify({ ...good, job: { ...(job as object), size: 1.5 } })],
    ["no job id", JSON.stringify({ ...good, job: { ...(job as object), jobId: undefined } })],
    ["a digest in capitals", JSON.stringify({ ...good, job: { ...(job as object), digest: DIGEST.toUpperCase() } })],
    ["a text that is too long", JSON.stringify({ ...good, job: { ...(job as object), etag: "x".repeat(129) } })],
    ["no list of quarantined images", JSON.stringify({ ...good, quarantined: {} })],
    ["too many quarantined images", JSON.stringify({ ...good, quarantined: Array(5).fill(full.quarantined[0]) })],
    ["a quarantined image without digest", JSON.stringify({ ...good, quarantined: [{ size: 1 }] })],
    ["enforced keys that are no list", JSON.stringify({ ...good, enforced: "2026" })],
    ["an enforced key whose id is none", JSON.stringify({ ...good, enforced: ["2026", "a b"] })],
    ["an enforced key that is a number", JSON.stringify({ ...good, enforced: [2026] })],
    ["too many enforced keys", JSON.stringify({ ...good, enforced: ["1", "2", "3", "4", "5"] })],
    ["no bill", JSON.stringify({ ...good, bill: undefined })],
    ["a bill of text", JSON.stringify({ ...good, bill: { ...full.bill, bytes: "1" } })],
  ];
  for (const [what, text] of damage) {
    it(`is damaged by ${what}`, () => assert.throws(() => decodeRecord(text), { code: "record-damaged" }));
  }
  it("is damaged, or valid, but never worse, when any character is changed", () => {
    const text = encodeRecord(full);
    for (let i = 0; i < text.length; i++) {
      try {
        decodeRecord(`${text.slice(0, i)}~${text.slice(i + 1)}`);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "record-damaged");
      }
    }
  });
});

describe("RecordKeeper", () => {
  const store = () => {
    const state = { text: undefined as string | undefined, writes: 0, fail: false };
    const write = (text: string | undefined) => {
      if (state.fail) throw new Error("full");
      state.writes += 1;
      state.text = text;
    };
    return { state, port: { read: () => state.text, write, remove: () => write(undefined) } };
  };
  it("counts its writes and makes none that changes nothing", () => {
    const { state, port } = store();
    const keeper = new RecordKeeper(port);
    keeper.save({ ...full, bill: { ...full.bill, stores: 0 } });
    keeper.save(keeper.record);
    assert.deepEqual([state.writes, keeper.record.bill.stores], [1, 1]);
  });
  it("keeps the quarantined images when it forgets the job, and removes an empty record", () => {
    const { state, port } = store();
    const keeper = new RecordKeeper(port);
    keeper.save(full);
    keeper.clear({ quarantined: full.quarantined, enforced: [] });
    assert.deepEqual(decodeRecord(state.text).quarantined, full.quarantined);
    keeper.save({ ...full, quarantined: [] });
    keeper.clear(NOTHING);
    assert.equal(state.text, undefined);
    const { writes } = state;
    keeper.clear(NOTHING);
    assert.equal(state.writes, writes);
  });
  it("keeps what it had when the store fails", () => {
    const { state, port } = store();
    const keeper = new RecordKeeper(port);
    state.fail = true;
    assert.throws(() => keeper.save(full), { code: "record-store-failed" });
    assert.deepEqual(keeper.record, emptyRecord());
  });
  it("reports a store that cannot be read and goes on empty", () => {
    const { port } = store();
    const keeper = new RecordKeeper({
      ...port,
      read: () => {
        throw new Error("nvs");
      },
    });
    assert.equal(keeper.load()?.code, "record-damaged");
    assert.deepEqual(keeper.record, emptyRecord());
  });
});

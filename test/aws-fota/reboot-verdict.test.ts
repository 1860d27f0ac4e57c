import assert from "node:assert/strict";
import { emptyRecord, type FotaRecord, type JobRecord, type RecordPhase } from "../../modules/aws-fota/fota-record.js";
import {
  type BootSituation,
  type ImageState,
  MAX_BOOT_ATTEMPTS,
  rebootVerdict,
  verdictFromDetails,
} from "../../modules/aws-fota/reboot-verdict.js";

const STATES: readonly ImageState[] = ["NEW", "PENDING_VERIFY", "VALID", "INVALID", "ABORTED", "UNDEFINED", "NONE"];
const job: JobRecord = {
  jobId: "j",
  executionNumber: 1,
  from: "1.0.1",
  to: "1.0.2",
  slot: "ota_1",
  offset: 0,
  attempts: 1,
};
const record = (phase: RecordPhase, changes: Partial<JobRecord> = {}): FotaRecord => ({
  ...emptyRecord(),
  phase,
  job: { ...job, ...changes },
});
const reporting = (status: "SUCCEEDED" | "FAILED"): FotaRecord => ({
  ...record("reporting"),
  terminal: { status, details: {} },
});
const oldRuns = (other: ImageState, version = "1.0.1"): BootSituation => ({
  running: { label: "ota_0", version, state: "VALID" },
  other: { state: other },
});
const newRuns = (state: ImageState, version = "1.0.2"): BootSituation => ({
  running: { label: "ota_1", version, state },
  other: { state: "VALID" },
});
const outcome = (of: FotaRecord, at: BootSituation) => {
  const verdict = rebootVerdict(of, at);
  return verdict.kind === "failed" ? verdict.code : verdict.kind;
};

describe("rebootVerdict", () => {
  it("has nothing to say without a job", () => assert.equal(outcome(emptyRecord(), oldRuns("NONE")), "nothing"));

  const expected: Readonly<Record<ImageState, [string, string]>> = {
    NEW: ["self-test", "boot-flag-set"],
    PENDING_VERIFY: ["self-test", "boot-refused"],
    VALID: ["confirmed", "resume"],
    INVALID: ["self-test", "rolled-back"],
    ABORTED: ["self-test", "rolled-back"],
    UNDEFINED: ["self-test", "resume"],
    NONE: ["self-test", "resume"],
  };
  for (const state of STATES) {
    for (const phase of ["installed", "testing"] as const) {
      it(`${phase}, the new image runs in state ${state}: ${expected[state][0]}`, () => {
        assert.equal(outcome(record(phase), newRuns(state)), expected[state][0]);
      });
      // Before its first boot an image cannot have rejected itself: the boot flag was taken back.
      const old = phase === "installed" && state === "INVALID" ? "resume" : expected[state][1];
      it(`${phase}, the old image runs and the other slot is ${state}: ${old}`, () => {
        assert.equal(outcome(record(phase), oldRuns(state)), old);
      });
    }
    for (const phase of ["downloading", "written"] as const) {
      it(`${phase}, other slot ${state}: resume`, () => assert.equal(outcome(record(phase), oldRuns(state)), "resume"));
      it(`${phase}, but the slot that was written runs in state ${state}: stale`, () => {
        assert.equal(outcome(record(phase), newRuns(state)), "stale");
      });
    }
    it(`a stored FAILED is sent, whatever runs (${state})`, () => {
      assert.equal(outcome(reporting("FAILED"), oldRuns(state)), "report");
      assert.equal(outcome(reporting("FAILED"), newRuns(state)), "report");
    });
  }
  it("sends a stored SUCCEEDED only while the new image runs", () => {
    assert.equal(outcome(reporting("SUCCEEDED"), newRuns("VALID")), "report");
    assert.equal(outcome(reporting("SUCCEEDED"), oldRuns("VALID")), "rolled-back");
  });
  it("forgets a job when another firmware was flashed", () => {
    for (const phase of ["downloading", "written", "installed", "testing"] as const) {
      assert.equal(outcome(record(phase), oldRuns("NONE", "0.9.0")), "stale");
      assert.equal(outcome(record(phase), newRuns("PENDING_VERIFY", "9.9.9")), "stale");
    }
  });
  it("tells the images apart by slot when both have one version", () => {
    const same = record("installed", { to: "1.0.1" });
    assert.equal(outcome(same, newRuns("PENDING_VERIFY", "1.0.1")), "self-test");
    assert.equal(outcome(same, oldRuns("ABORTED")), "rolled-back");
  });
  it("does not mind a leading v", () =>
    assert.equal(outcome(record("installed"), oldRuns("ABORTED", "v1.0.1")), "rolled-back"));
  it("ends attempts that leave no trace", () => {
    assert.equal(outcome(record("installed", { attempts: MAX_BOOT_ATTEMPTS }), oldRuns("NONE")), "install-interrupted");
    assert.equal(outcome(record("installed", { attempts: MAX_BOOT_ATTEMPTS - 1 }), oldRuns("NONE")), "resume");
  });
});

describe("verdictFromDetails", () => {
  const details = { state: "installed", from: "1.0.1", to: "1.0.2" };
  const rows: readonly [string, Record<string, string>, BootSituation, string | undefined][] = [
    ["the new version runs, confirmed", details, newRuns("VALID"), "confirmed"],
    ["the new version runs without rollback", details, newRuns("UNDEFINED"), "confirmed"],
    ["the new version is still on trial", details, newRuns("PENDING_VERIFY"), undefined],
    ["the old version runs after an abort", details, oldRuns("ABORTED"), "rolled-back"],
    [
      "the old version runs after a rejection, details from the test",
      { ...details, state: "testing" },
      oldRuns("INVALID"),
      "rolled-back",
    ],
    ["the old version runs and nothing shows", details, oldRuns("NONE"), undefined],
    ["the download was under way", { ...details, state: "downloading" }, newRuns("VALID"), undefined],
    ["another version runs", details, oldRuns("ABORTED", "3.0"), undefined],
    ["both versions are one", { ...details, to: "1.0.1" }, oldRuns("ABORTED"), undefined],
    ["there are no details", {}, newRuns("VALID"), undefined],
  ];
  for (const [what, from, situation, verdict] of rows) {
    it(`${what}: ${verdict ?? "a new job"}`, () => assert.equal(verdictFromDetails(from, situation), verdict));
  }
});

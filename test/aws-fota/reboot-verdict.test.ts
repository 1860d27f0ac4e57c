import assert from "node:assert/strict";
import { emptyRecord, type FotaRecord, type JobRecord, type RecordPhase } from "../../modules/aws-fota/fota-record.js";
import {
  type BootSituation,
  type ImageState,
  rebootVerdict,
  VERDICTS,
  verdictFromDetails,
} from "../../modules/aws-fota/reboot-verdict.js";
import { RESET_CAUSES, type ResetCause, type ResetReason } from "../../modules/ota-partition/index.js";

const STATES: readonly ImageState[] = ["NEW", "PENDING_VERIFY", "VALID", "INVALID", "ABORTED", "UNDEFINED", "NONE"];
const REASONS = Object.keys(RESET_CAUSES) as ResetReason[];
const MAX_TRIALS = 3;
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
const oldRuns = (other: ImageState, version = "1.0.1", resetReason: ResetReason = "software"): BootSituation => ({
  running: { label: "ota_0", version, state: "VALID" },
  other: { state: other },
  resetReason,
});
const newRuns = (state: ImageState, version = "1.0.2", resetReason: ResetReason = "software"): BootSituation => ({
  running: { label: "ota_1", version, state },
  other: { state: "VALID" },
  resetReason,
});
const outcome = (of: FotaRecord, at: BootSituation) => {
  const verdict = rebootVerdict(of, at, MAX_TRIALS);
  return verdict.kind === "failed" ? verdict.code : verdict.kind;
};

/** What an image that was on trial, or about to be, came to when the old one runs again: said once more, as prose. */
function ofTrial(phase: RecordPhase, state: ImageState, cause: ResetCause, attempts: number): string {
  const more = attempts < MAX_TRIALS;
  switch (state) {
    case "PENDING_VERIFY":
      return "boot-refused";
    case "NEW":
      return "boot-flag-set";
    case "ABORTED":
      return cause === "power" && more ? "try-again" : "rolled-back";
    case "INVALID":
      // Before its first boot an image cannot have rejected itself: the boot flag was taken back.
      if (phase === "testing") return cause === "power" && more ? "try-again" : "rolled-back";
      break;
    default:
  }
  if (phase === "testing" && cause === "crash") return "rolled-back";
  return more ? "resume" : "install-interrupted";
}

describe("rebootVerdict", () => {
  it("has nothing to say without a job", () => assert.equal(outcome(emptyRecord(), oldRuns("NONE")), "nothing"));

  for (const state of STATES) {
    for (const phase of ["installed", "testing"] as const) {
      const proven = phase === "testing" && state === "VALID" ? "confirmed" : "self-test";
      it(`${phase}, the new image runs in state ${state}: ${proven}, unless it crashed in its test`, () => {
        for (const reason of REASONS) {
          const hasCrashed = phase === "testing" && RESET_CAUSES[reason] === "crash";
          const expected = hasCrashed ? "rolled-back" : proven;
          assert.equal(outcome(record(phase), newRuns(state, "1.0.2", reason)), expected, reason);
        }
      });
      for (const attempts of [1, MAX_TRIALS - 1, MAX_TRIALS]) {
        const says = (cause: ResetCause) => ofTrial(phase, state, cause, attempts);
        const ends = `power: ${says("power")}, crash: ${says("crash")}, other: ${says("other")}`;
        it(`${phase}, trial ${attempts}, the old image runs and the other slot is ${state}: ${ends}`, () => {
          for (const reason of REASONS) {
            const found = outcome(record(phase, { attempts }), oldRuns(state, "1.0.1", reason));
            assert.equal(found, says(RESET_CAUSES[reason]), reason);
          }
        });
      }
    }
    for (const phase of ["downloading", "written"] as const) {
      it(`${phase}, other slot ${state}: resume`, () => {
        for (const reason of REASONS) assert.equal(outcome(record(phase), oldRuns(state, "1.0.1", reason)), "resume");
      });
      it(`${phase}, but the slot that was written runs in state ${state}: stale`, () => {
        assert.equal(outcome(record(phase), newRuns(state)), "stale");
      });
    }
    it(`a stored FAILED is sent, whatever runs (${state})`, () => {
      assert.equal(outcome(reporting("FAILED"), oldRuns(state)), "report");
      assert.equal(outcome(reporting("FAILED"), newRuns(state)), "report");
    });
  }
  it("needs each row of its table", () => {
    const used = new Set<unknown>();
    for (const phase of ["downloading", "written", "installed", "testing"] as const)
      for (const state of STATES)
        for (const reason of REASONS)
          for (const attempts of [0, MAX_TRIALS])
            for (const at of [oldRuns(state, "1.0.1", reason), newRuns(state, "1.0.2", reason)])
              used.add(rebootVerdict(record(phase, { attempts }), at, MAX_TRIALS));
    const unused = VERDICTS.filter(({ verdict }) => !used.has(verdict));
    assert.deepEqual(unused, []);
  });
  it("tries an image once when once is all that is allowed", () => {
    const at = oldRuns("ABORTED", "1.0.1", "power-on");
    const verdict = rebootVerdict(record("testing", { attempts: 1 }), at, 1);
    assert.equal(verdict.kind === "failed" && verdict.code, "rolled-back");
  });
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

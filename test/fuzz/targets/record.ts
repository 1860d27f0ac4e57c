import assert from "node:assert/strict";
import fc from "fast-check";
import { FotaError } from "../../../modules/aws-fota/errors.js";
import { decodeRecord, encodeRecord, MAX_RECORD_LENGTH } from "../../../modules/aws-fota/fota-record.js";
import { textTarget } from "../../support/fuzz/fuzz-target.js";
import { assertSafeMessage, outcomeOf, withShallowJson } from "../../support/fuzz/invariants.js";
import { mutatedJson } from "../../support/fuzz/json.js";

const job = {
  jobId: "job-1",
  executionNumber: 1,
  queuedAt: 1_700_000_000,
  from: "1.0.1",
  to: "1.0.2",
  slot: "ota_1",
  size: 100_000,
  etag: '"abc"',
  digest: "ab".repeat(32),
  offset: 65_536,
  erasedTo: 131_072,
  attempts: 1,
  selfTest: "connected",
};
const bill = { bytes: 1, requests: 2, erases: 3, stores: 4, seconds: 5, retries: 6, reconnects: 7, memory: 40_000 };
const quarantined = [{ digest: "cd".repeat(32), size: 5, etag: '"e"' }];
const VALID: readonly unknown[] = [
  { v: 1, phase: "downloading", job, quarantined, bill },
  {
    v: 1,
    phase: "downloading",
    job: { ...job, patch: { base: "ab".repeat(32), at: 900, from: 0 } },
    quarantined,
    bill,
  },
  { v: 1, phase: "downloading", job: { ...job, patch: { base: "", at: 9, from: 65_536 } }, quarantined, bill },
  { v: 1, phase: "written", job: { ...job, unpatched: "digest-mismatch" }, quarantined, bill },
  { v: 1, phase: "testing", job: { ...job, etag: undefined }, quarantined: [], bill },
  { v: 1, quarantined: [...quarantined, ...quarantined], bill, journal: "journal 1\n3 link up" },
  {
    v: 1,
    phase: "reporting",
    job,
    terminal: { status: "FAILED", details: { code: "rolled-back", from: "1.0.1" } },
    quarantined,
    bill,
  },
];
const KEYS = [
  ..."bill patch base at unpatched".split(" "),
  ...Object.keys(job),
  ...Object.keys(bill),
  "v",
  "phase",
  "job",
  "terminal",
  "status",
  "details",
];

export const storedRecord = textTarget({
  name: "stored-record",
  reads: "the record in NVS, of this firmware, another one, or whoever has the board in hand",
  reaches: ["record", "record-damaged"],
  data: mutatedJson(fc.constantFrom(...VALID), KEYS),
  check: (text) => {
    const decode = (stored: string) => withShallowJson(() => decodeRecord(stored));
    const outcome = outcomeOf(
      () => decode(text),
      (error) => (error instanceof FotaError ? error.code : undefined),
    );
    if (outcome.kind === "error") {
      assert.equal(outcome.code, "record-damaged");
      assertSafeMessage(outcome.message, 100);
      return outcome.code;
    }
    const written = encodeRecord(outcome.value);
    // No store holds a longer one. Written again, its journal gives way, then the oldest quarantined images.
    if (text.length > MAX_RECORD_LENGTH) return "record";
    assert.ok(written.length <= MAX_RECORD_LENGTH, "it fits where it came from");
    assert.deepEqual(decode(written), outcome.value, "what was read is written back as it was");
    return "record";
  },
});

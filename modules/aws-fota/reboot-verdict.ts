import { RESET_CAUSES, type ResetCause, type ResetReason } from "../ota-partition/index.js";
import type { FotaErrorCode } from "./errors.js";
import type { FotaRecord, RecordPhase } from "./fota-record.js";
import { normalizeVersion } from "./version.js";

/** As ESP-IDF's otadata has it; NONE: no entry of otadata names the slot. */
export type ImageState = "NEW" | "PENDING_VERIFY" | "VALID" | "INVALID" | "ABORTED" | "UNDEFINED" | "NONE";

export type BootSituation = {
  readonly running: { readonly label: string; readonly version: string; readonly state: ImageState };
  /** The slot that is not running. */
  readonly other: { readonly state: ImageState };
  /** Of this start, and so of the end of whatever ran before. */
  readonly resetReason: ResetReason;
};

export type Verdict =
  /** No job was under way. */
  | { readonly kind: "nothing" }
  /** The record is about another firmware (flashed by cable): forget the job. */
  | { readonly kind: "stale" }
  /** The running image has not proven itself yet. */
  | { readonly kind: "self-test" }
  /** Mark-valid returned, but SUCCEEDED is not stored yet. */
  | { readonly kind: "confirmed" }
  /** The update was not finished: go on where the record says, once the service still wants it. */
  | { readonly kind: "resume" }
  /** The same, with an image that was on trial when the power went (design rule R17). */
  | { readonly kind: "try-again" }
  /** The boot flag is set and no restart has happened since. */
  | { readonly kind: "boot-flag-set" }
  /** A terminal status is stored: send it. */
  | { readonly kind: "report" }
  /** The new image does not run any more. */
  | { readonly kind: "failed"; readonly code: FotaErrorCode; readonly detail: string };

/** A row of the table; what is undefined is not looked at. */
export type VerdictRow = {
  readonly runs: "new" | "old";
  readonly phases: readonly RecordPhase[];
  /** State of the running image when the new one runs, of the other slot when the old one does. */
  readonly states: readonly ImageState[] | undefined;
  readonly cause: ResetCause | undefined;
  /** Whether the boot flag may be set once more for this image. */
  readonly trials: "left" | "spent" | undefined;
  readonly verdict: Verdict;
};

const BOOTED: readonly RecordPhase[] = Object.freeze(["installed", "testing"]);
const LOADING: readonly RecordPhase[] = Object.freeze(["downloading", "written"]);
const CRASHED = "the new image crashed or hung before it was confirmed";

function failed(code: FotaErrorCode, detail: string): Verdict {
  return Object.freeze({ kind: "failed", code, detail });
}

function verdictOf(kind: Exclude<Verdict["kind"], "failed">): Verdict {
  return Object.freeze({ kind });
}

function row(
  runs: VerdictRow["runs"],
  phases: VerdictRow["phases"],
  states: VerdictRow["states"],
  [cause, trials]: readonly [cause: VerdictRow["cause"], trials: VerdictRow["trials"]],
  verdict: Exclude<Verdict["kind"], "failed"> | Verdict,
): VerdictRow {
  return Object.freeze({
    runs,
    phases: Object.freeze([...phases]),
    states: states && Object.freeze([...states]),
    cause,
    trials,
    verdict: typeof verdict === "string" ? verdictOf(verdict) : verdict,
  });
}

const ANY = Object.freeze([undefined, undefined] as const);
const SPENT = "the boot flag was set as often as allowed, and the new image never ran";

/**
 * First match wins. The rows of the state of flash are those of ESP-IDF's bootloader, power cuts in its rewrites
 * included. A phase of BOOTED is stored by the image that sets the boot flag or is on trial, and replaced by the first
 * start of the old image after it: so the reset reason is that of the trial's end.
 */
export const VERDICTS: readonly VerdictRow[] = Object.freeze([
  // Started again after a crash: an erase that the power ended, or a bootloader without rollback, left it unwatched.
  row("new", ["testing"], undefined, ["crash", undefined], failed("rolled-back", CRASHED)),
  row("new", ["testing"], ["VALID"], ANY, "confirmed"),
  // VALID before any test: an erase of the entry that the power ended, not a confirmation.
  row("new", BOOTED, undefined, ANY, "self-test"),
  row("new", LOADING, undefined, ANY, "stale"),
  row("old", LOADING, undefined, [undefined, "left"], "resume"),
  row("old", LOADING, undefined, [undefined, "spent"], failed("install-interrupted", SPENT)),
  row("old", BOOTED, ["ABORTED"], ["power", "left"], "try-again"),
  row(
    "old",
    BOOTED,
    ["ABORTED"],
    ["power", "spent"],
    failed("rolled-back", "the power went in every trial of the image"),
  ),
  row("old", BOOTED, ["ABORTED"], ["crash", undefined], failed("rolled-back", CRASHED)),
  row("old", BOOTED, ["ABORTED"], ANY, failed("rolled-back", "the new image was restarted before it was confirmed")),
  // An image that rejects itself stores FAILED before and restarts by itself: this is an erase that the power ended.
  row("old", ["testing"], ["INVALID"], ["power", "left"], "try-again"),
  row("old", ["testing"], ["INVALID"], ANY, failed("rolled-back", "the new image rejected itself")),
  row("old", BOOTED, ["PENDING_VERIFY"], ANY, failed("boot-refused", "the bootloader did not accept the new image")),
  row("old", BOOTED, ["NEW"], ANY, "boot-flag-set"),
  // A trial that ended within a rewrite of otadata left no mark there, but its end is known all the same.
  row("old", ["testing"], undefined, ["crash", undefined], failed("rolled-back", CRASHED)),
  // The power went while otadata was rewritten (by set-boot, by the bootloader or by mark-valid), it never came to
  // set-boot, or the boot flag was taken back and nothing stored after it: the image is still in the slot.
  row("old", BOOTED, undefined, [undefined, "left"], "resume"),
  row("old", BOOTED, undefined, [undefined, "spent"], failed("install-interrupted", SPENT)),
]);

/**
 * What the record and the boot state together say about an update that was under way before the restart.
 * "new" runs when the slot that the record names runs; "old" when another slot runs the version that accepted the job.
 * @param maxTrials how often the boot flag may be set for one image
 */
export function rebootVerdict({ phase, job, terminal }: FotaRecord, now: BootSituation, maxTrials: number): Verdict {
  if (phase === undefined || job === undefined) return { kind: "nothing" };
  const { running, other } = now;
  const version = normalizeVersion(running.version);
  const isNew = running.label === job.slot && (job.to === undefined || job.to === version);
  const isOld = running.label !== job.slot && job.from === version;
  if (terminal !== undefined) {
    // An image that was confirmed can still be lost to the flash; then SUCCEEDED would be untrue.
    if (terminal.status !== "SUCCEEDED" || isNew) return { kind: "report" };
    return failed("rolled-back", "the confirmed image does not start any more");
  }
  if (!isNew && !isOld) return { kind: "stale" };
  const runs = isNew ? "new" : "old";
  const state = isNew ? running.state : other.state;
  const cause = RESET_CAUSES[now.resetReason];
  const trials = job.attempts < maxTrials ? "left" : "spent";
  const match = VERDICTS.find(
    (row) =>
      row.runs === runs &&
      row.phases.includes(phase) &&
      (row.states === undefined || row.states.includes(state)) &&
      (row.cause === undefined || row.cause === cause) &&
      (row.trials === undefined || row.trials === trials),
  );
  return match?.verdict ?? { kind: "stale" };
}

/** What of a situation is looked at without a record. */
type SlotsAsBooted = Pick<BootSituation, "running" | "other">;

/**
 * The same without a record (it was damaged or erased), from what the device itself last wrote into the job. Only the
 * two outcomes that would otherwise repeat the update are drawn from it; undefined: treat the job as a new one. Trials
 * cannot be counted without a record, so that a loss of power is not forgiven here.
 */
export function verdictFromDetails(
  details: Readonly<Record<string, string>>,
  { running, other }: SlotsAsBooted,
): "confirmed" | "rolled-back" | undefined {
  if (details.state !== "installed" && details.state !== "testing") return undefined;
  const version = normalizeVersion(running.version);
  if (details.to === version && details.from !== version)
    return running.state === "PENDING_VERIFY" ? undefined : "confirmed";
  const left: readonly ImageState[] = ["ABORTED", "INVALID", "PENDING_VERIFY"];
  return details.from === version && details.to !== version && left.includes(other.state) ? "rolled-back" : undefined;
}

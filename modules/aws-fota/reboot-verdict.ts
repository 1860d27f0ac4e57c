import type { FotaErrorCode } from "./errors.js";
import type { FotaRecord, RecordPhase } from "./fota-record.js";
import { normalizeVersion } from "./version.js";

/** As ESP-IDF's otadata has it; NONE: no entry of otadata names the slot. */
export type ImageState = "NEW" | "PENDING_VERIFY" | "VALID" | "INVALID" | "ABORTED" | "UNDEFINED" | "NONE";

export type BootSituation = {
  readonly running: { readonly label: string; readonly version: string; readonly state: ImageState };
  /** The slot that is not running. */
  readonly other: { readonly state: ImageState };
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
  /** The boot flag is set and no restart has happened since. */
  | { readonly kind: "boot-flag-set" }
  /** A terminal status is stored: send it. */
  | { readonly kind: "report" }
  /** The new image does not run any more. */
  | { readonly kind: "failed"; readonly code: FotaErrorCode; readonly detail: string };

/** How often the boot flag is set for one image when the attempt leaves no trace in otadata. */
export const MAX_BOOT_ATTEMPTS = 3;

type Row = {
  readonly runs: "new" | "old";
  readonly phases: readonly RecordPhase[];
  /** State of the running image when the new one runs, of the other slot when the old one does. Undefined: any. */
  readonly states: readonly ImageState[] | undefined;
  readonly verdict: Verdict;
};

const BOOTED: readonly RecordPhase[] = Object.freeze(["installed", "testing"]);
const LOADING: readonly RecordPhase[] = Object.freeze(["downloading", "written"]);

function failed(code: FotaErrorCode, detail: string): Verdict {
  return Object.freeze({ kind: "failed", code, detail });
}

function row(runs: Row["runs"], phases: Row["phases"], states: Row["states"], verdict: Verdict["kind"] | Verdict): Row {
  return Object.freeze({
    runs,
    phases: Object.freeze([...phases]),
    states: states && Object.freeze([...states]),
    verdict: typeof verdict === "string" ? verdictOf(verdict) : verdict,
  });
}

function verdictOf(kind: Verdict["kind"]): Verdict {
  return kind === "failed" ? failed("rolled-back", "") : Object.freeze({ kind });
}

/**
 * First match wins. The rows of the state of flash are those of ESP-IDF's bootloader, power cuts in its rewrites
 * included.
 */
export const VERDICTS: readonly Row[] = Object.freeze([
  row("new", BOOTED, ["VALID"], "confirmed"),
  row("new", BOOTED, undefined, "self-test"),
  row("new", LOADING, undefined, "stale"),
  row("old", LOADING, undefined, "resume"),
  row(
    "old",
    BOOTED,
    ["ABORTED"],
    failed("rolled-back", "the new image crashed, hung or lost power before it was confirmed"),
  ),
  row("old", ["testing"], ["INVALID"], failed("rolled-back", "the new image rejected itself")),
  row("old", BOOTED, ["PENDING_VERIFY"], failed("boot-refused", "the bootloader did not accept the new image")),
  row("old", BOOTED, ["NEW"], "boot-flag-set"),
  // The power went while otadata was rewritten (by set-boot, by the bootloader or by mark-valid), it never came to
  // set-boot, or the boot flag was taken back and nothing stored after it: the image is still in the slot.
  row("old", BOOTED, undefined, "resume"),
]);

/**
 * What the record and the boot state together say about an update that was under way before the restart.
 * "new" runs when the slot that the record names runs; "old" when another slot runs the version that accepted the job.
 */
export function rebootVerdict({ phase, job, terminal }: FotaRecord, { running, other }: BootSituation): Verdict {
  if (phase === undefined || job === undefined) return { kind: "nothing" };
  const version = normalizeVersion(running.version);
  const isNew = running.label === job.slot && (job.to === undefined || job.to === version);
  const isOld = running.label !== job.slot && job.from === version;
  if (terminal !== undefined) {
    // An image that was confirmed can still be lost to the flash; then SUCCEEDED would be untrue.
    if (terminal.status !== "SUCCEEDED" || isNew) return { kind: "report" };
    return failed("rolled-back", "the confirmed image does not start any more");
  }
  if (!isNew && !isOld) return { kind: "stale" };
  const state = isNew ? running.state : other.state;
  const match = VERDICTS.find(
    ({ runs, phases, states }) =>
      (runs === "new") === isNew && phases.includes(phase) && (states === undefined || states.includes(state)),
  );
  const verdict = match?.verdict ?? { kind: "stale" };
  if (verdict.kind === "resume" && job.attempts >= MAX_BOOT_ATTEMPTS) {
    return failed("install-interrupted", `the boot flag was set ${job.attempts} times and the new image never ran`);
  }
  return verdict;
}

/**
 * The same without a record (it was damaged or erased), from what the device itself last wrote into the job. Only the
 * two outcomes that would otherwise repeat the update are drawn from it; undefined: treat the job as a new one.
 */
export function verdictFromDetails(
  details: Readonly<Record<string, string>>,
  { running, other }: BootSituation,
): "confirmed" | "rolled-back" | undefined {
  if (details.state !== "installed" && details.state !== "testing") return undefined;
  const version = normalizeVersion(running.version);
  if (details.to === version && details.from !== version)
    return running.state === "PENDING_VERIFY" ? undefined : "confirmed";
  const left: readonly ImageState[] = ["ABORTED", "INVALID", "PENDING_VERIFY"];
  return details.from === version && details.to !== version && left.includes(other.state) ? "rolled-back" : undefined;
}

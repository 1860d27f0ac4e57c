import { TERMINAL_STATUSES, type TerminalStatus } from "../aws-jobs/index.js";
import { parseJson } from "../foundation/json.js";
import { FotaError } from "./errors.js";
import type { AppliedPatch } from "./loaded-part.js";
import { MAX_QUARANTINED, type QuarantinedImage } from "./quarantine.js";
import { isKeyId, MAX_SIGNING_KEYS } from "./signing-keys.js";
import { type Bill, EMPTY_BILL, type StatusDetails } from "./status-details.js";

/** One NVS string is under 4000 bytes; the record's text is ASCII. */
export const MAX_RECORD_LENGTH = 3900;
const FORMAT = 1;
const MAX_TEXT = 128;

const NOTHING: LastingRecord = Object.freeze({ quarantined: Object.freeze([]), enforced: Object.freeze([]) });

/** How far the update is known to be after a restart. */
export type RecordPhase = "downloading" | "written" | "installed" | "testing" | "reporting";
const PHASES: readonly RecordPhase[] = Object.freeze(["downloading", "written", "installed", "testing", "reporting"]);

export type JobRecord = {
  readonly jobId: string;
  readonly executionNumber: number;
  /** Seconds since 1970: tells a job from one that was created later under the same name. */
  readonly queuedAt?: number | undefined;
  /** Version that was running when the job was accepted. */
  readonly from: string;
  readonly to?: string | undefined;
  /** Label of the slot that is written. */
  readonly slot: string;
  /** Bytes of the image, once known. */
  readonly size?: number | undefined;
  /** Strong entity tag: binds the resume to the content. */
  readonly etag?: string | undefined;
  /** SHA-256 of the image, lower-case hexadecimal: from the document, then from flash. */
  readonly digest?: string | undefined;
  /** Everything below is on flash. */
  readonly offset: number;
  /**
   * The slot is erased from `offset` to here, or holds a part of the image: what is there tells how far it came.
   * Undefined: nothing is known.
   */
  readonly erasedTo?: number | undefined;
  /** The image comes by a patch, and how far that is applied. */
  readonly patch?: AppliedPatch | undefined;
  /** Why this job's patches are of no use: the image is loaded as a whole. */
  readonly unpatched?: string | undefined;
  /** How often the boot flag was set for this image. */
  readonly attempts: number;
  /** How far the last self-test came. */
  readonly selfTest?: string | undefined;
};

export type TerminalRecord = { readonly status: TerminalStatus; readonly details: StatusDetails };

/** Everything the agent remembers over a restart. No URL, key or certificate (design rule R11). */
export type FotaRecord = {
  readonly phase?: RecordPhase | undefined;
  readonly job?: JobRecord | undefined;
  readonly terminal?: TerminalRecord | undefined;
  readonly quarantined: readonly QuarantinedImage[];
  /**
   * Ids of the signing keys that were enforced by the last firmware that was here to stay; a record of an older library
   * has none.
   */
  readonly enforced: readonly string[];
  readonly bill: Bill;
  /** The last events, while a job is at hand: they need no store of their own then. */
  readonly journal?: string | undefined;
};

/** What is remembered beyond the job. */
export type LastingRecord = Pick<FotaRecord, "quarantined" | "enforced">;

export function emptyRecord({ quarantined, enforced }: LastingRecord = NOTHING): FotaRecord {
  return { quarantined, enforced, bill: EMPTY_BILL };
}

/**
 * As one line of JSON. Every object is built anew: on XS `JSON.stringify` throws for one that a preloaded module keeps
 * in ROM. When the text would be too long the journal gives way, then the oldest quarantined images.
 */
export function encodeRecord(record: FotaRecord): string {
  if (record.journal !== undefined) {
    const text = encoded(record, record.quarantined.length);
    if (text.length <= MAX_RECORD_LENGTH) return text;
  }
  const { quarantined } = record;
  for (let keep = quarantined.length; ; keep--) {
    const text = encoded({ ...record, journal: undefined }, keep);
    if (text.length <= MAX_RECORD_LENGTH || keep === 0) return text;
  }
}

/** `keep`: how many quarantined images, the latest. */
function encoded(record: FotaRecord, keep: number): string {
  const { phase, job, terminal, quarantined, enforced, bill, journal } = record;
  return JSON.stringify({
    v: FORMAT,
    phase,
    job: job === undefined ? undefined : { ...job, patch: job.patch && { ...job.patch } },
    terminal: terminal === undefined ? undefined : { ...terminal, details: { ...terminal.details } },
    quarantined: quarantined.slice(quarantined.length - keep).map((image) => ({ ...image })),
    enforced: enforced.length === 0 ? undefined : [...enforced],
    // What is 0 is left out: the record of a device at rest stays as earlier firmware wrote it.
    bill: {
      ...bill,
      seconds: bill.seconds || undefined,
      retries: bill.retries || undefined,
      reconnects: bill.reconnects || undefined,
    },
    journal,
  });
}

type Members = Readonly<Record<string, unknown>>;

function damaged(path: string): FotaError {
  return new FotaError("record-damaged", path);
}

function membersOf(value: unknown, path: string): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw damaged(path);
  return { ...value };
}

function textOf(value: unknown, path: string): string {
  if (typeof value !== "string" || value === "" || value.length > MAX_TEXT) throw damaged(path);
  return value;
}

function countOf(value: unknown, path: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw damaged(path);
  return value;
}

function optional<T>(value: unknown, path: string, read: (value: unknown, path: string) => T): T | undefined {
  return value === undefined ? undefined : read(value, path);
}

function digestOf(value: unknown, path: string): string {
  const text = textOf(value, path);
  if (!/^[0-9a-f]{64}$/.test(text)) throw damaged(path);
  return text;
}

function patchOf(value: unknown): AppliedPatch {
  const patch = membersOf(value, "patch");
  const base = patch.base === "" ? "" : digestOf(patch.base, "patch");
  return { base, at: countOf(patch.at, "patch"), from: countOf(patch.from, "patch") };
}

function jobOf(value: unknown): JobRecord {
  const job = membersOf(value, "job");
  return {
    jobId: textOf(job.jobId, "jobId"),
    executionNumber: countOf(job.executionNumber, "executionNumber"),
    queuedAt: optional(job.queuedAt, "queuedAt", countOf),
    from: textOf(job.from, "from"),
    to: optional(job.to, "to", textOf),
    slot: textOf(job.slot, "slot"),
    size: optional(job.size, "size", countOf),
    etag: optional(job.etag, "etag", textOf),
    digest: optional(job.digest, "digest", digestOf),
    offset: countOf(job.offset, "offset"),
    erasedTo: optional(job.erasedTo, "erasedTo", countOf),
    patch: optional(job.patch, "patch", patchOf),
    unpatched: optional(job.unpatched, "unpatched", textOf),
    attempts: countOf(job.attempts, "attempts"),
    selfTest: optional(job.selfTest, "selfTest", textOf),
  };
}

function terminalOf(value: unknown): TerminalRecord {
  const terminal = membersOf(value, "terminal");
  const status = TERMINAL_STATUSES.find((name) => name === terminal.status);
  if (status === undefined) throw damaged("status");
  const details: Record<string, string> = {};
  for (const [key, detail] of Object.entries(membersOf(terminal.details, "details")))
    details[key] = textOf(detail, "details");
  return { status, details };
}

function quarantinedOf(value: unknown): readonly QuarantinedImage[] {
  if (!Array.isArray(value) || value.length > MAX_QUARANTINED) throw damaged("quarantined");
  return value.map((item: unknown) => {
    const image = membersOf(item, "quarantined");
    return {
      digest: digestOf(image.digest, "quarantined"),
      size: countOf(image.size, "quarantined"),
      etag: optional(image.etag, "etag", textOf),
    };
  });
}

function enforcedOf(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length > MAX_SIGNING_KEYS) throw damaged("enforced");
  return value.map((item: unknown) => {
    if (typeof item !== "string" || !isKeyId(item)) throw damaged("enforced");
    return item;
  });
}

function billOf(value: unknown): Bill {
  const bill = membersOf(value, "bill");
  return {
    bytes: countOf(bill.bytes, "bill"),
    requests: countOf(bill.requests, "bill"),
    erases: countOf(bill.erases, "bill"),
    stores: countOf(bill.stores, "bill"),
    // Records of an older firmware have none of these.
    seconds: optional(bill.seconds, "bill", countOf) ?? 0,
    retries: optional(bill.retries, "bill", countOf) ?? 0,
    reconnects: optional(bill.reconnects, "bill", countOf) ?? 0,
    memory: optional(bill.memory, "bill", countOf),
  };
}

/**
 * @param text what the store returned
 * @throws FotaError "record-damaged" with the member that is wrong; the caller goes on with an empty record
 */
export function decodeRecord(text: unknown): FotaRecord {
  if (text === undefined) return emptyRecord();
  if (typeof text !== "string") throw damaged("not a string");
  const parsed = parseJson(text);
  if (parsed === undefined) throw damaged("not JSON");
  const record = membersOf(parsed.value, "not an object");
  if (record.v !== FORMAT) throw damaged("unknown format");
  const phase = record.phase === undefined ? undefined : PHASES.find((name) => name === record.phase);
  if (record.phase !== undefined && phase === undefined) throw damaged("phase");
  if ((phase === undefined) !== (record.job === undefined)) throw damaged("phase without job");
  if ((phase === "reporting") !== (record.terminal !== undefined)) throw damaged("terminal");
  return {
    phase,
    job: optional(record.job, "job", jobOf),
    terminal: optional(record.terminal, "terminal", terminalOf),
    quarantined: quarantinedOf(record.quarantined),
    enforced: optional(record.enforced, "enforced", enforcedOf) ?? [],
    bill: billOf(record.bill),
    journal: typeof record.journal === "string" ? record.journal : undefined,
  };
}

import { isStatusKey, MAX_STATUS_PAIRS, MAX_STATUS_VALUE_LENGTH, type StatusDetails } from "../aws-jobs/index.js";

export type { StatusDetails } from "../aws-jobs/index.js";

const MAX_LOOKED_AT = 512; // a regular expression over a long URL costs memory for each character

export type DetailValue = string | number | undefined;

/**
 * What an update has cost so far. Survives the restart in the record; of what came after the last store before a power
 * cut it knows only the bytes that are on flash.
 */
export type Bill = {
  /** Body bytes received, those fetched twice included. */
  readonly bytes: number;
  /** HTTP requests that went out. */
  readonly requests: number;
  /** Flash erased, 4096-byte units. */
  readonly erases: number;
  /** Writes of the record. */
  readonly stores: number;
  /** Time with the job while the device was on, seconds. */
  readonly seconds: number;
  /** HTTP requests that were repeated, or tried and did not go out. */
  readonly retries: number;
  /** Connections to AWS IoT that were lost and came back. */
  readonly reconnects: number;
  /** Lowest free memory meanwhile, bytes; undefined where the platform does not tell. */
  readonly memory?: number | undefined;
};

/** What a download costs. */
export type Cost = Pick<Bill, "bytes" | "requests" | "erases" | "retries">;

export const EMPTY_BILL: Bill = Object.freeze({
  bytes: 0,
  requests: 0,
  erases: 0,
  stores: 0,
  seconds: 0,
  retries: 0,
  reconnects: 0,
});

export function addCost(bill: Bill, { bytes, requests, erases, retries }: Cost): Bill {
  return {
    ...bill,
    bytes: bill.bytes + bytes,
    requests: bill.requests + requests,
    erases: bill.erases + erases,
    retries: bill.retries + retries,
  };
}

/** `name=value` of each that is not 0, with spaces between them; undefined when all are. */
function named(values: Readonly<Record<string, number | undefined>>): string | undefined {
  const parts = Object.entries(values).flatMap(([name, value]) => (value ? [`${name}=${value}`] : []));
  return parts.length === 0 ? undefined : parts.join(" ");
}

/** A bill as pairs: the four that fleets are counted by, and the others in one. */
function billPairs({ bytes, requests, erases, stores, ...others }: Bill): Readonly<Record<string, DetailValue>> {
  return { bytes, requests, erases, stores, cost: named(others) };
}

/** Where ten pairs are not enough, two of the bill's go in with the others of it. */
function folded(pairs: Readonly<Record<string, DetailValue>>): Readonly<Record<string, DetailValue>> {
  const count = Object.values(pairs).filter((value) => value !== undefined).length;
  if (count <= MAX_STATUS_PAIRS) return pairs;
  const { erases, stores, cost, ...others } = pairs;
  const parts = [cost, erases && `erases=${erases}`, stores && `stores=${stores}`].filter((part) => part);
  return { ...others, cost: parts.length === 0 ? undefined : parts.join(" ") };
}

/**
 * Fit for statusDetails, a trace or an event: one line of printable ASCII, 1..128 characters, URLs cut down to scheme
 * and host, because path and query of a presigned URL are secrets (design rule R11).
 */
export function safeText(text: string): string {
  const withoutUrls = text
    .slice(0, MAX_LOOKED_AT)
    .replace(/([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#@]*@)?([^\s/?#]*)[^\s]*/gi, "$1$2")
    .replace(/\S*X-Amz-\S*/gi, "[presigned]")
    .replace(/-----BEGIN[\s\S]*/g, "[key]");
  const printable = withoutUrls.replace(/[^\x20-\x7e]+/g, " ").trim();
  return printable === "" ? "-" : printable.slice(0, MAX_STATUS_VALUE_LENGTH);
}

/**
 * Makes a map that the service takes, whatever goes in: undefined values and bad keys are left out, the first ten pairs
 * stay.
 */
export function statusDetails(pairs: Readonly<Record<string, DetailValue>>): StatusDetails {
  const details: Record<string, string> = {};
  let count = 0;
  for (const [key, value] of Object.entries(pairs)) {
    if (value === undefined || !isStatusKey(key) || count === MAX_STATUS_PAIRS) continue;
    details[key] = safeText(String(value));
    count += 1;
  }
  return details;
}

/** Whole per cent, never 100 before all is there. */
export function percent(done: number, total: number): string {
  return `${total > 0 ? Math.min(100, Math.floor((done * 100) / total)) : 0}%`;
}

/**
 * Both versions of an update; `to` is unknown until the image's first bytes are there when the document does not name
 * it.
 */
export type VersionPair = { readonly from: string; readonly to: string | undefined };

/** While the job is IN_PROGRESS. `rollback` says "off" when the bootloader cannot return to the old image. */
export function progressDetails(
  state: string,
  { from, to }: VersionPair,
  extra: {
    readonly progress?: string | undefined;
    readonly rollback?: string | undefined;
    readonly reason?: string | undefined;
  } = {},
): StatusDetails {
  return statusDetails({ state, progress: extra.progress, from, to, rollback: extra.rollback, reason: extra.reason });
}

/**
 * For SUCCEEDED: what runs now and what it cost. `patch`: "applied", or the code for which one was given up; undefined
 * when none was tried.
 */
export function successDetails(
  { from, to }: VersionPair,
  slot: string,
  bill: Bill,
  { rollback, patch }: { readonly rollback?: string | undefined; readonly patch?: string | undefined } = {},
): StatusDetails {
  return statusDetails(folded({ state: "confirmed", from, to, slot, ...billPairs(bill), rollback, patch }));
}

/** For FAILED and REJECTED. `reset` and `selfTest` are the post-mortem of a first boot that did not end well. */
export function failureDetails(
  code: string,
  detail: string,
  versions: { readonly from: string; readonly to?: string | undefined },
  extra: {
    readonly reset?: string | undefined;
    readonly selfTest?: string | undefined;
    /** The last events of the device, in short. */
    readonly log?: string | undefined;
    readonly bill?: Bill | undefined;
  } = {},
): StatusDetails {
  const { bill, ...told } = extra;
  const pairs = { code, detail: detail === "" ? undefined : detail, ...versions, ...told };
  return withDetails(pairs, bill === undefined ? {} : billPairs(bill));
}

/** Details with further pairs, as many as there is room for. */
export function withDetails(
  details: Readonly<Record<string, DetailValue>>,
  more: Readonly<Record<string, DetailValue>>,
): StatusDetails {
  return statusDetails(folded({ ...details, ...more }));
}

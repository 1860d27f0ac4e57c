import { type BackoffBounds, backoffDelay } from "../foundation/backoff.js";
import { FOTA_DOWNLOAD_RETRY, type FotaDownloadErrorCode } from "./errors.js";

export type RetryState = BackoffBounds & {
  /** Failures since the last real progress, the present one included. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Bytes came since the failure before. */
  readonly gotOn?: boolean | undefined;
  /** What the server asked for, ms. */
  readonly retryAfterMs?: number | undefined;
};

export type RetryDecision =
  | { readonly kind: "retry"; readonly delayMs: number }
  /** The failure itself is the result. */
  | { readonly kind: "fail" }
  /** The failure could pass, but did not in the attempts allowed. */
  | { readonly kind: "exhausted" };

const MAX_BAD_RESPONSES = 3; // what a proxy did once passes; a server that does not speak HTTP properly stays as it is
/**
 * Share of the usual pause before a request is repeated whose connection broke after it had brought something: server
 * and line were well a moment ago. Not none, for a fleet whose connections all break at once.
 */
const BROKEN_SHARE = 1 / 8;
const MAX_RETRY_AFTER_MS = 900_000;

/** @param random [0, 1) */
export function decideRetry(code: FotaDownloadErrorCode, state: RetryState, random: number): RetryDecision {
  if (!FOTA_DOWNLOAD_RETRY[code].repeatable) return { kind: "fail" };
  if (code === "bad-response" && state.attempts >= Math.min(MAX_BAD_RESPONSES, state.maxAttempts))
    return { kind: "fail" };
  if (state.attempts >= state.maxAttempts) return { kind: "exhausted" };
  const isBroken = code === "disconnected" && state.gotOn === true && state.attempts === 1;
  const pause = backoffDelay(state, state.attempts - 1, random);
  const spread = isBroken ? Math.floor(pause * BROKEN_SHARE) : pause;
  // A fleet told to come back after n seconds must not come back all at once, so the spread is added to what was asked.
  return { kind: "retry", delayMs: Math.min(state.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS) + spread };
}

/**
 * Retry-After in milliseconds: seconds, or an HTTP date measured against the response's own Date where there is
 * one, because the device's clock may be wrong. Undefined when it says nothing useful. [RFC 9110 10.2.3]
 */
export function retryAfter(value: string | undefined, date: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const until = httpDate(value);
  if (until === undefined) return undefined;
  return Math.max(0, until - (httpDate(date ?? "") ?? now));
}

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/**
 * `Sun, 06 Nov 1994 08:49:37 GMT`, and the two older forms that a client has to read as well: `Sunday, 06-Nov-94
 * 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. Date.parse would depend on the engine. [RFC 9110 5.6.7]
 */
function httpDate(text: string): number | undefined {
  const asctime = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4})$/.exec(text);
  if (asctime !== null) return utc(asctime[4], asctime[1], asctime[2], asctime[3]);
  const match = /^[A-Z][a-z]{2,8}, (\d\d)[ -]([A-Z][a-z]{2})[ -](\d{4}|\d\d) (\d\d:\d\d:\d\d) GMT$/.exec(text);
  return match === null ? undefined : utc(match[3], match[2], match[1], match[4]);
}

function utc(year = "", month = "", day = "", time = ""): number | undefined {
  const index = MONTHS.indexOf(month);
  if (index < 0 || index % 3 !== 0) return undefined;
  const [hour, minute, second] = time.split(":").map(Number);
  return Date.UTC(Number(year) + (year.length === 2 ? 2000 : 0), index / 3, Number(day), hour, minute, second);
}

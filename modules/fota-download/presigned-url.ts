/** When a presigned URL was signed and for how long, as its own query says. [AWS SigV4: query parameters] */
export type PresignedLifetime = {
  /** Milliseconds since 1970, by the signer's clock. */
  readonly signedAt: number;
  /** Milliseconds. */
  readonly lifetime: number;
};

const MAX_EXPIRES_SECONDS = 604_800; // SigV4 limit, 7 days
const MARGIN_MS = 5_000; // a request takes a while to reach the server
const CLOCK_SKEW_MS = 300_000;

/** Searched in place: a session token in the same query is longer than a kilobyte. */
function queryValue(target: string, name: string): string | undefined {
  const key = `${name}=`;
  for (let at = target.indexOf(key, 1); at > 0; at = target.indexOf(key, at + 1)) {
    const before = target.charAt(at - 1);
    if (before !== "?" && before !== "&") continue;
    const end = target.indexOf("&", at);
    return target.slice(at + key.length, end < 0 ? undefined : end);
  }
  return undefined;
}

/** Reads X-Amz-Date and X-Amz-Expires; undefined for a URL without them or with values that make no sense. */
export function presignedLifetime(target: string): PresignedLifetime | undefined {
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(queryValue(target, "X-Amz-Date") ?? "");
  const expires = queryValue(target, "X-Amz-Expires") ?? "";
  if (date === null || !/^\d{1,6}$/.test(expires)) return undefined;
  const [year, month, day, hour, minute, second] = date.slice(1).map(Number);
  if (year === undefined || month === undefined || month < 1 || month > 12) return undefined;
  const signedAt = Date.UTC(year, month - 1, day, hour, minute, second);
  const seconds = Number(expires);
  if (!Number.isFinite(signedAt) || seconds < 1 || seconds > MAX_EXPIRES_SECONDS) return undefined;
  return { signedAt, lifetime: seconds * 1000 };
}

/**
 * Whether a request sent now would come too late.
 *
 * AWS IoT signs a URL whenever it sends a job document, so the time since arrival says when it expires, whatever the
 * device's clock shows. The clock is asked as well (the URL may have been under way for a while), but only when it made
 * sense at arrival: a clock that calls a URL which has just arrived expired, or not signed yet, is wrong.
 * @param age milliseconds since the URL arrived, monotonic
 * @param now milliseconds since 1970, possibly wrong
 */
export function hasExpired(signed: PresignedLifetime, age: number, now: number): boolean {
  if (age + MARGIN_MS >= signed.lifetime) return true;
  const end = signed.signedAt + signed.lifetime;
  const arrival = now - age;
  if (arrival < signed.signedAt - CLOCK_SKEW_MS || arrival + MARGIN_MS >= end) return false;
  return now + MARGIN_MS >= end;
}

/** What one request asks for. */
export type AskedRange = {
  readonly start: number;
  /** Last byte wanted, inclusive; undefined = to the end of the content. */
  readonly end: number | undefined;
  /** Strong entity tag the content must still have. */
  readonly ifMatch: string | undefined;
};

export type RangePlanState = {
  readonly offset: number;
  readonly size: number | undefined;
  readonly rangeLength: number | undefined;
  readonly etag: string | undefined;
};

/**
 * The next request. An open range by default: one request and one handshake for an image, and TCP gives the
 * back-pressure. The entity tag pins the content from the second byte on: a server whose content changed answers 412
 * instead of bytes that do not belong together. [RFC 9110 13.1.1, S3 GetObject: If-Match]
 */
export function planRange(state: RangePlanState): AskedRange {
  const { offset, size, rangeLength, etag } = state;
  const last = rangeLength === undefined ? undefined : offset + rangeLength - 1;
  // A range that reaches the end is asked openly: should the content be longer than expected, the answer shows it.
  const end = last !== undefined && (size === undefined || last < size - 1) ? last : undefined;
  return { start: offset, end, ifMatch: offset > 0 && etag !== undefined && isStrong(etag) ? etag : undefined };
}

/** A weak tag never satisfies If-Match and does not promise equal bytes. [RFC 9110 8.8.1] */
export function isStrong(etag: string): boolean {
  return etag.startsWith('"');
}

export function rangeHeaders(asked: AskedRange): Map<string, string> {
  const headers = new Map([["range", `bytes=${asked.start}-${asked.end ?? ""}`]]);
  if (asked.ifMatch !== undefined) headers.set("if-match", asked.ifMatch);
  return headers;
}

/**
 * Whether the next request needs a new connection: the server announced that it closes this one, or it is about to
 * (S3 closes after 100 requests).
 */
export function needsNewConnection(requestsSent: number, limit: number, closeAnnounced: boolean): boolean {
  return closeAnnounced || requestsSent >= limit;
}

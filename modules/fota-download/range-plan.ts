/** What one request asks for. */
export type AskedRange = {
  readonly start: number;
  /** Last byte wanted, inclusive; undefined = to the end of the content. */
  readonly end: number | undefined;
  /** Strong entity tag the content must still have. */
  readonly ifMatch: string | undefined;
  /** No range is named: the server cannot deal with one. What lies before `start` is passed over. */
  readonly whole?: boolean;
};

export type RangePlanState = {
  readonly offset: number;
  readonly size: number | undefined;
  readonly rangeLength: number | undefined;
  readonly etag: string | undefined;
  readonly whole?: boolean;
};

/**
 * The next request. An open range by default: one request and one handshake for an image, and TCP gives the
 * back-pressure. The entity tag pins the content from the second byte on: a server whose content changed answers 412
 * instead of bytes that do not belong together. [RFC 9110 13.1.1, S3 GetObject: If-Match]
 */
export function planRange(state: RangePlanState): AskedRange {
  const { offset, size, rangeLength, etag, whole = false } = state;
  const last = rangeLength === undefined || whole ? undefined : offset + rangeLength - 1;
  // A range that reaches the end is asked openly: should the content be longer than expected, the answer shows it.
  const end = last !== undefined && (size === undefined || last < size - 1) ? last : undefined;
  return { start: offset, end, ifMatch: offset > 0 && etag !== undefined && isStrong(etag) ? etag : undefined, whole };
}

/** A weak tag never satisfies If-Match and does not promise equal bytes. [RFC 9110 8.8.1] */
export function isStrong(etag: string): boolean {
  return etag.startsWith('"');
}

export function rangeHeaders(asked: AskedRange): Map<string, string> {
  // Without it a server may choose any coding. [RFC 9110 12.5.3]
  const headers = new Map([["accept-encoding", "identity"]]);
  if (asked.whole !== true) headers.set("range", `bytes=${asked.start}-${asked.end ?? ""}`);
  if (asked.ifMatch !== undefined) headers.set("if-match", asked.ifMatch);
  return headers;
}

/** One HTTP request as the services see it: nothing in it is decoded, because signatures are over the text as sent. */
export interface CloudRequest {
  readonly method: string;
  /** Path as sent, percent-encoded, beginning with `/`. */
  readonly path: string;
  /** Query as sent, without `?`; empty when there is none. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The Host header, with its port as sent. */
export function hostOf(request: CloudRequest): string {
  return request.headers.host ?? "";
}

/** Percent-decodes `text`; text with a broken escape comes back as it is. */
export function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Name-value pairs of a raw query, decoded. A name without `=` has the value "". */
export function queryPairs(query: string): [name: string, value: string][] {
  if (query === "") return [];
  return query.split("&").map((part) => {
    const at = part.indexOf("=");
    return at < 0 ? [percentDecode(part), ""] : [percentDecode(part.slice(0, at)), percentDecode(part.slice(at + 1))];
  });
}

/** The first value of each name of a raw query. */
export function queryMap(query: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of queryPairs(query)) if (!map.has(name)) map.set(name, value);
  return map;
}

/** Splits a request target into path and query. */
export function splitTarget(target: string): { path: string; query: string } {
  const at = target.indexOf("?");
  return at < 0 ? { path: target, query: "" } : { path: target.slice(0, at), query: target.slice(at + 1) };
}

/** Bytes of a response body, read piece by piece so that a large object is never held in memory. */
export interface ByteSource {
  readonly length: number;
  /** Bytes `start` up to, not including, `end`. */
  read(start: number, end: number): Uint8Array;
  close(): void;
}

export interface CloudResponse {
  readonly status: number;
  /** Lower-case names. Without `content-length` the body's length counts. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ByteSource;
  /** Send the body with `Transfer-Encoding: chunked`. */
  readonly chunked?: boolean;
}

export function bytesSource(bytes: Uint8Array): ByteSource {
  return { length: bytes.length, read: (start, end) => bytes.subarray(start, end), close: () => {} };
}

export function textSource(text: string): ByteSource {
  return bytesSource(Buffer.from(text, "utf8"));
}

/** The part `start` to `end` of another source; closing it closes that one. */
export function partSource(source: ByteSource, start: number, end: number): ByteSource {
  return {
    length: end - start,
    read: (from, to) => source.read(start + from, start + to),
    close: () => source.close(),
  };
}

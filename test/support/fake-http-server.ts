/** What a server does with one request. Everything is a virtual-time event on the fake sockets. */
export type FakeReply = {
  /** Default 206. */
  status?: number;
  headers?: Record<string, string>;
  body?: Uint8Array;
  /** How the body's end is marked. Default "length" (Content-Length is added unless given). */
  framing?: "length" | "chunked" | "close";
  /** Sizes of the network pieces; the last one repeats. Default 1000. */
  pieces?: readonly number[];
  /** Before the headers, ms. Default 10. */
  delay?: number;
  /** Between pieces, ms. Default 1. */
  interval?: number;
  /**
   * Instead of the headers: `cut` = connection lost, `silent` = nothing ever, `garbage` = the client notices a bad response and its parser throws
   * after that, `parser-exception` = an exception inside the socket callback (as with guarded TCP).
   */
  instead?: "cut" | "silent" | "garbage" | "parser-exception";
  /** Connection lost after so many body bytes. */
  cutAfter?: number;
  /** Nothing more is sent after so many body bytes, the connection stays. */
  stallAfter?: number;
  /** Chunked only: a trailer field follows. A client that gets to see it throws in a timer, which nothing survives. */
  trailer?: boolean;
  /** The server ends the connection after the response. */
  finAfter?: boolean;
  /** For status 100, 304 without length and the like: the client never reports the end. */
  endless?: boolean;
};

/** A request as it arrived. */
export type FakeRequest = {
  readonly scheme: "http" | "https";
  /** TCP port. */
  readonly port: number;
  /** The Host header the client makes of its `host`. */
  readonly hostHeader: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Connections are numbered from 1. */
  readonly connection: number;
  /** 1 for the first request on its connection. */
  readonly nth: number;
};

export type FakeHandler = (request: FakeRequest, count: number) => FakeReply;

/** How connecting ends. `tls` = an exception in the handshake, `tls-closed` = the peer closes within it, `constructor` = the socket class throws. */
export type ConnectResult = "ok" | "dns" | "dns-silent" | "refused" | "silent" | "tls" | "tls-closed" | "constructor";

/** `length` bytes that differ everywhere. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** [0, 1), the same sequence for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Answers like S3: ranges, If-Match, ETag. */
export function serveRange(content: Uint8Array, request: FakeRequest, etag?: string): FakeReply {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  const tag: Record<string, string> = etag === undefined ? {} : { etag };
  const pinned = request.headers.get("if-match");
  if (pinned !== undefined && pinned !== etag) return { status: 412, body: new Uint8Array(10) };
  if (match === null) return { status: 200, headers: tag, body: content };
  const start = Number(match[1]);
  const end = Math.min(match[2] === "" ? content.length - 1 : Number(match[2]), content.length - 1);
  if (start >= content.length) return { status: 416, headers: { "content-range": `bytes */${content.length}` } };
  return {
    status: 206,
    headers: { ...tag, "content-range": `bytes ${start}-${end}/${content.length}` },
    body: content.subarray(start, end + 1),
  };
}

import type { PeerConnection } from "../../host-sim/board/network/index.js";

/** What a server does with one request. */
export type FakeReply = {
  /** Default 206. */
  status?: number;
  headers?: Record<string, string>;
  body?: Uint8Array;
  /** How the body's end is marked. Default "length" (Content-Length is added unless given). */
  framing?: "length" | "chunked" | "close";
  /** Sizes of the pieces sent, each of them a segment, a TLS record and a chunk; the last one repeats. Default 1000. */
  pieces?: readonly number[];
  /** Before the headers, ms. Default 10. */
  delay?: number;
  /** Between pieces, ms. Default 1. */
  interval?: number;
  /**
   * Instead of the answer: `cut` = connection lost, `silent` = nothing ever, `garbage` = bytes that are no HTTP,
   * `bad-chunk` = a head, and behind it no chunk.
   */
  instead?: "cut" | "silent" | "garbage" | "bad-chunk";
  /** Connection lost after so many body bytes. */
  cutAfter?: number;
  /** Nothing more is sent after so many body bytes, the connection stays. */
  stallAfter?: number;
  /** Chunked only: a trailer field follows, in the last chunk's segment. */
  trailer?: boolean;
  /** The server ends the connection after the response. */
  finAfter?: boolean;
  /** Nothing follows the body, and the connection stays. */
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

/**
 * How connecting ends. `tls` = an exception in the handshake, `tls-closed` = the peer closes within it, `constructor` =
 * the socket class throws.
 */
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

const EMPTY = new Uint8Array(0);
const DEFAULT_DELAY_MS = 10;
const BAD_CHUNK =
  "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-9/10\r\ntransfer-encoding: chunked\r\n\r\nx\r\n\r\n";

type After = (ms: number, action: () => void) => void;

/** Serves one connection: `onRequest` is told of each request and says what becomes of it. */
export function serveHttp(
  peer: PeerConnection,
  after: After,
  onRequest: (request: Pick<FakeRequest, "path" | "headers" | "hostHeader" | "nth">) => FakeReply,
): void {
  let received = "";
  let nth = 0;
  let open = true;
  const later: After = (ms, action) => after(ms, () => void (open && action()));
  peer.onEnd = () => {
    open = false;
  };
  peer.onData = (bytes) => {
    received += Buffer.from(bytes).toString("latin1");
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const [first = "", ...lines] = received.slice(0, end).split("\r\n");
    received = received.slice(end + 4);
    const fields = lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    const headers = new Map(fields);
    const hostHeader = headers.get("host") ?? "";
    headers.delete("host");
    nth += 1;
    const reply = onRequest({ path: first.split(" ")[1] ?? "", headers, hostHeader, nth });
    later(reply.delay ?? DEFAULT_DELAY_MS, () => answer(peer, later, reply));
  };
}

function answer(peer: PeerConnection, later: After, reply: FakeReply): void {
  const send = (text: string) => peer.write(Buffer.from(text, "latin1"));
  if (reply.instead === "silent") return;
  if (reply.instead === "cut") peer.end();
  else if (reply.instead === "garbage") send("SSH-2.0-OpenSSH_9.6\r\n");
  else if (reply.instead === "bad-chunk") send(BAD_CHUNK);
  else {
    send(responseHead(reply));
    if (reply.body !== undefined && reply.body.length > 0) sendBody(peer, later, reply, reply.body, 0, 0);
    else bodySent(peer, later, reply, EMPTY);
  }
}

function responseHead({ status = 206, headers = {}, framing = "length", body = EMPTY }: FakeReply): string {
  const sent = new Map(Object.entries(headers));
  if (framing === "chunked") sent.set("transfer-encoding", "chunked");
  else if (framing === "length" && !sent.has("content-length")) sent.set("content-length", String(body.length));
  const lines = [`HTTP/1.1 ${status} Some Reason`, ...[...sent].map(([name, value]) => `${name}: ${value}`)];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function sendBody(
  peer: PeerConnection,
  later: After,
  reply: FakeReply,
  body: Uint8Array,
  at: number,
  nth: number,
): void {
  const { pieces = [1000], interval = 1, framing, cutAfter = Infinity, stallAfter = Infinity } = reply;
  if (at >= stallAfter) return;
  if (at >= cutAfter) {
    peer.end();
    return;
  }
  const wanted = Math.max(1, pieces[Math.min(nth, pieces.length - 1)] ?? 1000);
  const end = Math.min(body.length, at + wanted, cutAfter, stallAfter);
  later(interval, () => {
    const piece = framing === "chunked" ? chunk(body.subarray(at, end)) : body.subarray(at, end);
    if (end < body.length) {
      peer.write(piece);
      sendBody(peer, later, reply, body, end, nth + 1);
    } else bodySent(peer, later, reply, piece);
  });
}

function bodySent(peer: PeerConnection, later: After, reply: FakeReply, last: Uint8Array): void {
  const { framing, trailer, finAfter, endless } = reply;
  const ending = framing === "chunked" && !endless ? `0\r\n${trailer ? "x-sum: 1\r\n" : ""}\r\n` : "";
  peer.write(Buffer.concat([last, Buffer.from(ending, "latin1")]));
  if (endless) return;
  if (framing === "close") peer.end();
  if (finAfter) later(1, () => peer.end());
}

function chunk(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`, "latin1"),
    bytes,
    Buffer.from("\r\n", "latin1"),
  ]);
}

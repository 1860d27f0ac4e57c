import assert from "node:assert/strict";
import { RAW_URL, type RawReply, type RawRequest, rawServer } from "./raw-server.js";
import type { Scenario, ScenarioOptions } from "./scenario.js";
import { SECOND } from "./scenario.js";

/** One construct of HTTP and what the device makes of it: a row of docs/faults.md and a scenario. */
export type GrammarCase = {
  /** In the words of the document. */
  readonly construct: string;
  /** Where it is defined, or what a client is to do with it. */
  readonly rfc: string;
  readonly reaction: string;
  /** Traced; "-": nothing is. */
  readonly code: string;
  readonly ends?: "FAILED" | "REJECTED";
  readonly options?: ScenarioOptions;
  /** Length in the document. Default: the image's. */
  readonly unsized?: true;
  answer(request: RawRequest, reply: RawReply, image: Uint8Array): void;
  readonly check?: (run: Scenario, requests: readonly RawRequest[]) => void;
};

const ETAG = '"raw-1"';
const RANGED: ScenarioOptions = { config: { rangeLength: 131_072 } };

/** The part that was asked for. */
function part({ start, end }: RawRequest, image: Uint8Array): { bytes: Uint8Array; range: string } {
  const last = Math.min(end ?? image.length - 1, image.length - 1);
  return { bytes: image.subarray(start, last + 1), range: `${start}-${last}/${image.length}` };
}

/** A 206 whose head is `fields`, in which LENGTH and RANGE stand for the right values. */
const head =
  (fields: string, status = "HTTP/1.1 206 Partial Content\r\n") =>
  (request: RawRequest, reply: RawReply, image: Uint8Array) => {
    const { bytes, range } = part(request, image);
    reply.text(`${status}${fields.replaceAll("LENGTH", String(bytes.length)).replaceAll("RANGE", range)}`);
    reply.bytes(bytes);
  };

/** `before` at the first request, a flawless answer at all others. */
const once =
  (first: GrammarCase["answer"]): GrammarCase["answer"] =>
  (request, reply, image) => {
    if (request.number === 0) first(request, reply, image);
    else reply.serve(image);
  };

/** A 206 in chunks of 10,000 bytes. */
const chunked =
  ({ fields = "", coding = "chunked", size = (n: number) => n.toString(16), end = "0\r\n\r\n" } = {}) =>
  (request: RawRequest, reply: RawReply, image: Uint8Array) => {
    const { bytes, range } = part(request, image);
    reply.text(`HTTP/1.1 206 x\r\nTransfer-Encoding: ${coding}\r\nContent-Range: bytes ${range}\r\n${fields}\r\n`);
    for (let at = 0; at < bytes.length; at += 10_000) {
      const piece = bytes.subarray(at, at + 10_000);
      reply.text(`${size(piece.length)}\r\n`);
      reply.bytes(piece);
      reply.text("\r\n");
    }
    reply.text(end);
  };

const PLAIN = "Content-Range: bytes RANGE\r\nContent-Length: LENGTH\r\n\r\n";

const oneRequest = (_: Scenario, requests: readonly RawRequest[]) => assert.equal(requests.length, 1);
const oneConnection = (_: Scenario, requests: readonly RawRequest[]) =>
  assert.deepEqual(
    requests.map(({ ofConnection }) => ofConnection),
    [0, 1, 2],
  );
const connectionEach = (run: Scenario, requests: readonly RawRequest[]) => {
  assert.deepEqual(
    requests.map(({ ofConnection }) => ofConnection),
    [0, 0, 0],
  );
  assert.equal(run.details().requests, String(requests.length), "no request is made in vain");
};
const retriedOnce = (_: Scenario, requests: readonly RawRequest[]) => assert.equal(requests.length, 2);

const moved =
  (location: string, target: string, status = "301 Moved"): GrammarCase["answer"] =>
  (request, reply, image) => {
    if (request.path === target) reply.serve(image);
    else if (request.path !== "/firmware/image.bin") reply.text("HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n");
    else reply.text(`HTTP/1.1 ${status}\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);
  };

export const GRAMMAR_CASES: readonly GrammarCase[] = Object.freeze([
  ...["100 Continue", "102 Processing", "103 Early Hints\r\nLink: </x>; rel=preload\r\nContent-Length: 5"].map(
    (interim): GrammarCase => ({
      construct: `interim answer ${interim.slice(0, 3)} before the final one`,
      rfc: "9110 15.2",
      reaction: "passed over, with its fields",
      code: "-",
      answer: (_, reply, image) => {
        reply.text(`HTTP/1.1 ${interim}\r\n\r\n`);
        reply.serve(image);
      },
      check: oneRequest,
    }),
  ),
  {
    construct: "interim answers without end",
    rfc: "9110 15.2",
    reaction: "asks again after 64 KiB of them",
    code: "bad-response",
    answer: once((_, reply) => reply.text("HTTP/1.1 102 Processing\r\n\r\n".repeat(3000))),
    check: retriedOnce,
  },
  {
    construct: "101 Switching Protocols, which nobody asked for",
    rfc: "9110 15.2.2",
    reaction: "asks again",
    code: "bad-response",
    answer: once((_, reply) => reply.text("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")),
    check: retriedOnce,
  },
  {
    construct: "no reason phrase",
    rfc: "9112 4",
    reaction: "taken",
    code: "-",
    answer: head(PLAIN, "HTTP/1.1 206\r\n"),
    check: oneRequest,
  },
  {
    construct: "empty lines before the status line",
    rfc: "9112 2.2",
    reaction: "passed over",
    code: "-",
    answer: head(PLAIN, "\r\n\r\nHTTP/1.1 206 Partial Content\r\n"),
    check: oneRequest,
  },
  {
    construct: "lines that end with LF alone",
    rfc: "9112 2.2",
    reaction: "taken",
    code: "-",
    answer: head(PLAIN.replaceAll("\r", ""), "HTTP/1.1 206 Partial Content\n"),
    check: oneRequest,
  },
  {
    construct: "names and units in any case, spaces and tabs around values and before the colon",
    rfc: "9110 5.1, 9112 5.1",
    reaction: "taken",
    code: "-",
    answer: head("CONTENT-RANGE :\tBYTES  RANGE \r\ncontent-length:LENGTH\t\r\n\r\n"),
    check: oneRequest,
  },
  {
    construct: "a field folded over several lines",
    rfc: "9112 5.2",
    reaction: "put together",
    code: "-",
    answer: head(
      "Content-Range: bytes\r\n  RANGE\r\nX-Note: a\r\n\tContent-Length: 1\r\nContent-Length:\r\n LENGTH\r\n\r\n",
    ),
    check: oneRequest,
  },
  {
    construct: "a field repeated with the same value",
    rfc: "9110 5.3, 8.6",
    reaction: "counts once",
    code: "-",
    answer: head(`Content-Length: LENGTH\r\nContent-Length: LENGTH\r\nETag: ${ETAG}\r\nETag: ${ETAG}\r\n${PLAIN}`),
    check: oneRequest,
  },
  {
    construct: "Content-Length repeated with another value",
    rfc: "9112 6.3",
    reaction: "takes nothing of it and asks again",
    code: "bad-response",
    answer: once(head(`Content-Length: 12\r\n${PLAIN}`)),
    check: retriedOnce,
  },
  {
    construct: "a head of 40 KB",
    rfc: "9112 2.3, 9110 5.4",
    reaction: "what is not needed of it is not kept",
    code: "-",
    answer: head(`${`X-Policy: ${"a".repeat(990)}\r\n`.repeat(40)}${PLAIN}`),
    check: oneRequest,
  },
  {
    construct: "a head of more than 64 KiB",
    rfc: "9110 5.4",
    reaction: "asks again",
    code: "bad-response",
    answer: once(head(`${`X-Policy: ${"a".repeat(990)}\r\n`.repeat(70)}${PLAIN}`)),
    check: retriedOnce,
  },
  {
    construct: "`close` in the list of Connection",
    rfc: "9110 7.6.1, 9112 9.6",
    reaction: "the next range on a new connection, without a failure",
    code: "-",
    options: RANGED,
    answer: (_, reply, image) => {
      reply.serve(image, { headers: { connection: "close, Upgrade" } });
      reply.connection.end();
    },
    check: connectionEach,
  },
  {
    construct: "other members in the list of Connection",
    rfc: "9110 7.6.1",
    reaction: "the next range on the same connection",
    code: "-",
    options: RANGED,
    answer: (_, reply, image) => reply.serve(image, { headers: { connection: "Keep-Alive, Upgrade" } }),
    check: oneConnection,
  },
  {
    construct: "HTTP/1.0",
    rfc: "9112 9.3",
    reaction: "the next range on a new connection",
    code: "-",
    options: RANGED,
    answer: head(PLAIN, "HTTP/1.0 206 Partial Content\r\n"),
    check: connectionEach,
  },
  {
    construct: "HTTP/1.0 with `keep-alive`",
    rfc: "9112 9.3",
    reaction: "the next range on the same connection",
    code: "-",
    options: RANGED,
    answer: head(`Connection: keep-alive\r\n${PLAIN}`, "HTTP/1.0 206 Partial Content\r\n"),
    check: oneConnection,
  },
  {
    construct: "chunks, extensions behind their lengths, leading zeros",
    rfc: "9112 7.1",
    reaction: "taken, the next range on the same connection",
    code: "-",
    options: RANGED,
    answer: chunked({ size: (n) => `00${n.toString(16).toUpperCase()} ;name="a b"` }),
    check: oneConnection,
  },
  {
    construct: "trailer fields behind the last chunk",
    rfc: "9112 7.1.2",
    reaction: "passed over, the next range on the same connection",
    code: "-",
    options: RANGED,
    answer: chunked({ end: "0\r\nX-Checksum: abc\r\n folded\r\nContent-Length: 3\r\n\r\n" }),
    check: oneConnection,
  },
  {
    construct: "chunks and Content-Length",
    rfc: "9112 6.3",
    reaction: "the chunks count, the next range on a new connection",
    code: "-",
    options: RANGED,
    answer: chunked({ fields: "Content-Length: 77\r\n" }),
    check: connectionEach,
  },
  {
    construct: "a chunk without a length",
    rfc: "9112 7.1",
    reaction: "asks again at the byte where it ended",
    code: "bad-response",
    answer: once(chunked({ size: (n) => (n === 10_000 ? "2710" : "no") })),
    check: (_, requests) => assert.ok((requests[1]?.start ?? 0) >= 300_000),
  },
  {
    construct: "Transfer-Encoding other than `chunked`",
    rfc: "9112 6.1",
    reaction: "takes nothing of it and asks again",
    code: "bad-response",
    answer: once(chunked({ coding: "gzip, chunked" })),
    check: retriedOnce,
  },
  {
    construct: "Transfer-Encoding `identity` of older servers",
    rfc: "9112 7",
    reaction: "taken for none",
    code: "-",
    answer: head(`Transfer-Encoding: identity\r\n${PLAIN}`),
    check: oneRequest,
  },
  ...["identity", "aws-chunked", "AWS-Chunked, identity"].map(
    (coding): GrammarCase => ({
      construct: `Content-Encoding \`${coding}\` on bytes that fit`,
      rfc: "9110 8.4.1",
      reaction: "taken: it codes nothing",
      code: "-",
      answer: (_, reply, image) => reply.serve(image, { headers: { "content-encoding": coding } }),
      check: oneRequest,
    }),
  ),
  {
    construct: "Content-Encoding `aws-chunked` on bytes that are framed",
    rfc: "9110 8.4",
    reaction: "the first bytes are no image",
    code: "image-magic",
    ends: "REJECTED",
    unsized: true,
    answer: (_, reply, image) => {
      const framed = Buffer.concat([Buffer.from("51000;chunk-signature=0\r\n"), image]);
      reply.serve(framed, { headers: { "content-encoding": "aws-chunked" } });
    },
  },
  {
    construct: "206 without Content-Range to a request from byte 0",
    rfc: "9110 15.3.7",
    reaction: "taken when it has the length of the content",
    code: "-",
    answer: head("Content-Length: LENGTH\r\n\r\n"),
    check: oneRequest,
  },
  {
    construct: "206 without Content-Range and without a length in the document",
    rfc: "9110 15.3.7",
    reaction: "taken: its length is the content's",
    code: "-",
    unsized: true,
    answer: head("Content-Length: LENGTH\r\n\r\n"),
    check: oneRequest,
  },
  {
    construct: "206 without Content-Range to a range with an end",
    rfc: "9110 15.3.7",
    reaction: "taken when it has the length of the range",
    code: "-",
    options: RANGED,
    answer: head("Content-Length: LENGTH\r\n\r\n"),
    check: oneConnection,
  },
  {
    construct: "206 without Content-Range in mid-download, with all that was asked for",
    rfc: "9110 15.3.7",
    reaction: "taken when it has the length of what is missing",
    code: "disconnected",
    answer: (request, reply, image) => {
      head("Content-Length: LENGTH\r\n\r\n")(request, reply, request.number > 0 ? image : image.subarray(0));
      if (request.number === 0) reply.connection.reset();
    },
  },
  {
    construct: "206 without Content-Range and of another length",
    rfc: "9110 15.3.7",
    reaction: "asked again without a range, and never with one again",
    code: "bad-response",
    options: RANGED,
    answer: (request, reply, image) => {
      if (request.headers.range === undefined) reply.serve(image);
      else reply.text(`HTTP/1.1 206 x\r\nContent-Length: ${image.length}\r\n\r\n`);
    },
    check: (_, requests) => assert.deepEqual([requests.length, requests[1]?.headers.range], [2, undefined]),
  },
  {
    construct: "206 with several parts",
    rfc: "9110 14.6",
    reaction: "asked again without a range",
    code: "bad-response",
    answer: (request, reply, image) => {
      if (request.headers.range === undefined) reply.serve(image);
      else reply.serve(image, { headers: { "content-range": "", "content-type": "multipart/byteranges; boundary=x" } });
    },
    check: retriedOnce,
  },
  {
    construct: "a body that only the end of the connection ends",
    rfc: "9112 6.3",
    reaction: "taken, as far as the range goes",
    code: "-",
    answer: (request, reply, image) => {
      head("Content-Range: bytes RANGE\r\n\r\n")(request, reply, image);
      reply.connection.end();
    },
    check: oneRequest,
  },
  ...(
    [
      ["../v2/image.bin", "/v2/image.bin"],
      ["./a/../b/./image.bin", "/firmware/b/image.bin"],
      ["image-2.bin#part", "/firmware/image-2.bin"],
      ["?v=2", "/firmware/image.bin?v=2"],
      ["https://files.example.net/x/../y?a/../b", "/y?a/../b"],
      ["//files.example.net:443/../image-2.bin", "/image-2.bin"],
    ] as const
  ).map(
    ([location, target]): GrammarCase => ({
      construct: `Location \`${location}\` for \`/firmware/image.bin\``,
      rfc: "9110 10.2.2, 3986 5.2",
      reaction: `leads to \`${target}\``,
      code: "-",
      answer: moved(location, target),
      check: retriedOnce,
    }),
  ),
  ...["302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"].map(
    (status): GrammarCase => ({
      construct: `${status} to another path`,
      rfc: "9110 15.4",
      reaction: "followed",
      code: "-",
      answer: moved("/image-2.bin", "/image-2.bin", status),
      check: retriedOnce,
    }),
  ),
  {
    construct: "an empty Location",
    rfc: "3986 5.2.2",
    reaction: "leads to where it came from: three are followed, then the job ends",
    code: "redirect",
    ends: "FAILED",
    answer: (_, reply) => reply.text("HTTP/1.1 302 Found\r\nLocation:\r\nContent-Length: 0\r\n\r\n"),
    check: (_, requests) => assert.equal(requests.length, 4),
  },
  ...["Thu Jan  1 00:02:00 2026", "Thursday, 01-Jan-26 00:02:00 GMT"].map(
    (date): GrammarCase => ({
      construct: `Retry-After as \`${date}\``,
      rfc: "9110 5.6.7",
      reaction: "waits until then, by the answer's own Date",
      code: "throttled",
      answer: once((_, reply) => {
        const fields = `Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nRetry-After: ${date}\r\nContent-Length: 0`;
        reply.text(`HTTP/1.1 503 Slow Down\r\n${fields}\r\n\r\n`);
      }),
      check: (run) => assert.match(run.traced("throttled")[0] ?? "", /attempt 2 in 12\d{4} ms/),
    }),
  ),
] satisfies GrammarCase[]);

/** Publishes an image that the server gives out as the case has it. */
export async function playGrammar(run: Scenario, entry: GrammarCase): Promise<void> {
  const image = await run.image(SECOND);
  const requests = rawServer(run, (request, reply) => entry.answer(request, reply, image));
  const location = { url: RAW_URL };
  await run.publish({ document: entry.unsized ? { size: undefined, location } : { location } });
  if (entry.ends === undefined) {
    run.succeeds();
    if (entry.code === "-") assert.deepEqual(run.traced("fota-download: "), [], "nothing failed");
    else assert.notDeepEqual(run.traced(`fota-download: ${entry.code}`), [], run.told());
  } else run.endsWith(entry.ends, entry.code);
  entry.check?.(run, requests);
}

/** The table as docs/faults.md prints it. */
export function grammarRows(cases: readonly GrammarCase[]): string[] {
  return cases.map(({ construct, rfc, reaction, code, ends }) => {
    const result = ends === undefined ? "goes on" : ends;
    return `| ${construct} | ${rfc} | ${reaction} | ${code === "-" ? "-" : `\`${code}\``} | ${result} |`;
  });
}

import assert from "node:assert/strict";
import type { ChunkFate } from "../../../host-sim/board/network/index.js";
import { S3_HOST } from "../../../host-sim/world/virtual-cloud.js";
import type { FaultCase } from "./fault-cases.js";
import { DEFAULT_IMAGE_SIZE as SIZE } from "./images.js";
import { RAW_HOST, RAW_URL, type RawReply, type RawRequest, rawServer } from "./raw-server.js";
import { type Scenario, SECOND } from "./scenario.js";

const HALF = 160_000;
const AT_RAW = Object.freeze({ document: { location: { url: RAW_URL } } });
/** Without `size` in the document only the server tells the length. */
const AT_RAW_UNSIZED = Object.freeze({ document: { size: undefined, location: { url: RAW_URL } } });

/** Behind the end of an answer; no other chunk is of its length. */
const LEFT_OVER = "left over\r\n\r\n";

/** Once, at the first chunk from the object store after so many bytes of a connection. */
function chunkFault(run: Scenario, offset: number, fate: ChunkFate): void {
  let done = false;
  run.faults = {
    toDevice: (chunk) => {
      if (done || !chunk.endpoint.startsWith(S3_HOST) || chunk.offset < offset) return undefined;
      done = true;
      return fate;
    },
  };
}

/** A raw server that answers as told the first `times` requests that fit, and well otherwise. */
function misbehave(
  run: Scenario,
  image: Uint8Array,
  bad: (request: RawRequest, reply: RawReply) => void,
  { times = 1, from = 0 } = {},
): RawRequest[] {
  let left = times;
  return rawServer(run, (request, reply) => {
    if (request.number >= from && left > 0) {
      left -= 1;
      bad(request, reply);
    } else reply.serve(image);
  });
}

const withImage =
  (
    bad: (request: RawRequest, reply: RawReply, image: Uint8Array) => void,
    scope: { times?: number; from?: number } = {},
  ) =>
  async (run: Scenario) => {
    const image = await run.image(SECOND);
    misbehave(run, image, (request, reply) => bad(request, reply, image), scope);
  };

/** Serves half of what was asked for and closes; what comes after is up to `then`. */
const halfThen =
  (then: (request: RawRequest, reply: RawReply, image: Uint8Array) => void, times = 1) =>
  async (run: Scenario) => {
    const image = await run.image(SECOND);
    let left = times;
    rawServer(run, (request, reply) => {
      if (request.number === 0) {
        reply.serve(image, { body: image.subarray(0, HALF), headers: { "content-length": String(SIZE) } });
        reply.connection.end();
      } else if (left > 0) {
        left -= 1;
        then(request, reply, image);
      } else reply.serve(image);
    });
  };

const offsetsGrow = (run: Scenario) => {
  const { offsets } = run.wire;
  assert.deepEqual(
    offsets,
    [...offsets].sort((a, b) => a - b),
    "no request goes back",
  );
};

const resumesAtTheByte = (run: Scenario) => {
  offsetsGrow(run);
  assert.ok((run.wire.offsets.at(-1) ?? 0) > 90_000, `the last request asks from ${run.wire.offsets.at(-1)}`);
};

export const CONNECTION_CASES: readonly FaultCase[] = Object.freeze([
  {
    fault: "connection closed instead of an answer",
    reaction: "asks again after a pause, at the same byte",
    code: "disconnected",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ drop: true }),
  },
  {
    fault: "connection closed in the body",
    reaction: "asks again from the byte after the last one taken",
    code: "disconnected",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ cutAfterBytes: HALF }),
    check: resumesAtTheByte,
  },
  {
    fault: "connection reset in the body",
    reaction: "asks again from the byte after the last one taken",
    code: "disconnected",
    ends: "SUCCEEDED",
    arrange: (run) => chunkFault(run, HALF, "reset"),
    check: resumesAtTheByte,
  },
  {
    fault: "half-close by the server in the body",
    reaction: "asks again from the byte after the last one taken",
    code: "disconnected",
    ends: "SUCCEEDED",
    arrange: (run) => chunkFault(run, HALF, "half-close"),
    check: resumesAtTheByte,
  },
  {
    fault: "a body that stops and a connection that stays",
    reaction: "gives the connection up after 30 s and goes on at the same byte",
    code: "idle-timeout",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ stallAfterBytes: HALF }),
    check: resumesAtTheByte,
  },
  {
    fault: "a link that goes dead in the body",
    reaction: "gives the connection up after 30 s and goes on at the same byte",
    code: "idle-timeout",
    ends: "SUCCEEDED",
    arrange: (run) => chunkFault(run, HALF, "stall"),
    check: resumesAtTheByte,
  },
  {
    fault: "no answer at all",
    reaction: "asks again after 60 s",
    code: "response-timeout",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ delayMs: 300_000 }),
  },
  {
    fault: "an answer after 50 s",
    reaction: "waits",
    code: "-",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ delayMs: 50_000 }),
    check: (run) => assert.equal(run.wire.requests.length, 1),
  },
  {
    fault: "a slow drip, faster than 4 KiB a minute",
    reaction: "takes it as it comes, in one request",
    code: "-",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ drip: { bytes: 1000, everyMs: 1000 } }),
    check: (run) => assert.equal(run.wire.requests.length, 1),
  },
  {
    fault: "a slow drip, less than 4 KiB a minute",
    reaction: "drops the connection after a minute and goes on at the same byte on another",
    code: "too-slow",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ drip: { bytes: 100, everyMs: 5000 } }),
    check: offsetsGrow,
  },
  {
    fault: "TCP connection refused",
    reaction: "tries again after a pause",
    code: "connect",
    ends: "SUCCEEDED",
    arrange: (run) => {
      let left = 3;
      run.faults = { connect: ({ host }) => (host === S3_HOST && left-- > 0 ? "refuse" : undefined) };
    },
  },
  {
    fault: "TCP connection neither refused nor accepted",
    reaction: "tries again after 60 s",
    code: "response-timeout",
    ends: "SUCCEEDED",
    arrange: (run) => {
      let left = 1;
      run.faults = { connect: ({ host }) => (host === S3_HOST && left-- > 0 ? "silence" : undefined) };
    },
  },
  {
    fault: "server refuses connections for good, MQTT stays",
    reaction: "8 attempts without a byte, then the job ends",
    code: "retries-exhausted",
    ends: "FAILED",
    arrange: (run) => {
      run.faults = { connect: ({ host }) => (host === S3_HOST ? "refuse" : undefined) };
    },
    check: (run) => assert.match(run.details().detail ?? "", /^8 attempts without progress, last connect/),
  },
  {
    fault: "each connection breaks after 40 KB",
    reaction: "goes on from byte to byte: progress starts the count of attempts again",
    code: "disconnected",
    ends: "SUCCEEDED",
    waste: 10 * 24_000,
    arrange: (run) => run.world.cloud.httpFaults.add({ cutAfterBytes: 40_000, times: 0 }),
    check: (run) => {
      offsetsGrow(run);
      assert.equal(run.wire.requests.length, Math.ceil(SIZE / 40_000));
    },
  },
  {
    fault: "connection closed after 100 requests, announced",
    reaction: "opens another without a pause",
    code: "-",
    ends: "SUCCEEDED",
    options: { config: { rangeLength: 2048, requestsPerConnection: 1000 } },
    check: (run) => {
      const connections = new Set(run.wire.requests.map(({ connection }) => connection));
      assert.equal(run.wire.requests.length, Math.ceil(SIZE / 2048));
      assert.equal(connections.size, Math.ceil(SIZE / 2048 / 100));
      assert.deepEqual(run.traced("fota-download"), []);
    },
  },
  {
    fault: "reused connection that ends before any byte of the answer",
    reaction: "one fresh connection at once, without counting a failure",
    code: "-",
    ends: "SUCCEEDED",
    options: { config: { rangeLength: 32_768 } },
    arrange: (run) => run.world.cloud.httpFaults.add({ drop: true, skip: 4 }),
    check: (run) => {
      const { requests, offsets } = run.wire;
      assert.equal(requests.length, Math.ceil(SIZE / 32_768) + 1);
      assert.equal(offsets[4], offsets[5]);
      assert.ok((requests[5]?.at ?? 0) - (requests[4]?.at ?? 0) < 500, "no back-off");
      assert.deepEqual(run.traced("fota-download"), []);
    },
  },
  {
    fault: "reused connection that ends before any byte, and the fresh one as well",
    reaction: "the second time it is a failure like any other: a pause",
    code: "disconnected",
    ends: "SUCCEEDED",
    options: { config: { rangeLength: 32_768 } },
    arrange: (run) => run.world.cloud.httpFaults.add({ drop: true, skip: 4, times: 2 }),
    check: (run) => assert.equal(run.traced("fota-download: disconnected").length, 1),
  },
  {
    fault: "the whole network away for an hour in the body",
    reaction: "waits for MQTT, asks for the job and goes on at the same byte",
    code: "retries-exhausted",
    ends: "SUCCEEDED",
    act: (run) => {
      run.untilLoaded(HALF);
      run.faults = { connect: () => "refuse" };
      run.world.cloud.network.resetConnections();
      run.pass(3_600_000);
      run.faults = {};
    },
    check: resumesAtTheByte,
  },
] satisfies FaultCase[]);

export const CONTENT_CASES: readonly FaultCase[] = Object.freeze([
  {
    fault: "body shorter than announced, connection closed",
    reaction: "goes on at the byte where it ended",
    code: "disconnected",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    arrange: withImage((_request, reply, image) => {
      reply.serve(image, { body: image.subarray(0, HALF), headers: { "content-length": String(SIZE) } });
      reply.connection.end();
    }),
  },
  {
    fault: "Content-Length shorter than the range, once",
    reaction: "takes nothing of it and asks again",
    code: "bad-response",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    arrange: withImage((_request, reply, image) => reply.serve(image, { body: image.subarray(0, HALF) })),
  },
  {
    fault: "Content-Length shorter than the range, always",
    reaction: "three attempts, then the job ends",
    code: "bad-response",
    ends: "FAILED",
    publication: AT_RAW,
    arrange: withImage((_request, reply, image) => reply.serve(image, { body: image.subarray(0, HALF) }), {
      times: 99,
    }),
  },
  {
    fault: "Content-Length longer than the range",
    reaction: "takes nothing of it and asks again",
    code: "bad-response",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    arrange: withImage((_request, reply, image) =>
      reply.serve(image, { headers: { "content-length": String(SIZE + 1000) } }),
    ),
  },
  {
    fault: "more bytes than announced, single range",
    reaction: "takes what was announced and closes the connection",
    code: "-",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    arrange: withImage((_request, reply, image) => {
      reply.serve(image);
      reply.bytes(new Uint8Array(50_000).fill(0x48));
    }),
  },
  {
    fault: "more bytes than announced, before the next range is asked for",
    reaction: "what follows is no answer: a new connection, the same byte",
    code: "-",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    options: { config: { rangeLength: 65_536 } },
    arrange: withImage((_request, reply, image) => {
      reply.serve(image);
      reply.text(LEFT_OVER);
    }),
  },
  {
    fault: "more bytes than announced, after the next range was asked for",
    reaction: "what follows is no answer: a new connection, the same byte",
    code: "bad-response",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    options: { config: { rangeLength: 65_536 } },
    arrange: async (run) => {
      const image = await run.image(SECOND);
      misbehave(run, image, (_request, reply) => {
        reply.serve(image);
        reply.text(LEFT_OVER);
      });
      run.faults = { toDevice: ({ bytes }) => (bytes.length === LEFT_OVER.length ? { delayMs: 30 } : undefined) };
    },
  },
  {
    fault: "endless body in chunks",
    reaction: "takes the range and closes the connection",
    code: "-",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    arrange: withImage((_request, reply, image) => {
      reply.text(
        `HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-${SIZE - 1}/${SIZE}\r\ntransfer-encoding: chunked\r\n\r\n`,
      );
      for (let at = 0; at < SIZE; at += 8192) {
        const piece = image.subarray(at, at + 8192);
        reply.text(`${piece.length.toString(16)}\r\n`);
        reply.bytes(piece);
        reply.text("\r\n");
      }
      for (let count = 0; count < 20; count++) {
        reply.text("1000\r\n");
        reply.bytes(new Uint8Array(4096));
        reply.text("\r\n");
      }
    }),
  },
  {
    fault: "endless body without a length",
    reaction: "takes the range and closes the connection",
    code: "-",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    arrange: withImage((_request, reply, image) => {
      reply.text(`HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-${SIZE - 1}/${SIZE}\r\n\r\n`);
      reply.bytes(image);
      reply.bytes(new Uint8Array(100_000));
    }),
  },
  {
    fault: "endless headers",
    reaction: "gives up after 64 KiB of them and asks again",
    code: "bad-response",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    arrange: withImage((_request, reply) => {
      reply.text("HTTP/1.1 206 Partial Content\r\n");
      const more = () => {
        if (reply.connection.unsent < 4096) reply.text(`x-filler: ${"f".repeat(80)}\r\n`.repeat(20));
      };
      reply.connection.onDrain = more;
      more();
    }),
  },
  {
    fault: "chunked 206",
    reaction: "taken like any other",
    code: "-",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ chunked: true }),
    check: (run) => assert.equal(run.wire.requests.length, 1),
  },
  {
    fault: "chunked 206 that breaks off between two chunks",
    reaction: "goes on at the byte where it ended",
    code: "disconnected",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ chunked: true, cutAfterBytes: HALF }),
    check: resumesAtTheByte,
  },
  {
    fault: "206 without Content-Range, with all that was asked for",
    reaction: "taken",
    code: "-",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ contentRange: "missing" }),
  },
  {
    fault: "206 with a wrong Content-Range, always",
    reaction: "three attempts, then the job ends",
    code: "bad-response",
    ends: "FAILED",
    arrange: (run) => run.world.cloud.httpFaults.add({ contentRange: `bytes 100-${SIZE - 1}/${SIZE}`, times: 0 }),
  },
  {
    fault: "Content-Range that is no range",
    reaction: "takes nothing of it and asks again",
    code: "bad-response",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ contentRange: "bytes 0-/garbage" }),
  },
  {
    fault: "another total size than the document's",
    reaction: "the job ends at the first answer, nothing is written",
    code: "size-mismatch",
    ends: "FAILED",
    arrange: (run) => run.world.cloud.httpFaults.add({ total: SIZE + 1, times: 0 }),
    check: (run) => assert.equal(run.world.board.counters.bytesWritten < 4096, true),
  },
  {
    fault: "a total size that changes in mid-download, the document names none",
    reaction: "starts again at byte 0, once",
    code: "length changed",
    ends: "SUCCEEDED",
    publication: AT_RAW_UNSIZED,
    waste: SIZE,
    arrange: halfThen((request, reply, image) =>
      reply.serve(image, { headers: { etag: "", "content-range": `bytes ${request.start}-${SIZE - 1}/${SIZE + 7}` } }),
    ),
  },
  {
    fault: "an entity tag that changes in mid-download",
    reaction: "starts again at byte 0, once",
    code: "entity tag changed",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    waste: SIZE,
    arrange: halfThen((_request, reply, image) => reply.serve(image, { headers: { etag: '"raw-2"' } })),
  },
  {
    fault: "the object is replaced in mid-download: 412",
    reaction: "starts again at byte 0, once",
    code: "entity tag no longer matches",
    ends: "SUCCEEDED",
    waste: SIZE,
    arrange: (run) => run.world.cloud.httpFaults.add({ cutAfterBytes: HALF }),
    act: async (run) => {
      run.untilLoaded(HALF);
      const { seed: _, ...image } = { seed: 9, bytes: await run.image(SECOND) };
      const changed = Uint8Array.from(image.bytes);
      run.world.cloud.putImage("job-1.bin", changed.fill(0, SIZE - 100));
      run.untilTraced("starting again at 0");
      run.world.cloud.putImage("job-1.bin", image.bytes);
    },
  },
  {
    fault: "an entity tag that changes in mid-download again and again",
    reaction: "loads anew, and ends the job before more than eight times the image has come",
    code: "content-changed",
    ends: "FAILED",
    publication: AT_RAW,
    arrange: async (run) => {
      const image = await run.image(SECOND);
      rawServer(run, (request, reply) => {
        const etag = `"raw-${request.number}"`;
        reply.serve(image, {
          body: image.subarray(request.start, request.start + HALF),
          headers: { etag, "content-length": String(SIZE - request.start) },
        });
        reply.connection.end();
      });
    },
  },
  {
    fault: "a server without ranges and entity tags whose connection breaks, again and again",
    reaction: "starts again at byte 0: the digest will tell, and eight times the image are not exceeded",
    code: "not proven the same",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    waste: 5 * HALF,
    arrange: async (run) => {
      const image = await run.image(SECOND);
      rawServer(run, (request, reply) => {
        reply.text(`HTTP/1.0 200 OK\r\nContent-Length: ${image.length}\r\n\r\n`);
        reply.bytes(request.number < 5 ? image.subarray(0, HALF) : image);
        reply.connection.end();
      });
    },
  },
  {
    fault: "200 with the whole image where a range was asked for, at the beginning",
    reaction: "taken",
    code: "-",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ ignoreRange: true }),
    check: (run) => assert.equal(run.wire.requests.length, 1),
  },
  {
    fault: "200 with the whole image in mid-download, same entity tag",
    reaction: "skips what is there already",
    code: "-",
    ends: "SUCCEEDED",
    waste: SIZE,
    arrange: (run) => {
      run.world.cloud.httpFaults.add({ cutAfterBytes: HALF });
      run.world.cloud.httpFaults.add({ ignoreRange: true });
    },
    check: (run) => assert.equal(Number(run.details().erases), Math.ceil(SIZE / 4096), "nothing is erased twice"),
  },
  {
    fault: "200 with the whole image in mid-download, no entity tag",
    reaction: "starts again at byte 0, once",
    code: "whole content sent, not proven the same",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    waste: SIZE,
    arrange: halfThen((_request, reply, image) =>
      reply.serve(image, {
        status: "200 OK",
        body: image,
        headers: { etag: "", "content-range": "", "content-length": String(SIZE) },
      }),
    ),
  },
  {
    fault: "Content-Encoding gzip",
    reaction: "takes nothing of it and asks again",
    code: "bad-response",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ headers: { "content-encoding": "gzip" } }),
  },
  {
    fault: "an answer that is not HTTP",
    reaction: "asks again after a pause",
    code: "bad-response",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    arrange: withImage((_request, reply) => reply.text("SSH-2.0-OpenSSH_9.6\r\n\r\n")),
  },
  {
    fault: "a byte of the body changed on the way, and the document has no digest",
    reaction: "what was read back is not the image: the job ends, the old image runs",
    code: "image-checksum",
    ends: "FAILED",
    arrange: (run) => run.world.cloud.httpFaults.add({ corruptByte: 100_000, times: 0 }),
  },
  {
    fault: "redirect to another path of the host",
    reaction: "followed",
    code: "-",
    ends: "SUCCEEDED",
    publication: AT_RAW,
    arrange: withImage((_request, reply) =>
      reply.text(`HTTP/1.1 302 Found\r\nlocation: ${RAW_URL}?again\r\ncontent-length: 0\r\n\r\n`),
    ),
    check: (run) => assert.equal(run.traced("fota-download").length, 0),
  },
  {
    fault: "redirect loop",
    reaction: "three are followed, then the job ends",
    code: "redirect",
    ends: "FAILED",
    publication: AT_RAW,
    arrange: withImage(
      (_request, reply) => reply.text(`HTTP/1.1 302 Found\r\nlocation: ${RAW_URL}\r\ncontent-length: 0\r\n\r\n`),
      { times: 99 },
    ),
  },
  {
    fault: "redirect from https to http",
    reaction: "not followed, the job ends",
    code: "redirect",
    ends: "FAILED",
    publication: AT_RAW,
    arrange: withImage((_request, reply) =>
      reply.text(`HTTP/1.1 307 Temporary Redirect\r\nlocation: http://${RAW_HOST}/a\r\ncontent-length: 0\r\n\r\n`),
    ),
  },
  {
    fault: "redirect into the local network",
    reaction: "not followed, the job ends",
    code: "host-refused",
    ends: "REJECTED",
    publication: AT_RAW,
    arrange: withImage((_request, reply) =>
      reply.text("HTTP/1.1 302 Found\r\nlocation: https://10.0.0.1:8443/a\r\ncontent-length: 0\r\n\r\n"),
    ),
    check: (run) => assert.doesNotMatch(JSON.stringify(run.details()), /10\.0\.0\.1/),
  },
  {
    fault: "redirect to a server that is not listed",
    reaction: "not followed, the job ends",
    code: "host-refused",
    ends: "REJECTED",
    publication: AT_RAW,
    options: { config: { allowedHosts: `${RAW_HOST}, ${S3_HOST}` } },
    arrange: withImage((_request, reply) =>
      reply.text("HTTP/1.1 302 Found\r\nlocation: https://other.example.net/a\r\ncontent-length: 0\r\n\r\n"),
    ),
  },
  {
    fault: "redirect to a place that is no URL",
    reaction: "the job ends",
    code: "redirect",
    ends: "FAILED",
    publication: AT_RAW,
    arrange: withImage((_request, reply) =>
      reply.text("HTTP/1.1 302 Found\r\nlocation: https://\r\ncontent-length: 0\r\n\r\n"),
    ),
  },
] satisfies FaultCase[]);

const always = (status: number, error: string) => (run: Scenario) =>
  run.world.cloud.httpFaults.add({ status, error, times: 0 });
const once =
  (status: number, error: string, more: Readonly<Record<string, string>> = {}) =>
  (run: Scenario) => {
    run.world.cloud.httpFaults.add({ cutAfterBytes: HALF });
    run.world.cloud.httpFaults.add({ status, error, ...more });
  };
const oneDescribe = (run: Scenario) => {
  resumesAtTheByte(run);
  assert.equal(run.wire.describes("job-1").length, 1, "one describe");
};
const twoRequests = (run: Scenario) => {
  assert.equal(run.wire.requests.length, 2);
  assert.equal(run.wire.describes("job-1").length, 1, "one describe");
};

export const STATUS_CASES: readonly FaultCase[] = Object.freeze([
  {
    fault: "500 InternalError in mid-download",
    reaction: "asks again with back-off, same byte",
    code: "server-error",
    ends: "SUCCEEDED",
    arrange: once(500, "InternalError"),
    check: resumesAtTheByte,
  },
  {
    fault: "503 SlowDown in mid-download",
    reaction: "asks again with back-off, same byte",
    code: "throttled",
    ends: "SUCCEEDED",
    arrange: once(503, "SlowDown"),
    check: resumesAtTheByte,
  },
  {
    fault: "503 with Retry-After: 120",
    reaction: "waits two minutes and a random time more",
    code: "throttled",
    ends: "SUCCEEDED",
    arrange: once(503, "ServiceUnavailable", { retryAfter: "120" }),
    check: (run) => {
      const [, refused, again] = run.wire.requests;
      assert.ok((again?.at ?? 0) - (refused?.at ?? 0) >= 120_000);
    },
  },
  {
    fault: "429 in mid-download",
    reaction: "asks again with back-off, same byte",
    code: "throttled",
    ends: "SUCCEEDED",
    arrange: once(429, "TooManyRequests"),
    check: resumesAtTheByte,
  },
  {
    fault: "503 for ever",
    reaction: "8 attempts without a byte, then the job ends",
    code: "retries-exhausted",
    ends: "FAILED",
    arrange: always(503, "SlowDown"),
    check: (run) => assert.equal(run.wire.requests.length, 8),
  },
  {
    fault: "400 RequestTimeout in mid-download",
    reaction: "asks again with back-off, same byte",
    code: "server-error",
    ends: "SUCCEEDED",
    arrange: once(400, "RequestTimeout"),
    check: resumesAtTheByte,
  },
  {
    fault: "400 ExpiredToken in mid-download",
    reaction: "asks the service for a new URL, same byte",
    code: "url-expired",
    ends: "SUCCEEDED",
    arrange: once(400, "ExpiredToken"),
    check: oneDescribe,
  },
  {
    fault: "400 AuthorizationQueryParametersError",
    reaction: "the job ends",
    code: "request-refused",
    ends: "FAILED",
    arrange: always(400, "AuthorizationQueryParametersError"),
    check: (run) => assert.equal(run.wire.requests.length, 1),
  },
  {
    fault: "403 Request has expired, in mid-download",
    reaction: "asks the service for a new URL, same byte",
    code: "url-expired",
    ends: "SUCCEEDED",
    arrange: (run) => {
      run.world.cloud.httpFaults.add({ cutAfterBytes: HALF });
      run.world.cloud.httpFaults.add({ expireUrl: true });
    },
    check: oneDescribe,
  },
  {
    fault: "403 AccessDenied, once",
    reaction: "asks the service for a new URL, same byte",
    code: "access-denied",
    ends: "SUCCEEDED",
    arrange: once(403, "AccessDenied"),
    check: oneDescribe,
  },
  {
    fault: "403 AccessDenied, always",
    reaction: "one new URL, then the job ends",
    code: "access-denied",
    ends: "FAILED",
    arrange: always(403, "AccessDenied"),
    check: twoRequests,
  },
  {
    fault: "403 SignatureDoesNotMatch, always",
    reaction: "one new URL, then the job ends",
    code: "access-denied",
    ends: "FAILED",
    arrange: always(403, "SignatureDoesNotMatch"),
    check: twoRequests,
  },
  {
    fault: "403 InvalidAccessKeyId, always",
    reaction: "one new URL, then the job ends",
    code: "access-denied",
    ends: "FAILED",
    arrange: always(403, "InvalidAccessKeyId"),
    check: twoRequests,
  },
  {
    fault: "404 NoSuchKey",
    reaction: "the job ends",
    code: "not-found",
    ends: "FAILED",
    arrange: always(404, "NoSuchKey"),
    check: (run) => assert.equal(run.wire.requests.length, 1),
  },
  {
    fault: "404 NoSuchBucket",
    reaction: "the job ends",
    code: "not-found",
    ends: "FAILED",
    arrange: always(404, "NoSuchBucket"),
  },
  {
    fault: "412 PreconditionFailed in mid-download",
    reaction: "starts again at byte 0, once",
    code: "entity tag no longer matches",
    ends: "SUCCEEDED",
    waste: SIZE,
    arrange: once(412, "PreconditionFailed"),
    check: (run) => assert.equal(run.wire.offsets.at(-1), 0),
  },
  {
    fault: "416 InvalidRange at the beginning",
    reaction: "the job ends",
    code: "range-not-satisfiable",
    ends: "FAILED",
    arrange: always(416, "InvalidRange"),
  },
  {
    fault: "416 InvalidRange in mid-download, without a length",
    reaction: "starts again at byte 0, once",
    code: "offset refused without a length",
    ends: "SUCCEEDED",
    waste: SIZE,
    arrange: once(416, "InvalidRange"),
    check: (run) => assert.equal(run.wire.offsets.at(-1), 0),
  },
  {
    fault: "301 PermanentRedirect without Location",
    reaction: "the job ends: a presigned URL cannot be mended",
    code: "redirect",
    ends: "FAILED",
    arrange: always(301, "PermanentRedirect"),
    check: (run) => assert.equal(run.wire.requests.length, 1),
  },
  {
    fault: "307 TemporaryRedirect to the bucket's own host",
    reaction: "followed",
    code: "-",
    ends: "SUCCEEDED",
    arrange: async (run) => {
      const image = await run.image(SECOND);
      rawServer(run, (_request, reply) => reply.serve(image), "firmware.s3.eu-west-1.amazonaws.com");
      run.world.cloud.httpFaults.add({
        status: 307,
        error: "TemporaryRedirect",
        location: "https://firmware.s3.eu-west-1.amazonaws.com/job-1.bin?signed",
      });
    },
  },
  {
    fault: "204 and other answers without content",
    reaction: "three attempts, then the job ends",
    code: "bad-response",
    ends: "FAILED",
    publication: AT_RAW,
    arrange: withImage((_request, reply) => reply.text("HTTP/1.1 204 No Content\r\n\r\n"), { times: 99 }),
  },
  {
    fault: "304 Not Modified",
    reaction: "three attempts, then the job ends",
    code: "bad-response",
    ends: "FAILED",
    publication: AT_RAW,
    arrange: withImage((_request, reply) => reply.text("HTTP/1.1 304 Not Modified\r\n\r\n"), { times: 99 }),
  },
  {
    fault: "501 and other server errors",
    reaction: "8 attempts without a byte, then the job ends",
    code: "retries-exhausted",
    ends: "FAILED",
    arrange: always(501, "NotImplemented"),
  },
] satisfies FaultCase[]);

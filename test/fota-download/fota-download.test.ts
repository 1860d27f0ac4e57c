import assert from "node:assert/strict";
import { FotaDownload, FotaDownloadError, type FotaDownloadOptions } from "../../modules/fota-download/index.js";
import { type FakeReply, type FakeRequest, pattern, serveRange } from "../support/fake-http-server.js";
import { DownloadRig, ETAG } from "./download-rig.js";

const CONTENT = pattern(20_000);
const good = (request: FakeRequest): FakeReply => serveRange(CONTENT, request, ETAG);

function xml(code: string, message = ""): Uint8Array {
  return new TextEncoder().encode(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  );
}

function settled(rig: DownloadRig): void {
  assert.deepEqual(rig.network.violations, []);
  assert.equal(rig.timer.pending, 0, "timers left");
  assert.equal(rig.network.open, 0, "sockets left");
  assert.equal(rig.network.openResolvers, 0, "resolvers left");
}

function completes(rig: DownloadRig, content = CONTENT): void {
  assert.equal(rig.error, undefined, rig.error?.message);
  assert.deepEqual(rig.received, content);
  settled(rig);
}

function fails(rig: DownloadRig, code: string): void {
  assert.equal(rig.error?.code, code, rig.error?.message ?? rig.events.join());
  assert.equal(rig.result, undefined);
  assert.doesNotMatch(`${rig.error?.message} ${rig.traces.join()}`, /secret|app\.bin/);
  settled(rig);
}

/** Resumed at 5000 with what the first 5000 bytes are. */
function resumed(handler: (request: FakeRequest, count: number) => FakeReply, options = {}): DownloadRig {
  const rig = new DownloadRig(handler, { offset: 5000, etag: ETAG, size: 20_000, ...options });
  rig.received = CONTENT.slice(0, 5000);
  return rig;
}

describe("a download's answer to a status", () => {
  it("401 and 403 end it; a new URL may help", () => {
    const rig = new DownloadRig(() => ({ status: 403, framing: "chunked", body: xml("SignatureDoesNotMatch") })).run();
    fails(rig, "access-denied");
    assert.equal(rig.error?.needsNewUrl, true);
    assert.equal(rig.error?.status, 403);
  });

  it("403 for an expired URL keeps the offset and asks for a new URL", () => {
    const rig = resumed(() => ({
      status: 403,
      framing: "chunked",
      body: xml("AccessDenied", "Request has expired"),
    })).run();
    fails(rig, "url-expired");
    assert.equal(rig.download.offset, 5000);
    assert.equal(rig.error?.needsNewUrl, true);
    assert.equal(rig.network.requests.length, 1);
  });

  it("400 ExpiredToken is an expired URL, too", () => {
    fails(new DownloadRig(() => ({ status: 400, body: xml("ExpiredToken") })).run(), "url-expired");
  });

  it("403 without a reason is an expired URL once its own time is over", () => {
    const url = "https://h.example/app.bin?X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-Signature=secret";
    const rig = new DownloadRig(() => ({ status: 403, delay: 58_000 }), { url, responseTimeoutMs: 59_000 }).run();
    fails(rig, "url-expired");
  });

  it("404 ends it", () => fails(new DownloadRig(() => ({ status: 404, body: xml("NoSuchKey") })).run(), "not-found"));

  it("a refusal is decided when its body stalls", () => {
    const rig = new DownloadRig(() => ({ status: 404, body: xml("NoSuchKey"), stallAfter: 10 })).run(10_000);
    fails(rig, "not-found");
  });

  it("a refusal is decided when the connection ends within its body", () => {
    fails(new DownloadRig(() => ({ status: 404, body: xml("NoSuchKey"), cutAfter: 10 })).run(), "not-found");
  });

  it("of an endless refusal only the beginning is read", () => {
    const rig = new DownloadRig(() => ({ status: 404, framing: "chunked", body: new Uint8Array(100_000) })).run();
    fails(rig, "not-found");
    assert.ok(rig.download.stats.bytes <= 2048);
  });

  it("412 begins again at 0", () => {
    const rig = resumed((request) => serveRange(CONTENT, request, '"new"')).run();
    completes(rig);
    assert.deepEqual(rig.events, ["restart", "headers 0/20000", "done"]);
    assert.deepEqual(rig.ranges, ["bytes=5000-", "bytes=0-"]);
    assert.equal(rig.network.requests[1]?.headers.get("if-match"), undefined);
    assert.equal(rig.result?.etag, '"new"');
  });

  it("412 ends it where starting again is not possible", () => {
    fails(
      resumed((request) => serveRange(CONTENT, request, '"new"'), { onRestart: undefined }).run(),
      "content-changed",
    );
  });

  it("content that keeps changing ends it", () => {
    const rig = resumed((_, count) => {
      const body = pattern(20_000, count);
      const headers = { "content-range": "bytes 0-19999/20000", etag: `"${count}"` };
      return count === 1 ? { status: 412 } : count === 2 ? { headers, body, cutAfter: 9000 } : { status: 412 };
    }).run();
    fails(rig, "content-changed");
    assert.deepEqual(rig.events, ["restart", "headers 0/20000", "error content-changed"]);
  });

  describe("whose result the caller proves", () => {
    /** The whole content, whatever is asked for, and a connection that ends after `cut` bytes. */
    const broken = (cut: number, times: number) => (_: unknown, count: number) => ({
      status: 200,
      headers: { "content-length": String(CONTENT.length) },
      body: CONTENT,
      ...(count <= times ? { cutAfter: cut } : {}),
    });

    it("starts over as often as eight times its length allow", () => {
      const rig = new DownloadRig(broken(15_000, 7), { receivedBefore: 0 }).run();
      completes(rig);
      assert.equal(rig.events.filter((event) => event === "restart").length, 7);
      assert.ok(rig.download.stats.bytes <= 8 * CONTENT.length);
    });

    it("ends with what it has received when that is not enough", () => {
      const rig = new DownloadRig(broken(19_000, 20), { receivedBefore: 0 }).run();
      fails(rig, "content-changed");
      assert.match(rig.error?.message ?? "", /\d{6} bytes received/);
      assert.ok(rig.download.stats.bytes <= 8 * CONTENT.length);
    });

    it("counts what was received before", () => {
      const rig = new DownloadRig(broken(15_000, 20), { receivedBefore: 6 * CONTENT.length }).run();
      fails(rig, "content-changed");
      assert.equal(rig.events.filter((event) => event === "restart").length, 1);
    });

    it("waits before it asks again, and counts: content that changes with every request ends it", () => {
      const rig = new DownloadRig(
        (request, count) => ({
          ...serveRange(CONTENT, request, `"${count}"`),
          ...(count % 2 === 1 ? { cutAfter: 100 } : { status: 412 }),
        }),
        { receivedBefore: 0 },
      ).run();
      fails(rig, "content-changed");
      assert.equal(rig.network.requests.length, 8);
    });
  });

  it("416 with the length of what is there completes it", () => {
    const rig = new DownloadRig(() => ({ status: 416, headers: { "content-range": "bytes */20000" } }), {
      offset: 20_000,
    });
    rig.received = CONTENT.slice();
    completes(rig.run());
    assert.equal(rig.result?.size, 20_000);
  });

  it("416 without Content-Range is read from its body", () => {
    const body = new TextEncoder().encode(
      "<Error><Code>InvalidRange</Code><ActualObjectSize>20000</ActualObjectSize></Error>",
    );
    const rig = new DownloadRig(() => ({ status: 416, framing: "chunked", body }), { offset: 20_000 });
    rig.received = CONTENT.slice();
    completes(rig.run());
  });

  it("416 without any length begins again", () => {
    const rig = resumed((request, count) => (count === 1 ? { status: 416 } : good(request))).run();
    completes(rig);
    assert.equal(rig.events[0], "restart");
  });

  it("416 at byte 0 ends it", () => fails(new DownloadRig(() => ({ status: 416 })).run(), "range-not-satisfiable"));

  for (const [status, code] of [
    [429, "throttled"],
    [503, "throttled"],
    [500, "server-error"],
    [502, "server-error"],
    [408, "server-error"],
  ] as const) {
    it(`${status} is tried again`, () => {
      const rig = new DownloadRig((request, count) => (count === 1 ? { status, body: xml("X") } : good(request))).run();
      completes(rig);
      assert.match(rig.traces[0] ?? "", new RegExp(code));
    });
  }

  it("Retry-After in seconds is waited for", () => {
    const rig = new DownloadRig((request, count) =>
      count === 1 ? { status: 503, headers: { "retry-after": "120" } } : good(request),
    );
    rig.run(119_000);
    assert.equal(rig.network.requests.length, 1);
    rig.timer.advance(3_000);
    completes(rig);
  });

  it("Retry-After as a date is measured against the server's Date", () => {
    const headers = { "retry-after": "Sun, 06 Nov 1994 08:50:00 GMT", date: "Sun, 06 Nov 1994 08:49:00 GMT" };
    const rig = new DownloadRig((request, count) => (count === 1 ? { status: 429, headers } : good(request)));
    rig.run(59_000);
    assert.equal(rig.network.requests.length, 1);
    rig.timer.advance(3_000);
    completes(rig);
  });

  it("a server that is down ends it after the attempts allowed", () => {
    const rig = new DownloadRig(() => ({ status: 500 }), { maxAttempts: 5 }).run();
    fails(rig, "retries-exhausted");
    assert.equal(rig.error?.reason, "server-error");
    assert.equal(rig.network.requests.length, 5);
  });

  for (const status of [201, 300, 304, 405]) {
    it(`${status} is no content`, () => {
      fails(new DownloadRig(() => ({ status })).run(), status === 405 ? "request-refused" : "bad-response");
    });
  }
});

describe("a 200 to a ranged request", () => {
  const whole = (etag?: string): FakeReply => ({
    status: 200,
    body: CONTENT,
    ...(etag === undefined ? {} : { headers: { etag } }),
  });

  it("is skipped up to the offset when it is proven the same", () => {
    const rig = resumed(() => whole(ETAG)).run();
    completes(rig);
    assert.deepEqual(rig.events, ["headers 5000/20000", "done"]);
    assert.equal(rig.result?.bytes, 20_000);
  });

  it("begins again at 0 when nothing proves it the same", () => {
    const rig = resumed(() => whole()).run();
    completes(rig);
    assert.deepEqual(rig.events, ["restart", "headers 0/20000", "done"]);
    assert.equal(rig.result?.requests, 1);
  });

  it("is never appended", () => {
    fails(resumed(() => whole(), { onRestart: undefined }).run(), "content-changed");
  });

  it("that is lost within the skipped part is asked for again", () => {
    const rig = resumed((_, count) => ({ ...whole(ETAG), ...(count === 1 ? { cutAfter: 3000 } : {}) })).run();
    completes(rig);
  });

  it("of a server that never gets beyond the skipped part ends the download", () => {
    fails(resumed(() => ({ ...whole(ETAG), cutAfter: 4999 })).run(), "retries-exhausted");
  });
});

describe("content that is not as announced", () => {
  it("is refused when the server's total is not the demanded size", () => {
    fails(new DownloadRig(good, { size: 19_999 }).run(), "size-mismatch");
  });

  it("is refused when it is larger than the limit, before any byte", () => {
    const rig = new DownloadRig(good, { maxSize: 19_999 }).run();
    fails(rig, "too-large");
    assert.equal(rig.received.length, 0);
  });

  it("is not even asked for when the demanded size is larger than the limit", () => {
    const rig = new DownloadRig(good, { size: 20_000, maxSize: 10_000 }).run();
    fails(rig, "too-large");
    assert.equal(rig.network.requests.length, 0);
  });

  it("begins again when the total changes", () => {
    const longer = pattern(21_000);
    const rig = new DownloadRig((request, count) =>
      count === 1 ? { ...serveRange(CONTENT, request), cutAfter: 8000 } : serveRange(longer, request),
    ).run();
    completes(rig, longer);
    assert.deepEqual(rig.events, ["headers 0/20000", "restart", "headers 0/21000", "done"]);
  });

  it("begins again when the tag changes although If-Match was ignored", () => {
    const other = pattern(20_000, 7);
    const rig = resumed((request) => {
      const start = Number(/=(\d+)/.exec(request.headers.get("range") ?? "")?.[1]);
      const headers = { etag: '"other"', "content-range": `bytes ${start}-19999/20000` };
      return { headers, body: other.subarray(start) };
    }).run();
    completes(rig, other);
  });

  it("with a wrong Content-Range is asked for again, three times at most", () => {
    const headers = { "content-range": "bytes 1-19999/20000" };
    const rig = new DownloadRig(() => ({ headers, body: CONTENT.subarray(1) })).run();
    fails(rig, "bad-response");
    assert.equal(rig.network.requests.length, 3);
    assert.equal(rig.received.length, 0);
  });

  it("with a short chunked body goes on behind it", () => {
    const rig = new DownloadRig((request, count) => {
      const reply = good(request);
      return count === 1 ? { ...reply, framing: "chunked", body: CONTENT.subarray(0, 6000) } : reply;
    }).run();
    completes(rig);
    assert.deepEqual(rig.ranges, ["bytes=0-", "bytes=6000-"]);
  });

  it("with an endless body is taken up to its announced end, and not a byte further", () => {
    const endless = new Uint8Array(1_000_000);
    endless.set(CONTENT);
    for (const framing of ["chunked", "close"] as const) {
      const rig = new DownloadRig((request) => ({ ...good(request), framing, body: endless, pieces: [1000] })).run();
      completes(rig);
      assert.equal(rig.result?.bytes, 20_000);
    }
  });

  it("that visibly goes on behind its announced end is refused", () => {
    const endless = new Uint8Array(1_000_000);
    endless.set(CONTENT);
    for (const framing of ["chunked", "close"] as const) {
      const rig = new DownloadRig((request) => ({ ...good(request), framing, body: endless, pieces: [999] })).run();
      fails(rig, "size-mismatch");
    }
  });

  it("with a range that ends early is continued", () => {
    const rig = new DownloadRig((request) => {
      const start = Number(/=(\d+)/.exec(request.headers.get("range") ?? "")?.[1]);
      const end = Math.min(start + 7_000, 20_000);
      const headers = { etag: ETAG, "content-range": `bytes ${start}-${end - 1}/20000` };
      return { headers, body: CONTENT.subarray(start, end) };
    }).run();
    completes(rig);
    assert.equal(rig.result?.requests, 3);
    assert.equal(rig.result?.connections, 1);
  });
});

describe("a redirect", () => {
  const to = (location: string, status = 307): FakeReply => ({ status, headers: { location } });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`${status} is followed`, () => {
      const rig = new DownloadRig((request) =>
        request.path.startsWith("/rel") ? to("https://other.example/moved?x=1", status) : good(request),
      ).run();
      completes(rig);
      assert.deepEqual(rig.network.lookups, ["firmware.example", "other.example"]);
      assert.equal(rig.network.requests[1]?.path, "/moved?x=1");
      assert.equal(rig.network.requests[1]?.headers.get("range"), "bytes=0-");
    });
  }

  it("is followed from http to https", () => {
    const rig = new DownloadRig((request) => (request.scheme === "http" ? to("https://s.example/a") : good(request)), {
      url: "http://firmware.example/rel/app.bin",
      allowHttp: true,
    }).run();
    completes(rig);
  });

  it("is kept for the following ranges, and forgotten after a failure", () => {
    const rig = new DownloadRig(
      (request, count) => {
        if (request.path.startsWith("/rel")) return to("/moved");
        return count === 3 ? { instead: "silent" } : good(request);
      },
      { rangeLength: 8000 },
    ).run();
    completes(rig);
    assert.deepEqual(
      rig.network.requests.map((request) => request.path.slice(0, 4)),
      ["/rel", "/mov", "/mov", "/rel", "/mov", "/mov"],
    );
  });

  const wrong: [string, (request: FakeRequest) => FakeReply][] = [
    ["in a loop", (request) => to(request.path === "/a" ? "/b" : "/a")],
    ["to itself", (request) => to(request.path)],
    ["from https to http", () => to("http://firmware.example/rel/app.bin")],
    ["without a Location", () => ({ status: 302 })],
    [
      "to another bucket region, as S3 says it",
      () => ({ status: 301, framing: "chunked", body: xml("PermanentRedirect") }),
    ],
    ["to something that is no URL", () => to("https://")],
    ["that would split the request", () => to("/a\u0000b")],
    ["to another protocol", () => to("ftp://h.example/a")],
  ];
  for (const [name, handler] of wrong) {
    it(`${name} ends the download`, () => {
      const rig = new DownloadRig(handler).run();
      fails(rig, "redirect");
      assert.ok(rig.network.requests.length <= 4);
    });
  }
});

describe("time-outs", () => {
  it("a byte now and then is too slow, and the connection is dropped", () => {
    const rig = new DownloadRig((request, count) =>
      count === 1 ? { ...good(request), pieces: [10], interval: 1000 } : good(request),
    ).run();
    completes(rig);
    assert.match(rig.traces[0] ?? "", /too-slow/);
  });

  it("a server that always drips ends the download, whatever it drips", () => {
    const rig = new DownloadRig((request) => ({ ...good(request), pieces: [1], interval: 1000 }), {
      maxAttempts: 3,
    }).run();
    fails(rig, "retries-exhausted");
    assert.equal(rig.error?.reason, "too-slow");
    assert.equal(rig.network.requests.length, 3);
  });

  it("a download above the floor is never out of time", () => {
    const slow = pattern(500_000);
    const rig = new DownloadRig((request) => ({ ...serveRange(slow, request), pieces: [70], interval: 1000 })).run(
      10_000_000,
    );
    assert.equal(rig.result?.size, slow.length);
    assert.deepEqual([rig.network.requests.length, rig.download.stats.retries], [1, 0]);
  });

  it("is not out of time by what a server wants it to wait", () => {
    const rig = new DownloadRig((request, count) =>
      count < 6 ? { status: 503, headers: { "retry-after": "900" } } : good(request),
    ).run(10_000_000);
    completes(rig);
  });
});

describe("the sink", () => {
  it("has every byte when the server closes right behind the last one", () => {
    const rig = new DownloadRig((request) => ({ ...good(request), finAfter: true })).run();
    completes(rig);
    assert.equal(rig.result?.requests, 1);
  });

  describe("with space of its own", () => {
    const SPACE = 3000;
    /** A sink that has space again only `pauseMs` after it was filled. */
    const slow = (pauseMs: number, reply: typeof good, options: Partial<FotaDownloadOptions> = {}) => {
      const buffer = new Uint8Array(SPACE);
      let length = 0;
      const all: number[] = [];
      const rig: DownloadRig = new DownloadRig(reply, {
        sink: {
          space: () => (length === SPACE ? undefined : buffer.subarray(length)),
          write: (bytes) => {
            assert.equal(bytes.buffer, buffer.buffer);
            assert.equal(bytes.byteOffset, length);
            all.push(...bytes);
            length += bytes.length;
            if (length < SPACE) return;
            rig.timer.set(() => {
              length = 0;
              rig.download.resume();
            }, pauseMs);
          },
        },
        ...options,
      });
      return { rig, all };
    };

    for (const pauseMs of [0, 1, 200])
      it(`is given all bytes there, waiting ${pauseMs} ms for it`, () => {
        const { rig, all } = slow(pauseMs, good);
        rig.run();
        assert.deepEqual(rig.events.slice(-1), ["done"]);
        assert.deepEqual(Uint8Array.from(all), CONTENT);
        assert.equal(rig.result?.requests, 1);
      });

    it("has every byte when the server closes while it waits", () => {
      const { rig, all } = slow(200, (request) => ({ ...good(request), finAfter: true }));
      rig.run();
      assert.deepEqual(Uint8Array.from(all), CONTENT);
      assert.equal(rig.result?.requests, 1);
      assert.equal(rig.result?.retries, 0);
    });

    it("loses none of the bytes that came before the connection broke", () => {
      let first = true;
      const { rig, all } = slow(200, (request) => {
        const reply = first ? { ...good(request), cutAfter: 9_000 } : good(request);
        first = false;
        return reply;
      });
      rig.run();
      assert.deepEqual(Uint8Array.from(all), CONTENT);
      assert.deepEqual(rig.ranges, ["bytes=0-", "bytes=9000-"]);
    });

    it("is told whether more is there already", () => {
      const told: boolean[] = [];
      // The server's pieces have 1000 bytes.
      const buffer = new Uint8Array(600);
      const rig = new DownloadRig(good, {
        sink: {
          space: () => buffer,
          write: (_bytes, more) => {
            told.push(more);
          },
        },
      }).run();
      assert.equal(rig.error, undefined);
      assert.deepEqual(told.slice(0, 4), [true, false, true, false]);
      assert.equal(told.at(-1), false);
    });

    it("is not resumed after close, nor before the start", () => {
      const { rig } = slow(1, good);
      rig.download.resume();
      rig.download.start();
      rig.download.close();
      rig.download.resume();
      rig.timer.advance(10_000);
      assert.deepEqual(rig.events, []);
    });
  });

  it("moves the offset only by what it was given", () => {
    const rig = new DownloadRig((request) => ({ ...good(request), cutAfter: 9_000 }), { maxAttempts: 1 }).run();
    fails(rig, "retries-exhausted");
    assert.equal(rig.download.offset, rig.received.length);
    assert.ok(rig.download.offset > 8_000);
  });

  it("that throws ends the download", () => {
    const rig = new DownloadRig(good);
    rig.accept = () => {
      throw new Error("flash");
    };
    fails(rig.run(), "sink-failed");
    assert.match(String(rig.error?.cause), /flash/);
  });

  for (const name of ["onHeaders", "onProgress", "onRestart"] as const) {
    it(`is not reached when ${name} throws, and nothing escapes`, () => {
      const rig = resumed((request) => serveRange(CONTENT, request, '"new"'), {
        [name]: () => {
          throw new Error("mine");
        },
      });
      fails(rig.run(), "sink-failed");
    });
  }

  it("is done although onDone or onError throws", () => {
    const boom = () => {
      throw new Error("mine");
    };
    const done = new DownloadRig(good, { onDone: boom }).run();
    const error = new DownloadRig(() => ({ status: 404 }), { onError: boom }).run();
    settled(done);
    settled(error);
    assert.match(`${done.traces.join()} ${error.traces.join()}`, /callback threw mine.*callback threw mine/);
  });
});

describe("closing", () => {
  /** Closes at the n-th step of virtual time; nothing may be called after it. */
  it("at any moment silences and releases everything", () => {
    for (let at = 0; at < 120; at += 1) {
      const rig = new DownloadRig((request, count) =>
        count === 1 ? { ...good(request), cutAfter: 9_000 } : good(request),
      );
      rig.download.start();
      rig.timer.advance(at);
      rig.download.close();
      const before = rig.events.length;
      rig.timer.advance(7_000_000);
      assert.equal(rig.events.length, before, `closed after ${at} ms`);
      settled(rig);
    }
  });

  for (const name of ["onHeaders", "onProgress", "onRestart"] as const) {
    it(`within ${name} is safe`, () => {
      const rig: DownloadRig = resumed((request) => serveRange(CONTENT, request, '"new"'), {
        [name]: () => rig.download.close(),
      });
      rig.run();
      assert.equal(rig.result, undefined);
      assert.equal(rig.error, undefined);
      settled(rig);
    });
  }

  it("within write is safe", () => {
    const rig: DownloadRig = new DownloadRig(good, { onProgress: () => rig.events.push("progress") });
    rig.accept = (bytes) => {
      rig.download.close();
      return bytes.length;
    };
    rig.run();
    assert.equal(rig.events.join(), "headers 0/20000");
    settled(rig);
  });

  it("within onDone and onError is safe", () => {
    const done: DownloadRig = new DownloadRig(good, { onDone: () => done.download.close() }).run();
    const error: DownloadRig = new DownloadRig(() => ({ status: 404 }), {
      onError: () => error.download.close(),
    }).run();
    settled(done);
    settled(error);
  });

  it("before the start and twice is safe", () => {
    const rig = new DownloadRig(good);
    rig.download.close();
    rig.download.close();
    assert.throws(() => rig.download.start(), { code: "closed" });
    settled(rig);
  });
});

describe("a download error", () => {
  it("is made although Error.prototype is frozen, as preload leaves it", () => {
    const name = Object.getOwnPropertyDescriptor(Error.prototype, "name");
    assert.ok(name);
    Object.defineProperty(Error.prototype, "name", { ...name, writable: false });
    try {
      assert.equal(new FotaDownloadError("dns").name, "FotaDownloadError");
    } finally {
      Object.defineProperty(Error.prototype, "name", name);
    }
  });

  it("says whether trying later, a new execution or a new URL may help", () => {
    const flags = (error: FotaDownloadError) => [error.repeatable, error.retryable, error.needsNewUrl];
    assert.deepEqual(flags(new FotaDownloadError("retries-exhausted", "", { reason: "dns" })), [true, true, false]);
    assert.deepEqual(flags(new FotaDownloadError("url-expired")), [false, true, true]);
    assert.deepEqual(flags(new FotaDownloadError("not-found")), [false, true, false]);
    assert.deepEqual(flags(new FotaDownloadError("size-mismatch")), [false, true, false]);
  });
});

describe("starting", () => {
  it("calls nothing before a later turn", () => {
    const rig = new DownloadRig(good, { url: "nonsense" });
    rig.download.start();
    assert.deepEqual(rig.events, []);
    rig.timer.advance(0);
    assert.deepEqual(rig.events, ["error bad-url"]);
  });

  it("works once", () => {
    const rig = new DownloadRig(good);
    rig.download.start();
    assert.throws(() => rig.download.start(), { code: "closed" });
  });

  it("with everything there already asks for nothing", () => {
    const rig = new DownloadRig(good, { offset: 20_000, size: 20_000 });
    rig.received = CONTENT.slice();
    completes(rig.run());
    assert.equal(rig.network.requests.length, 0);
  });

  it("at an offset asks from there, pinned to the content", () => {
    const rig = resumed(good).run();
    completes(rig);
    assert.deepEqual(
      [...(rig.network.requests[0]?.headers ?? [])],
      [
        ["accept-encoding", "identity"],
        ["range", "bytes=5000-"],
        ["if-match", ETAG],
      ],
    );
  });

  it("refuses http unless it is allowed", () => {
    fails(new DownloadRig(good, { url: "http://h.example/a" }).run(), "insecure-url");
    completes(new DownloadRig(good, { url: "http://h.example/a", allowHttp: true }).run());
  });

  it("refuses a scheme there are no connections for", () => {
    fails(new DownloadRig(good, { https: undefined }).run(), "bad-url");
  });

  it("does not send a URL whose time is over", () => {
    const url = "https://h.example/a?X-Amz-Date=20260101T000000Z&X-Amz-Expires=600";
    const rig = new DownloadRig(good, { url, urlAge: 600_000 }).run();
    fails(rig, "url-expired");
    assert.equal(rig.network.requests.length, 0);
  });

  it("notices that time before a retry, also with a clock at 1970", () => {
    const url = "https://h.example/a?X-Amz-Date=20260101T000000Z&X-Amz-Expires=60";
    const rig = new DownloadRig((request) => ({ ...good(request), stallAfter: 5_000 }), { url, idleTimeoutMs: 58_000 });
    rig.wallClock = 0;
    fails(rig.run(), "url-expired");
    assert.equal(rig.network.requests.length, 1);
    assert.equal(rig.download.offset, 5_000);
  });

  const base = new DownloadRig(good);
  const wrong: [string, object][] = [
    ["a negative offset", { offset: -1 }],
    ["a fractional offset", { offset: 1.5 }],
    ["an offset beyond the size", { offset: 11, size: 10 }],
    ["a size of 0", { size: 0 }],
    ["a range of 0", { rangeLength: 0 }],
    ["a tag without quotes", { etag: "abc" }],
    ["a tag that would split the request", { etag: '"a\r\nx: y"' }],
    ["a time-out of 0", { idleTimeoutMs: 0 }],
    ["no attempts", { maxAttempts: 0 }],
    ["a URL that is no string", { url: 5 }],
    ["a URL of 5000 characters", { url: `https://h.example/${"a".repeat(5000)}` }],
    ["no sink", { sink: undefined }],
    ["no onDone", { onDone: undefined }],
    ["no onError", { onError: undefined }],
  ];
  for (const [name, options] of wrong) {
    it(`refuses ${name}`, () => {
      const { timer, network } = base;
      const clock = { ticks: () => 0, now: () => 0 };
      const complete = {
        ...{ timer, clock, random: () => 0, https: network.https, url: "https://h.example/" },
        ...{ sink: { write: () => 0 }, onDone: () => {}, onError: () => {} },
      };
      assert.throws(
        () => new FotaDownload({ ...complete, ...options }),
        (error) => error instanceof FotaDownloadError && error.code === "bad-option",
      );
    });
  }
});

import assert from "node:assert/strict";
import { type HttpFault, HttpFaults } from "../../../host-sim/cloud/faults/http-faults.js";
import { createHttpServer, type HttpPeer, type HttpServer } from "../../../host-sim/cloud/virtual/http-server.js";
import { MemoryS3, pattern } from "../support/memory-s3.js";

const BYTES = pattern(40_000);

/** The device's end of a connection to the peer. */
class Wire {
  received = Buffer.alloc(0);
  closed = false;
  readonly #peer: HttpPeer;

  constructor(server: HttpServer) {
    this.#peer = server.accept({
      write: (bytes) => {
        assert(!this.closed, "nothing is written after the end");
        this.received = Buffer.concat([this.received, bytes]);
      },
      close: () => {
        this.closed = true;
      },
    });
  }
  send(text: string): void {
    this.#peer.onData(Buffer.from(text, "latin1"));
  }
  get(url: string, headers: Record<string, string> = {}): void {
    const { host, pathname, search } = new URL(url);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.send(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${lines.join("")}\r\n`);
  }
  /** The response received so far, and forgets it. */
  take(): { head: string; body: Buffer } {
    const end = this.received.indexOf("\r\n\r\n");
    const head = this.received.subarray(0, end).toString("latin1");
    const body = this.received.subarray(end + 4);
    this.received = Buffer.alloc(0);
    return { head, body };
  }
}

describe("the virtual HTTP server", () => {
  let s3: MemoryS3;
  let faults: HttpFaults;
  let server: HttpServer;
  let url: string;

  beforeEach(() => {
    s3 = new MemoryS3();
    faults = new HttpFaults();
    server = createHttpServer({ s3: s3.services.s3, faults });
    url = s3.object("my-fw", "app.bin", BYTES, 3600);
  });

  function fetch(fault?: HttpFault, headers: Record<string, string> = {}, waitMs = 0) {
    if (fault !== undefined) faults.add(fault);
    const wire = new Wire(server);
    wire.get(url, headers);
    s3.clock.advance(waitMs);
    return { wire, ...wire.take() };
  }

  it("serves an object over a kept connection, on a later turn", () => {
    const wire = new Wire(server);
    wire.get(url, { range: "bytes=10-19" });
    assert.equal(wire.received.length, 0);
    s3.clock.advance(0);
    const { head, body } = wire.take();
    assert.match(head, /^HTTP\/1\.1 206 Partial Content\r\n/);
    assert.match(head, /content-range: bytes 10-19\/40000\r\n/);
    assert.match(head, /content-length: 10$/);
    assert.deepEqual(body, Buffer.from(BYTES.subarray(10, 20)));
    wire.get(url);
    s3.clock.advance(0);
    assert.equal(wire.take().body.length, 40_000);
    assert.deepEqual(server.counters, { connections: 1, requests: 2, bodyBytes: 40_010 });
  });

  it("takes a request in any pieces and answers pipelined ones in order", () => {
    const wire = new Wire(server);
    const { host, pathname, search } = new URL(url);
    const request = (range: string) =>
      `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nRange: bytes=${range}\r\n\r\n`;
    for (const char of request("0-0")) wire.send(char);
    wire.send(request("1-1") + request("2-2"));
    s3.clock.advance(0);
    const ranges = [...wire.received.toString("latin1").matchAll(/content-range: bytes (\d)/g)].map(
      (match) => match[1],
    );
    assert.deepEqual(ranges, ["0", "1", "2"]);
  });

  it("closes after 100 requests and says so on the last answer", () => {
    const wire = new Wire(server);
    for (let count = 1; count <= 100; count += 1) {
      wire.get(url, { range: "bytes=0-0" });
      s3.clock.advance(0);
      assert.equal(/\r\nconnection: close/.test(wire.take().head), count === 100);
      assert.equal(wire.closed, count === 100);
    }
  });

  it("closes a connection that is idle for twenty seconds", () => {
    const wire = new Wire(server);
    s3.clock.advance(19_999);
    wire.get(url, { range: "bytes=0-0" });
    s3.clock.advance(19_999);
    assert.equal(wire.closed, false);
    s3.clock.advance(1);
    assert.equal(wire.closed, true);
  });

  it("answers 400 and closes on anything that is not a plain request", () => {
    for (const text of [
      "BREW / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
      `GET /${"a".repeat(17_000)}`,
    ]) {
      const wire = new Wire(server);
      wire.send(text);
      assert.match(wire.take().head, /^HTTP\/1\.1 400 /, text.slice(0, 40));
      assert(wire.closed);
    }
  });

  it("sends error bodies chunked", () => {
    s3.clock.advance(3_600_000);
    const { head, body } = fetch();
    assert.match(head, /^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*transfer-encoding: chunked/);
    assert.match(body.toString(), /^[0-9a-f]+\r\n<\?xml[\s\S]*Request has expired[\s\S]*\r\n0\r\n\r\n$/);
  });

  it("stops everything when it goes away and serves again when it comes back", () => {
    const before = new Wire(server);
    server.goAway();
    assert(before.closed);
    const during = new Wire(server);
    s3.clock.advance(0);
    assert(during.closed);
    server.comeBack();
    assert.equal(fetch().body.length, 40_000);
  });

  describe("with a fault on order", () => {
    it("answers 503 with Retry-After, as often as ordered", () => {
      const fault = { status: 503, retryAfter: "7", times: 2 };
      const first = fetch(fault);
      assert.match(first.head, /^HTTP\/1\.1 503 [\s\S]*retry-after: 7/);
      assert.match(first.body.toString(), /<Code>SlowDown</);
      assert.match(fetch().head, / 503 /);
      assert.match(fetch().head, / 200 /);
    });

    it("lets requests pass first when told to skip", () => {
      faults.add({ status: 500, skip: 1 });
      assert.match(fetch().head, / 200 /);
      assert.match(fetch().head, / 500 /);
    });

    it("cuts the body after the ordered bytes", () => {
      const { wire, head, body } = fetch({ cutAfterBytes: 20_001 });
      assert.match(head, /content-length: 40000/);
      assert.equal(body.length, 20_001);
      assert(wire.closed);
    });

    it("stalls after the ordered bytes with the connection open", () => {
      const { wire, body } = fetch({ stallAfterBytes: 100 });
      assert.equal(body.length, 100);
      s3.clock.advance(600_000);
      assert.equal(wire.received.length, 0);
      assert.equal(wire.closed, false);
    });

    it("drips the body", () => {
      const { wire, body } = fetch({ drip: { bytes: 1000, everyMs: 50 } });
      assert.equal(body.length, 1000);
      s3.clock.advance(100);
      assert.equal(wire.received.length, 2000);
      s3.clock.advance(37 * 50);
      assert.equal(wire.received.length, 39_000);
    });

    it("drops the request, delays the answer, closes after it", () => {
      const dropped = fetch({ drop: true });
      assert(dropped.wire.closed);
      assert.equal(dropped.head, "");
      const delayed = fetch({ delayMs: 500 }, {}, 499);
      assert.equal(delayed.head, "");
      s3.clock.advance(1);
      assert.match(delayed.wire.take().head, / 200 /);
      assert(fetch({ close: true }).wire.closed);
    });

    it("lies about range, total, entity tag and status", () => {
      const range = { range: "bytes=0-9" };
      assert.doesNotMatch(fetch({ contentRange: "missing" }, range).head, /content-range/);
      assert.match(fetch({ contentRange: "bytes 5-14/40000" }, range).head, /content-range: bytes 5-14\/40000/);
      assert.match(fetch({ total: 50_000 }, range).head, /content-range: bytes 0-9\/50000/);
      assert.match(fetch({ etag: '"new"' }, range).head, /etag: "new"/);
      const whole = fetch({ ignoreRange: true }, range);
      assert.match(whole.head, /^HTTP\/1\.1 200 /);
      assert.equal(whole.body.length, 40_000);
    });

    it("sends chunked, redirects, flips a byte, expires the URL", () => {
      const chunked = fetch({ chunked: true });
      assert.match(chunked.head, /transfer-encoding: chunked/);
      assert.doesNotMatch(chunked.head, /content-length/);
      assert.match(
        fetch({ status: 307, location: "https://other.example/x" }).head,
        / 307 [\s\S]*location: https:\/\/other\.example\/x/,
      );
      const flipped = fetch({ corruptByte: 20_000 }).body;
      assert.equal((flipped[20_000] ?? 0) ^ 0xff, BYTES[20_000]);
      assert.equal(flipped[20_001], BYTES[20_001]);
      assert.match(fetch({ expireUrl: true }).body.toString(), /Request has expired/);
    });

    it("hits only requests that fit", () => {
      faults.add({ service: "iot", status: 500 });
      faults.add({ method: "PUT", status: 500 });
      faults.add({ path: "/other", status: 500 });
      assert.match(fetch().head, / 200 /);
      assert.equal(faults.list().length, 3);
      faults.clear();
      assert.equal(faults.list().length, 0);
    });
  });
});

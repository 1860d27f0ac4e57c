import assert from "node:assert/strict";
import { setupFailure } from "../../modules/foundation/connection-failure.js";
import { TlsRefusal } from "../../modules/strict-tls/index.js";
import { type FakeReply, pattern, serveRange } from "../support/fake-http-server.js";
import { DownloadRig, ETAG, URL } from "./download-rig.js";

const CONTENT = pattern(20_000);

/** First answer as given, then a good server. */
function firstThen(first: (good: FakeReply) => FakeReply) {
  return (request: Parameters<typeof serveRange>[1], count: number) => {
    const good = serveRange(CONTENT, request, ETAG);
    return count === 1 ? first(good) : good;
  };
}

function completes(rig: DownloadRig): void {
  assert.equal(rig.error, undefined, rig.error?.message);
  assert.deepEqual(rig.network.violations, []);
  assert.deepEqual(rig.received, CONTENT);
  assert.equal(rig.download.offset, CONTENT.length);
  assert.equal(rig.events.at(-1), "done");
  assert.equal(rig.timer.pending, 0, "timers left");
  assert.equal(rig.network.open, 0, "sockets left");
}

describe("the downloader and its connections", () => {
  it("takes an image with one request on one connection", () => {
    const rig = new DownloadRig(firstThen((good) => good)).run();
    completes(rig);
    assert.deepEqual(rig.ranges, ["bytes=0-"]);
    assert.deepEqual(rig.result, { requests: 1, connections: 1, retries: 0, bytes: 20_000, size: 20_000, etag: ETAG });
  });

  it("takes a chunked body", () => {
    completes(new DownloadRig(firstThen((good) => ({ ...good, framing: "chunked" }))).run());
  });

  it("takes a chunked body with trailer fields", () => {
    const rig = new DownloadRig(firstThen((good) => ({ ...good, framing: "chunked", trailer: true }))).run();
    completes(rig);
    assert.equal(rig.result?.requests, 1);
  });

  it("takes a body ended by close", () => {
    const rig = new DownloadRig(firstThen((good) => ({ ...good, framing: "close" }))).run();
    completes(rig);
    assert.equal(rig.result?.requests, 1);
  });

  it("does not wait for the end of a body that is already there", () => {
    const rig = new DownloadRig(firstThen((good) => ({ ...good, framing: "close", endless: true }))).run(5_000);
    completes(rig);
  });

  it("survives Connection: close with a close after it", () => {
    const close = (good: FakeReply) => ({ ...good, finAfter: true, headers: { ...good.headers, connection: "close" } });
    const rig = new DownloadRig((request) => close(serveRange(CONTENT, request, ETAG)), { rangeLength: 5000 }).run();
    completes(rig);
    assert.equal(rig.result?.connections, 4);
    assert.equal(rig.result?.retries, 0);
  });

  for (const status of [204, 205]) {
    it(`tries again after a ${status}, and then calls the server wrong`, () => {
      const rig = new DownloadRig(() => ({ status })).run();
      assert.equal(rig.error?.code, "bad-response");
      assert.equal(rig.network.requests.length, 3);
      assert.deepEqual(rig.network.violations, []);
    });
  }

  for (const status of [100, 304]) {
    it(`does not hang on a ${status} without a length, behind which nothing comes`, () => {
      completes(new DownloadRig(firstThen(() => ({ status, framing: "close", endless: true }))).run());
    });
  }

  it("tries again after bytes that are no HTTP", () => {
    const rig = new DownloadRig(firstThen(() => ({ instead: "garbage" }))).run();
    completes(rig);
    assert.match(rig.traces[0] ?? "", /bad-response: no status line/);
  });

  it("tries again after a chunk without a length", () => {
    const rig = new DownloadRig(firstThen(() => ({ instead: "bad-chunk" }))).run();
    completes(rig);
    assert.match(rig.traces[0] ?? "", /bad-response: no length of a chunk/);
  });

  it("tries again after silence in the place of an answer", () => {
    const rig = new DownloadRig(firstThen(() => ({ instead: "silent" }))).run();
    completes(rig);
    assert.match(rig.traces[0] ?? "", /response-timeout/);
  });

  it("tries again after a status line that is no number", () => {
    completes(new DownloadRig(firstThen((good) => ({ ...good, status: Number.NaN }))).run());
  });

  it("goes on where a connection was lost within the body", () => {
    const rig = new DownloadRig(firstThen((good) => ({ ...good, cutAfter: 7_500 }))).run();
    completes(rig);
    assert.deepEqual(rig.ranges, ["bytes=0-", "bytes=7500-"]);
    assert.equal(rig.network.requests[1]?.headers.get("if-match"), ETAG);
    assert.equal(rig.result?.bytes, 20_000, "nothing is fetched twice");
  });

  it("goes on where a connection went silent within the body", () => {
    const rig = new DownloadRig(firstThen((good) => ({ ...good, stallAfter: 4_000 }))).run();
    completes(rig);
    assert.match(rig.traces[0] ?? "", /idle-timeout/);
    assert.deepEqual(rig.ranges, ["bytes=0-", "bytes=4000-"]);
  });

  it("ignores what comes after the announced length", () => {
    const extra = new Uint8Array(25_000);
    extra.set(CONTENT);
    const headers = { "content-range": "bytes 0-19999/20000", "content-length": "20000" };
    completes(new DownloadRig(() => ({ headers, body: extra })).run());
  });

  it("never asks a connection that is dead", () => {
    const rig = new DownloadRig(
      (request, count) => (count % 2 === 1 ? { instead: "cut" } : serveRange(CONTENT, request, ETAG)),
      { rangeLength: 6_000 },
    ).run();
    completes(rig);
  });

  it("asks once more at once when a reused connection ends before any byte, without counting it", () => {
    const rig = new DownloadRig(
      (request, count) => (count === 2 ? { instead: "cut" } : serveRange(CONTENT, request, ETAG)),
      { rangeLength: 10_000, maxAttempts: 1 },
    ).run(1_000);
    completes(rig);
    assert.equal(rig.network.requests[2]?.nth, 1);
  });

  it("counts it when the fresh connection fails as well", () => {
    const rig = new DownloadRig(
      (request, count) => (count >= 2 ? { instead: "cut" } : serveRange(CONTENT, request, ETAG)),
      { rangeLength: 10_000, maxAttempts: 1 },
    ).run();
    assert.equal(rig.error?.code, "retries-exhausted");
    assert.equal(rig.error?.reason, "disconnected");
    assert.equal(rig.network.requests.length, 3);
  });

  it("changes the connection after 100 requests", () => {
    const rig = new DownloadRig((request) => serveRange(CONTENT, request, ETAG), { rangeLength: 100 }).run();
    completes(rig);
    assert.equal(rig.result?.requests, 200);
    assert.equal(rig.result?.connections, 2);
  });

  it("reads with a Uint8Array of 4 KiB at most, whatever arrives", () => {
    let longest = 0;
    const rig = new DownloadRig((request) => ({ ...serveRange(CONTENT, request), pieces: [4096] }));
    rig.accept = (bytes) => {
      longest = Math.max(longest, bytes.length);
      return bytes.length;
    };
    completes(rig.run());
    assert.equal(longest, 4096);
  });

  it("sends the Host header without a port for the scheme's own, and with it for another", () => {
    const rig = new DownloadRig((request) => serveRange(CONTENT, request)).run();
    assert.equal(rig.network.requests[0]?.hostHeader, "firmware.example");
    const other = new DownloadRig((request) => serveRange(CONTENT, request), {
      url: "https://store.example:9000/app.bin",
    }).run();
    completes(other);
    assert.equal(other.network.requests[0]?.hostHeader, "store.example:9000");
    assert.equal(other.network.requests[0]?.port, 9000);
    assert.deepEqual(other.network.lookups, ["store.example"]);
  });

  it("sends path and query as they are", () => {
    const rig = new DownloadRig((request) => serveRange(CONTENT, request)).run();
    assert.equal(`https://firmware.example${rig.network.requests[0]?.path}`, URL);
  });
});

describe("a connection that cannot be made", () => {
  const cases = [
    ["dns", "dns"],
    ["refused", "connect"],
    ["tls", "tls"],
    ["tls-closed", "tls"],
    ["constructor", "tls"],
    ["silent", "response-timeout"],
    ["dns-silent", "dns"],
  ] as const;
  for (const [result, code] of cases) {
    it(`is tried again and named "${code}" (${result})`, () => {
      const rig = new DownloadRig((request) => serveRange(CONTENT, request));
      rig.network.connect = (connection) =>
        connection === 1 && rig.network.requests.length === 0 && rig.traces.length === 0 ? result : "ok";
      completes(rig.run());
      assert.match(rig.traces[0] ?? "", new RegExp(`fota-download: ${code}: .*https://firmware.example`));
    });

    it(`ends the download when it lasts (${result})`, () => {
      const rig = new DownloadRig((request) => serveRange(CONTENT, request), { maxAttempts: 4 });
      rig.network.connect = () => result;
      rig.run();
      assert.equal(rig.error?.code, "retries-exhausted");
      assert.equal(rig.error?.reason, code);
      assert.equal(rig.error?.repeatable, true);
      assert.equal(rig.download.stats.retries, 3);
      assert.deepEqual(rig.network.violations, []);
      assert.equal(rig.timer.pending, 0);
      assert.equal(rig.network.open, 0);
    });
  }

  it("is a refused connection for http, too", () => {
    const rig = new DownloadRig((request) => serveRange(CONTENT, request), {
      url: "http://firmware.example/a",
      allowHttp: true,
      maxAttempts: 1,
    });
    rig.network.connect = () => "refused";
    assert.equal(rig.run().error?.reason, "connect");
  });

  it("names the reason of a TLS failure", () => {
    const rig = new DownloadRig((request) => serveRange(CONTENT, request), { maxAttempts: 1 });
    rig.network.connect = () => "tls";
    assert.match(rig.run().error?.message ?? "", /certificate: no chain to a trusted root/);
  });

  const SIGNS = { screened: false, resolved: true, connected: true, established: true, exception: undefined };

  it("is tls whenever TLS says so itself, also on a connection that stood and before a socket was made", () => {
    const exception = new TlsRefusal("protocol", "recordProtocol auth failed");
    for (const signs of [SIGNS, { ...SIGNS, resolved: false, established: false }])
      assert.deepEqual(setupFailure({ ...signs, exception }, true), {
        code: "tls",
        detail: "protocol: recordProtocol auth failed",
      });
    assert.equal(setupFailure({ ...SIGNS, exception: new Error("anything else") }, true), undefined);
  });
});

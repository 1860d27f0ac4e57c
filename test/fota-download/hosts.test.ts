import assert from "node:assert/strict";
import { FotaDownloadError, type FotaDownloadOptions } from "../../modules/fota-download/index.js";
import { type FakeReply, type FakeRequest, pattern, serveRange } from "../support/fake-http-server.js";
import { DownloadRig, ETAG } from "./download-rig.js";

const CONTENT = pattern(20_000);
const good = (request: FakeRequest): FakeReply => serveRange(CONTENT, request, ETAG);
const redirectTo = (location: string) => (request: FakeRequest) =>
  request.path.startsWith("/rel") ? { status: 307, headers: { location } } : good(request);

/** What is told of a download that a server was refused to: all that anybody outside can compare. */
function refusal(rig: DownloadRig): object {
  const { requests, connections, bytes } = rig.download.stats;
  assert.deepEqual(rig.network.violations, []);
  assert.equal(rig.network.open, 0, "sockets left");
  assert.equal(rig.timer.pending, 0, "timers left");
  return { message: rig.error?.message, events: rig.events, traces: rig.traces, requests, connections, bytes };
}

const refusedAtOnce = (url: string, options: Partial<FotaDownloadOptions> = {}) =>
  new DownloadRig(good, { url, ...options }).run();

describe("a server that may not be asked", () => {
  for (const url of [
    "https://10.0.0.1/app.bin",
    "https://localhost/app.bin",
    "https://[::1]/app.bin",
    "https://127.1/app.bin",
  ])
    it(`is not looked up and not connected to: ${url}`, () => {
      const rig = refusedAtOnce(url);
      assert.equal(rig.error?.code, "host-refused");
      assert.equal(rig.error?.repeatable || rig.error?.retryable, false);
      assert.deepEqual(rig.network.lookups, []);
      assert.equal(rig.download.stats.connections, 0);
    });

  it("is refused in the same words whether its port is open, closed or silent, in the same moment", () => {
    const [first, ...others] = (["ok", "refused", "silent", "tls"] as const).map((fate) => {
      const rig = new DownloadRig(redirectTo("https://192.168.1.1:22/app.bin"));
      rig.network.connect = (connection) => (connection === 1 ? "ok" : fate);
      let ended = -1;
      rig.run(0);
      for (let ms = 0; ms < 100_000 && ended < 0; ms += 1) {
        rig.timer.advance(1);
        if (rig.error !== undefined) ended = rig.timer.now;
      }
      assert.equal(rig.error?.code, "host-refused");
      assert.deepEqual(rig.network.lookups, ["firmware.example"]);
      return { ...refusal(rig), ended };
    });
    for (const other of others) assert.deepEqual(other, first);
  });

  it("is refused in the same words wherever it is", () => {
    const [first, ...others] = [
      "https://10.0.0.1/a",
      "https://127.0.0.1:22/b",
      "https://localhost:8443/c",
      "https://[::1]/d",
    ].map((location) => refusal(new DownloadRig(redirectTo(location)).run()));
    for (const other of others) assert.deepEqual(other, first);
  });

  it("is any that is not listed, for the URL and for a redirect", () => {
    const allowedHosts = ["firmware.example", "*.cdn.example"];
    const codes = ["https://a.cdn.example/a", "https://cdn.example/a", "https://other.example/a", "/a"].map(
      (location) => new DownloadRig(redirectTo(location), { allowedHosts }).run().error?.code,
    );
    assert.deepEqual(codes, [undefined, "host-refused", "host-refused", undefined]);
    assert.equal(refusedAtOnce("https://other.example/a", { allowedHosts }).error?.code, "host-refused");
    assert.equal(refusedAtOnce("http://other.example/a", { allowedHosts }).error?.code, "host-refused");
  });

  it("is looked at after each redirect, not only after the first", () => {
    const rig = new DownloadRig((request) => {
      if (request.path.startsWith("/rel")) return { status: 302, headers: { location: "https://other.example/a" } };
      return { status: 302, headers: { location: "https://169.254.169.254/latest" } };
    }).run();
    assert.equal(rig.error?.code, "host-refused");
    assert.deepEqual(rig.network.lookups, ["firmware.example", "other.example"]);
  });

  it("cannot be listed by halves", () => {
    const make = () => new DownloadRig(good, { allowedHosts: ["*"] });
    assert.throws(make, (error) => error instanceof FotaDownloadError && error.code === "bad-option");
  });
});

describe("a name that leads into a local network", () => {
  const leading = (address: string, options: Partial<FotaDownloadOptions> = {}) => {
    const rig = new DownloadRig(good, { maxAttempts: 2, ...options });
    rig.network.addresses.set("firmware.example", address);
    return rig.run();
  };

  for (const address of ["192.168.1.1", "127.0.0.1", "169.254.169.254", "224.0.0.251"])
    it(`is not connected to at ${address}; it may lead elsewhere later`, () => {
      const rig = leading(address);
      assert.equal(rig.error?.code, "retries-exhausted");
      assert.equal(rig.error?.reason, "dns");
      assert.match(rig.error?.message ?? "", /host name leads into a local network/);
      assert.doesNotMatch(rig.error?.message ?? "", /\d+\.\d+\.\d+\.\d+/);
      assert.deepEqual(rig.network.lookups, ["firmware.example", "firmware.example"]);
      assert.deepEqual(rig.network.requests, []);
      refusal(rig);
    });

  it("is asked where it is listed: a private cloud's endpoint", () => {
    const rig = leading("192.168.1.1", { allowedHosts: ["firmware.example"] });
    assert.deepEqual(rig.received, CONTENT);
  });

  it("is not asked although it led outside before", () => {
    const rig = new DownloadRig(good, { rangeLength: 8000, requestsPerConnection: 1, maxAttempts: 1 });
    rig.download.start();
    rig.timer.advance(1);
    while (rig.received.length === 0) rig.timer.advance(1);
    rig.network.addresses.set("firmware.example", "10.0.0.1");
    rig.timer.advance(100_000);
    assert.equal(rig.error?.reason, "dns");
    assert.equal(rig.received.length, 8000);
  });
});

import assert from "node:assert/strict";
import type { FotaDownloadOptions } from "../../modules/fota-download/index.js";
import {
  type FakeHandler,
  type FakeReply,
  type FakeRequest,
  pattern,
  serveRange,
} from "../support/fake-http-server.js";
import { DownloadRig, ETAG } from "./download-rig.js";

const CONTENT = pattern(20_000);
const MINUTE = 60_000;
const good = (request: FakeRequest): FakeReply => serveRange(CONTENT, request, ETAG);

/** A sink that needs `ms` for each piece that it takes. */
function slowRig(handler: FakeHandler, ms: number, options: Partial<FotaDownloadOptions> = {}): DownloadRig {
  const rig = new DownloadRig(handler, { bufferLength: 1024, ...options });
  let busy = false;
  rig.accept = (bytes) => {
    assert.ok(!busy, "it was given bytes while it was held");
    busy = true;
    rig.download.hold();
    rig.timer.set(() => {
      busy = false;
      rig.download.release();
    }, ms);
    return bytes.length;
  };
  return rig;
}

function completes(rig: DownloadRig): void {
  assert.equal(rig.error, undefined, rig.error?.message);
  assert.deepEqual(rig.received, CONTENT);
  assert.deepEqual(rig.network.violations, []);
}

describe("a download that is held", () => {
  it("reads nothing before it is released, however long that takes, and no time-out runs", () => {
    const rig = slowRig(good, 5 * MINUTE, { idleTimeoutMs: 1000, minimumProgressMs: 2000 }).run(200 * MINUTE);
    completes(rig);
    assert.equal(rig.network.requests.length, 1);
    assert.equal(rig.result?.retries, 0);
  });

  it("waits for a server that is silent after the release no longer than before", () => {
    const rig = slowRig((request) => ({ ...good(request), stallAfter: 3000 }), MINUTE, { idleTimeoutMs: 1000 });
    rig.run(4 * MINUTE);
    assert.ok(rig.traces.some((line) => line.includes("idle-timeout")));
  });

  it("outlasts a connection that ends meanwhile: the next one is not read before the release either", () => {
    const rig = slowRig(
      (request, count) => (count === 1 ? { ...good(request), cutAfter: 5000 } : good(request)),
      MINUTE,
    );
    completes(rig.run(60 * MINUTE));
    assert.ok(rig.network.requests.length > 1);
  });

  it("is complete when its last byte was taken, whether it is released or not", () => {
    const rig = new DownloadRig(good);
    let taken = 0;
    rig.accept = (bytes) => {
      taken += bytes.length;
      if (taken === CONTENT.length) rig.download.hold();
      return bytes.length;
    };
    completes(rig.run(MINUTE));
    assert.equal(rig.events.at(-1), "done");
  });

  it("can be closed, and is not opened again by a release", () => {
    const rig = slowRig(good, MINUTE);
    rig.download.start();
    rig.timer.advance(1000);
    rig.download.close();
    rig.timer.advance(10 * MINUTE);
    assert.deepEqual([rig.events.includes("done"), rig.error], [false, undefined]);
    assert.equal(rig.network.open, 0);
  });
});

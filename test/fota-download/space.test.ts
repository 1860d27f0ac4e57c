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

/** A sink that needs `ms` for each piece that it takes, and has no space meanwhile. */
function slowRig(handler: FakeHandler, ms: number, options: Partial<FotaDownloadOptions> = {}): DownloadRig {
  const room = new Uint8Array(1024);
  let busy = false;
  let received = new Uint8Array(0);
  const rig: DownloadRig = new DownloadRig(handler, {
    sink: {
      space: () => (busy ? undefined : room),
      write: (bytes) => {
        assert.ok(!busy, "it was given bytes while it had no space");
        busy = true;
        received = Uint8Array.from([...received, ...bytes]);
        rig.received = received;
        rig.timer.set(() => {
          busy = false;
          rig.download.resume();
        }, ms);
      },
    },
    ...options,
  });
  return rig;
}

function completes(rig: DownloadRig): void {
  assert.equal(rig.error, undefined, rig.error?.message);
  assert.deepEqual(rig.received, CONTENT);
  assert.deepEqual(rig.network.violations, []);
}

describe("a download into a sink without space", () => {
  it("reads nothing before there is space again, however long that takes, and no time-out runs", () => {
    const rig = slowRig(good, 5 * MINUTE, { idleTimeoutMs: 1000, minimumProgressMs: 2000 }).run(200 * MINUTE);
    completes(rig);
    assert.equal(rig.network.requests.length, 1);
    assert.equal(rig.result?.retries, 0);
  });

  it("waits no longer than before for a server that is silent when there is space again", () => {
    const rig = slowRig((request) => ({ ...good(request), stallAfter: 3000 }), MINUTE, { idleTimeoutMs: 1000 });
    rig.run(4 * MINUTE);
    assert.ok(rig.traces.some((line) => line.includes("idle-timeout")));
  });

  it("outlasts a connection that ends meanwhile: the next one is not read before there is space either", () => {
    const rig = slowRig(
      (request, count) => (count === 1 ? { ...good(request), cutAfter: 5000 } : good(request)),
      MINUTE,
    );
    completes(rig.run(60 * MINUTE));
    assert.ok(rig.network.requests.length > 1);
  });

  it("is complete when its last byte was taken, whether there is space again or not", () => {
    const rig = slowRig(good, 1e9, { offset: CONTENT.length - 1000, size: CONTENT.length, etag: ETAG });
    rig.run(MINUTE);
    assert.equal(rig.events.at(-1), "done");
  });

  it("can be closed, and is not opened again when there is space", () => {
    const rig = slowRig(good, MINUTE);
    rig.download.start();
    rig.timer.advance(1000);
    rig.download.close();
    rig.timer.advance(10 * MINUTE);
    assert.deepEqual([rig.events.includes("done"), rig.error], [false, undefined]);
    assert.equal(rig.network.open, 0);
  });
});

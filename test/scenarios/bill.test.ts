import assert from "node:assert/strict";
import { assertBill, billIn } from "./support/bill.js";
import { DEFAULT_IMAGE_SIZE } from "./support/images.js";
import { RAW_URL, rawServer } from "./support/raw-server.js";
import { MINUTE, scenario } from "./support/scenario.js";

const AT_RAW = { document: { location: { url: RAW_URL } } };
const NOT_FOUND = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

describe("the bill of a job", () => {
  it("counts the one request that found nothing", () =>
    scenario({}, async (run) => {
      const seen = rawServer(run, (_, reply) => reply.text(NOT_FOUND));
      await run.publish(AT_RAW);
      run.endsWith("FAILED", "not-found");
      assert.equal(run.details().requests, String(seen.length));
      assertBill(run);
    }));

  it("counts the bytes of a download that failed after 100 000", () =>
    scenario({}, async (run) => {
      const image = await run.image("1.0.2");
      const seen = rawServer(run, (request, reply) => {
        if (request.number > 0) {
          reply.text(NOT_FOUND);
          return;
        }
        reply.serve(image, { headers: { "content-length": String(image.length) }, body: image.subarray(0, 100_000) });
        reply.connection.end();
      });
      await run.publish(AT_RAW);
      run.endsWith("FAILED", "not-found");
      const { requests, bytes } = run.details();
      assert.deepEqual({ requests, bytes }, { requests: String(seen.length), bytes: "100000" });
      assertBill(run);
    }));

  it("is in the details of an update that the application cancels, with the time it took", () =>
    scenario({ config: { cancelAt: 100_000 } }, async (run) => {
      await run.publish();
      run.endsWith("FAILED", "canceled-by-application");
      const { seconds } = billIn(run.details());
      assert.ok(seconds >= 1 && seconds <= 3, `${seconds}`);
      // What was under way when the application called is read by nobody.
      const { bytes, requests } = billIn(run.details());
      assert.ok(bytes >= 100_000 && bytes <= run.wire.ledger.bodyBytes, `${bytes}`);
      assert.equal(requests, run.wire.ledger.requests);
    }));

  it("has room in the details of an image that was rolled back, beside the post-mortem", () =>
    scenario({ config: {} }, async (run) => {
      await run.publish({ image: await run.image("1.0.2", { trial: "crash" }) });
      run.expectCrashes(1);
      run.endsWith("FAILED", "rolled-back");
      const details = run.details();
      assert.ok(Object.keys(details).length <= 10, JSON.stringify(details));
      assert.deepEqual([details.reset, details.selfTest], ["panic", "sensors"]);
      assertBill(run);
    }));

  it("knows after a power cut at least what is on flash", () =>
    scenario({ link: { latencyMs: 20, bytesPerSecond: 20_000, chunkBytes: 1024 } }, async (run) => {
      await run.publish();
      run.untilLoaded(150_000);
      run.world.board.powerCut();
      run.pass(MINUTE);
      run.world.board.powerOn();
      run.succeeds();
      const { bytes, erases } = billIn(run.details());
      const { bodyBytes } = run.wire.ledger;
      assert.ok(bytes >= DEFAULT_IMAGE_SIZE && bytes <= bodyBytes, `${bytes}, by the server ${bodyBytes}`);
      assert.ok(erases * 4096 <= run.slotBytesErased);
    }));
});

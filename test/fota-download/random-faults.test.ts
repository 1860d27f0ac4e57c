import assert from "node:assert/strict";
import { seededRandom } from "../../host-sim/board/random.js";
import { type FakeReply, type FakeRequest, pattern, serveRange } from "../support/fake-http-server.js";
import { DownloadRig, ETAG } from "./download-rig.js";

const RUNS = 300;

/** A server that fragments, drips, stalls, drops, throttles and redirects as the seed says. */
function unreliable(content: Uint8Array, random: () => number) {
  const below = (limit: number) => Math.floor(random() * limit);
  return (request: FakeRequest): FakeReply => {
    const reply = serveRange(content, request, ETAG);
    const length = reply.body?.length ?? 0;
    const pieces = Array.from({ length: 20 }, () => 1 + below(random() < 0.2 ? 4096 : 700));
    const shaped: FakeReply = { ...reply, pieces, interval: below(5), delay: below(200) };
    if (random() < 0.3) shaped.framing = random() < 0.5 ? "chunked" : "close";
    if (shaped.framing === "chunked" && random() < 0.3) shaped.trailer = true;
    if (random() < 0.2) shaped.finAfter = true;
    const fault = below(12);
    if (fault === 0) return { instead: "cut" };
    if (fault === 1) return { instead: "silent" };
    if (fault === 2) return { status: 503, headers: { "retry-after": String(below(30)) }, body: new Uint8Array(50) };
    if (fault === 3) return { status: 500, framing: "chunked", body: new Uint8Array(below(3000)) };
    if (fault === 4)
      return { status: 200, body: content, headers: { etag: ETAG }, pieces, cutAfter: below(content.length) };
    if (fault === 5 && request.path !== "/moved") return { status: 307, headers: { location: "/moved" } };
    if (fault <= 7) return { ...shaped, cutAfter: below(length + 1) };
    if (fault === 8) return { ...shaped, stallAfter: below(length + 1) };
    return shaped;
  };
}

describe("a download through random faults", () => {
  it(`brings exactly the bytes of the content, for ${RUNS} seeds`, () => {
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const random = seededRandom(seed);
      const content = pattern(1 + Math.floor(random() * 60_000), seed);
      const offset = random() < 0.3 ? Math.floor(random() * content.length) : 0;
      const rig = new DownloadRig(unreliable(content, random), {
        offset,
        ...(offset > 0 || random() < 0.5 ? { etag: ETAG } : {}),
        ...(random() < 0.5 ? { size: content.length } : {}),
        ...(random() < 0.5 ? { rangeLength: 500 + Math.floor(random() * 20_000) } : {}),
        requestsPerConnection: 1 + Math.floor(random() * 5),
        minimumProgress: 1,
        maxAttempts: 100,
        random,
      });
      rig.received = content.slice(0, offset);
      rig.network.connect = () => {
        const dice = random();
        return dice < 0.02 ? "dns" : dice < 0.04 ? "refused" : dice < 0.06 ? "tls" : dice < 0.07 ? "silent" : "ok";
      };
      rig.run(200_000_000);
      const id = `seed ${seed}: ${rig.events.join()} ${rig.traces.slice(-3).join("; ")}`;
      assert.equal(rig.result?.size, content.length, id);
      assert.equal(Buffer.compare(rig.received, content), 0, id);
      assert.deepEqual(rig.network.violations, [], id);
      assert.equal(rig.timer.pending, 0, id);
      assert.equal(rig.network.open, 0, id);
    }
  });
});

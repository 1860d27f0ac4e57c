import assert from "node:assert/strict";
import { insideOperator } from "../../../host-sim/cloud/server/operator.js";
import { type HttpsCloud, startHttpsCloud } from "../support/https-cloud.js";
import { pattern } from "../support/memory-s3.js";
import { RawHttps } from "../support/raw-https.js";

const BYTES = pattern(100_000);

describe("check 17: S3 over HTTPS", function () {
  this.timeout(30_000);
  let cloud: HttpsCloud;
  let url: string;
  let wire: RawHttps;

  beforeEach(async () => {
    cloud = await startHttpsCloud({ idleTimeoutMs: 300 });
    const { context, credentials, s3 } = cloud.services;
    const operator = insideOperator({ origin: cloud.origin, rest: { context, credentials, routes: [] }, s3 });
    await operator.send({ service: "s3", method: "PUT", target: "/my-fw" });
    await operator.send({ service: "s3", method: "PUT", target: "/my-fw/app.bin", body: BYTES });
    url = cloud.services.presign("https://s3.us-east-1.amazonaws.com/my-fw/app.bin", 600);
    wire = await RawHttps.open(cloud.front.port, cloud.ca);
  });
  afterEach(async () => {
    wire.close();
    await cloud.close();
  });

  it("check 17: 206 is right at both ends", async () => {
    for (const [range, first, last] of [
      ["bytes=0-0", 0, 0],
      ["bytes=99999-", 99_999, 99_999],
      ["bytes=99990-200000", 99_990, 99_999],
      ["bytes=-10", 99_990, 99_999],
      ["bytes=0-", 0, 99_999],
    ] as const) {
      const answer = await wire.request(url, "GET", { range });
      assert.equal(answer.status, 206);
      assert.equal(answer.headers["content-range"], `bytes ${first}-${last}/100000`);
      assert.equal(answer.headers["content-length"], String(last - first + 1));
      assert.deepEqual(answer.body, Buffer.from(BYTES.subarray(first, last + 1)));
    }
  });

  it("check 17: 416 has a chunked body, If-Match gives 412", async () => {
    const beyond = await wire.request(url, "GET", { range: "bytes=100000-" });
    assert.equal(beyond.status, 416);
    assert.equal(beyond.headers["transfer-encoding"], "chunked");
    assert.match(beyond.body.toString(), /<Code>InvalidRange<[\s\S]*<ActualObjectSize>100000</);
    const replaced = await wire.request(url, "GET", { "if-match": '"other"' });
    assert.equal(replaced.status, 412);
    assert.equal(replaced.headers["transfer-encoding"], "chunked");
    assert.match(replaced.body.toString(), /<Code>PreconditionFailed</);
  });

  it("check 17: the 100th answer announces Connection: close and the connection ends", async () => {
    for (let count = 1; count <= 100; count += 1) {
      const answer = await wire.request(url, "GET", { range: "bytes=0-0" });
      assert.equal(answer.status, 206);
      assert.equal(answer.headers.connection === "close", count === 100, `answer ${count}`);
    }
    await wire.untilEnd();
  });

  it("check 17: a burst of 503 passes", async () => {
    cloud.faults.add({ service: "s3", status: 503, retryAfter: "1", times: 3 });
    for (let count = 0; count < 3; count += 1) {
      const answer = await wire.request(url);
      assert.equal(answer.status, 503);
      assert.equal(answer.headers["retry-after"], "1");
      assert.match(answer.body.toString(), /<Code>SlowDown</);
    }
    assert.equal((await wire.request(url)).status, 200);
  });

  it("check 17: a cut in the middle of the body leaves the announced length unfulfilled", async () => {
    cloud.faults.add({ cutAfterBytes: 50_000 });
    const answer = await wire.request(url);
    assert.equal(answer.headers["content-length"], "100000");
    assert.equal(answer.complete, false);
    assert.equal(answer.body.length, 50_000);
    assert(wire.ended);
  });

  it("check 17: an idle connection is closed", async () => {
    await wire.request(url, "GET", { range: "bytes=0-0" });
    await wire.untilEnd();
  });

  it("check 17: HEAD with a URL for GET, and an edited query, are 403", async () => {
    assert.equal((await wire.request(url, "HEAD")).status, 403);
    const edited = await wire.request(url.replace("X-Amz-Expires=600", "X-Amz-Expires=6000"));
    assert.equal(edited.status, 403);
    assert.match(edited.body.toString(), /<Code>SignatureDoesNotMatch</);
    const moved = await wire.request(url.replace("https://localhost:", "https://127.0.0.1:"));
    assert.equal(moved.status, 403);
  });

  it("drops, delays and chunks on order", async () => {
    cloud.faults.add({ chunked: true, drip: { bytes: 40_000, everyMs: 1 } });
    const chunked = await wire.request(url);
    assert.equal(chunked.headers["content-length"], undefined);
    assert.deepEqual(chunked.body, Buffer.from(BYTES));
    cloud.faults.add({ drop: true });
    assert.equal((await wire.request(url)).status, 0);
    assert(wire.ended);
  });

  it("goes away and comes back on the same port", async () => {
    await cloud.front.goAway();
    await assert.rejects(RawHttps.open(cloud.front.port, cloud.ca), /ECONNREFUSED/);
    await cloud.front.comeBack();
    const again = await RawHttps.open(cloud.front.port, cloud.ca);
    assert.equal((await again.request(url)).status, 200);
    again.close();
  });
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { IMAGE_BUCKET } from "../../host-sim/publish/index.js";
import { RAW_URL, type RawReply, type RawRequest, rawServer } from "./support/raw-server.js";
import { type Scenario, scenario } from "./support/scenario.js";

const BREAK_AT = 200_000;

/** Serves the image, breaks off the first answer, and lets `resume` change the answers after it. */
async function broken(
  run: Scenario,
  resume: (request: RawRequest, reply: RawReply, image: Uint8Array) => void,
): Promise<RawRequest[]> {
  const image = await run.image("1.0.2");
  const seen = rawServer(run, (request, reply) => {
    if (request.number > 0) {
      resume(request, reply, image);
      return;
    }
    reply.serve(image, { headers: { "content-length": String(image.length) }, body: image.subarray(0, BREAK_AT) });
    reply.connection.end();
  });
  const sha256 = createHash("sha256").update(image).digest("hex");
  await run.publish({ document: { location: { url: RAW_URL }, sha256 } });
  return seen;
}

describe("what others suffered from: ranges that are honoured in odd ways", () => {
  // modelscope_hub issue 50: files were truncated and shifted
  it("200 with the Content-Range that was asked for", () =>
    scenario({}, async (run) => {
      const seen = await broken(run, (_, reply, image) => reply.serve(image, { status: "200 OK" }));
      run.succeeds();
      await run.intact();
      assert.ok(seen.length <= 4, `${seen.length} requests`);
    }));

  // httrack issue 198: caches answer from the begin of their block, and the overlap was written twice
  it("206 that begins before the byte that was asked for", () =>
    scenario({}, async (run) => {
      const seen = await broken(run, ({ start }, reply, image) => {
        const from = start - (start % 65_536);
        reply.serve(image, {
          headers: {
            "content-range": `bytes ${from}-${image.length - 1}/${image.length}`,
            "content-length": String(image.length - from),
          },
          body: image.subarray(from),
        });
      });
      const status = run.end();
      if (status === "SUCCEEDED") await run.intact();
      else assert.match(run.details().code ?? "", /^(?:bad-response|content-changed|retries-exhausted)$/);
      assert.ok(seen.length <= 12, `${seen.length} requests`);
      assert.equal(run.version, status === "SUCCEEDED" ? "1.0.2" : "1.0.1");
    }));

  // QtMeshEditor pull request 1039: units are compared without case [RFC 9110 14.1]
  it("a unit in capitals", () =>
    scenario({}, async (run) => {
      const seen = await broken(run, ({ start }, reply, image) =>
        reply.serve(image, { headers: { "content-range": `Bytes ${start}-${image.length - 1}/${image.length}` } }),
      );
      run.succeeds();
      await run.intact();
      assert.equal(seen.length, 2);
    }));
});

describe("what others suffered from: names of objects that have to be encoded", () => {
  // aws-sdk-cpp issue 110, nginx-s3-gateway issue 77, rust-s3 issue 148: 403 or 404 for what is signed otherwise
  for (const key of ["app+1.bin", "an app.bin", "größe/ä.bin", "50%2B.bin", "a~b'(c)!*.bin", "a//b.bin", "..a/b.bin"])
    it(JSON.stringify(key), () =>
      scenario({}, async (run) => {
        run.world.cloud.putImage(key, await run.image("1.0.2"));
        const path = key.split("/").map(encodeURIComponent).join("/");
        const url = `https://s3.us-east-1.amazonaws.com/${IMAGE_BUCKET}/${path}`;
        await run.publish({ document: { location: { url: `${"$"}{aws:iot:s3-presigned-url:${url}}` } } });
        run.succeeds();
        await run.intact();
      }),
    );
});

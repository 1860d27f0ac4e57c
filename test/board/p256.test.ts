import assert from "node:assert/strict";
import { createHash, createPrivateKey, sign } from "node:crypto";
import { verifyP256 } from "../../host-sim/board/p256.js";

/** A fixed key, so that nothing in this test is left to chance but Node's own nonce. */
const KEY = {
  kty: "EC",
  crv: "P-256",
  d: "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
};
const point = new Uint8Array(
  Buffer.concat([Buffer.of(4), Buffer.from(KEY.x, "base64url"), Buffer.from(KEY.y, "base64url")]),
);
const message = Buffer.from("an image");
const digest = new Uint8Array(createHash("sha256").update(message).digest());
const signature = new Uint8Array(
  sign("sha256", message, { key: createPrivateKey({ key: KEY, format: "jwk" }), dsaEncoding: "ieee-p1363" }),
);

function changed(bytes: Uint8Array, index: number): Uint8Array {
  const copy = bytes.slice();
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

describe("verifyP256", () => {
  it("accepts a signature that Node made", () => {
    assert.equal(verifyP256(point, digest, signature), true);
  });

  it("refuses another digest, signature or key", () => {
    assert.equal(verifyP256(point, changed(digest, 0), signature), false);
    assert.equal(verifyP256(point, digest, changed(signature, 5)), false);
    assert.equal(verifyP256(point, digest, changed(signature, 63)), false);
    assert.equal(verifyP256(changed(point, 40), digest, signature), false, "a point that is not on the curve");
  });

  it("refuses r or s of zero, and beyond the order", () => {
    const zero = new Uint8Array(32);
    const over = new Uint8Array(32).fill(0xff);
    for (const part of [zero, over]) {
      assert.equal(verifyP256(point, digest, Uint8Array.of(...part, ...signature.subarray(32))), false);
      assert.equal(verifyP256(point, digest, Uint8Array.of(...signature.subarray(0, 32), ...part)), false);
    }
  });

  it("refuses wrong lengths and compressed points", () => {
    assert.equal(verifyP256(point.subarray(1), digest, signature), false);
    assert.equal(verifyP256(point, digest.subarray(1), signature), false);
    assert.equal(verifyP256(point, digest, signature.subarray(1)), false);
    assert.equal(verifyP256(changed(point, 0), digest, signature), false);
  });
});

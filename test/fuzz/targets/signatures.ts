import assert from "node:assert/strict";
import fc from "fast-check";
import { publicKeyPoint, signatureFromBase64, signatureFromDer } from "../../../modules/aws-fota/signature.js";
import { bytesTarget } from "../../support/fuzz/fuzz-target.js";
import { mutatedBytes } from "../../support/fuzz/mutations.js";

/** Order of P-256. [SEC 2, 2.4.2] */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const bigIntOf = (bytes: Uint8Array): bigint => BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);

/** The shortest form, as DER wants it. */
function derInteger(value: bigint): Buffer {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  const padded = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Buffer.concat([Buffer.of(2, padded.length), padded]);
}

function derSignature(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

/** The edges of the range count as much as what lies between. */
const scalars = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 257n }),
  fc.constantFrom(0n, 1n, 127n, 128n, 255n, 256n, 2n ** 255n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 256n - 1n),
);

export const derSignatures = bytesTarget({
  name: "der-signature",
  reads: "ECDSA signatures in job documents",
  reaches: ["signature", "refused"],
  data: mutatedBytes(
    fc.tuple(scalars, scalars).map(([r, s]) => new Uint8Array(derSignature(r, s))),
    { most: 2 },
  ),
  check: (der) => {
    const signature = signatureFromDer(der);
    assert.deepEqual(signatureFromBase64(Buffer.from(der).toString("base64")), signature, "base64 makes no difference");
    if (signature === undefined) return "refused";
    const [r, s] = [bigIntOf(signature.subarray(0, 32)), bigIntOf(signature.subarray(32))];
    assert.ok(r > 0n && r < ORDER && s > 0n && s < ORDER, "the SDK's verifier never returns from a zero");
    assert.deepEqual(new Uint8Array(derSignature(r, s)), der, "only the one DER form is taken");
    return "signature";
  },
});

const SPKI = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");
const points = fc
  .uint8Array({ minLength: 64, maxLength: 64 })
  .map((xy) => new Uint8Array(Buffer.concat([Buffer.of(4), xy])));

export const publicKeys = bytesTarget({
  name: "public-key",
  reads: "the key that images are signed with, from the firmware's resources",
  reaches: ["point", "refused"],
  data: mutatedBytes(
    fc.oneof(
      points,
      points.map((point) => new Uint8Array(Buffer.concat([SPKI, point]))),
    ),
    { most: 1 },
  ),
  check: (key) => {
    const point = publicKeyPoint(key);
    if (point === undefined) return "refused";
    assert.equal(point.length, 65);
    assert.deepEqual(Buffer.from(key.subarray(key.length - 65)), Buffer.from(point));
    return "point";
  },
});

import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { publicKeyPoint, signatureFromBase64, signatureFromDer } from "../../modules/aws-fota/signature.js";

const ORDER = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");
const ONE = Buffer.from([1]);

function der(r: Uint8Array, s: Uint8Array): Uint8Array {
  const integer = (value: Uint8Array) => Buffer.concat([Buffer.from([2, value.length]), value]);
  const body = Buffer.concat([integer(r), integer(s)]);
  return Uint8Array.from(Buffer.concat([Buffer.from([0x30, body.length]), body]));
}

function unsigned(value: Buffer): Buffer {
  return (value[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), value]) : value;
}

describe("signatureFromDer", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });

  it("turns what a signer writes into r and s, also when one of them is short", () => {
    for (let i = 0; i < 200; i++) {
      const data = createHash("sha256").update(String(i)).digest();
      const signature = sign("sha256", data, privateKey);
      const raw = signatureFromDer(Uint8Array.from(signature));
      assert.equal(raw?.length, 64);
      const again = der(unsigned(stripped(raw?.subarray(0, 32))), unsigned(stripped(raw?.subarray(32))));
      assert.deepEqual(Buffer.from(again), signature);
    }
  });

  it("takes the smallest and the largest values allowed", () => {
    const largest = Buffer.from(ORDER);
    largest[31] = (largest[31] ?? 0) - 1;
    assert.deepEqual(signatureFromDer(der(ONE, ONE))?.[63], 1);
    assert.equal(signatureFromDer(der(unsigned(largest), unsigned(largest)))?.length, 64);
  });

  const refused: readonly [string, Uint8Array][] = [
    ["r of 0", der(Buffer.from([0]), ONE)],
    ["s of 0, for which the verifier never returns", der(ONE, Buffer.from([0]))],
    ["r equal to the order", der(unsigned(ORDER), ONE)],
    ["s equal to the order", der(ONE, unsigned(ORDER))],
    ["s above the order", der(ONE, Buffer.concat([Buffer.from([0]), Buffer.alloc(32, 0xff)]))],
    ["a negative r", der(Buffer.from([0x80]), ONE)],
    ["a padded r", der(Buffer.from([0, 1]), ONE)],
    ["an empty integer", der(Buffer.alloc(0), ONE)],
    ["33 significant bytes", der(Buffer.alloc(33, 0x11), ONE)],
    ["bytes behind", Uint8Array.from([...der(ONE, ONE), 0])],
    ["bytes behind within the sequence", Uint8Array.from([0x30, 8, 2, 1, 1, 2, 1, 1, 5, 0])],
    ["a sequence that is cut", der(ONE, ONE).subarray(0, 6)],
    ["a length beyond the end", Uint8Array.from([0x30, 6, 2, 1, 1, 2, 9, 1])],
    ["another type", Uint8Array.from([0x30, 6, 4, 1, 1, 2, 1, 1])],
    ["a long-form length", Uint8Array.from([0x30, 0x81, 6, 2, 1, 1, 2, 1, 1])],
    ["nothing", new Uint8Array()],
    ["noise", Uint8Array.from({ length: 70 }, (_, i) => (i * 91) & 0xff)],
  ];
  for (const [what, bytes] of refused) {
    it(`refuses ${what}`, () => assert.equal(signatureFromDer(bytes), undefined));
  }

  it("refuses text that is not base64 or far too long", () => {
    assert.equal(signatureFromBase64("not base64!"), undefined);
    assert.equal(signatureFromBase64("A".repeat(4000)), undefined);
  });

  it("reads a public key as SubjectPublicKeyInfo and as point", () => {
    const spki = Uint8Array.from(publicKey.export({ format: "der", type: "spki" }));
    const point = publicKeyPoint(spki);
    assert.equal(point?.length, 65);
    assert.deepEqual(publicKeyPoint(point ?? new Uint8Array()), point);
  });

  it("refuses keys of other kinds", () => {
    const p384 = generateKeyPairSync("ec", { namedCurve: "secp384r1" }).publicKey;
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
    for (const key of [p384, rsa]) {
      assert.equal(publicKeyPoint(Uint8Array.from(key.export({ format: "der", type: "spki" }))), undefined);
    }
    assert.equal(publicKeyPoint(Uint8Array.of(2, ...new Uint8Array(32))), undefined);
    assert.equal(publicKeyPoint(new Uint8Array(65)), undefined);
    assert.equal(publicKeyPoint(new Uint8Array()), undefined);
  });
});

function stripped(value: Uint8Array | undefined): Buffer {
  const bytes = Buffer.from(value ?? []);
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? Buffer.from([0]) : bytes.subarray(first);
}

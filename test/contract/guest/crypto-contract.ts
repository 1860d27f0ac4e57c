import type { Program } from "./harness.js";
import { Digest, Resource, text, verifyP256 } from "./sdk.js";

/** SHA-256 of "abc" [FIPS 180-2 B.1]. */
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/** A key made for this test, and its signature of the SHA-256 of "firmware". */
const POINT =
  "0422cca961548b6cfd819c5fd005b551b5c232303a0c0498c5cc50a8c401eaa724ae16e5e836f457bee273066997ba48cb73be2d813d51fce27dbb7335db5ab67e";
const SIGNATURE =
  "1bcf0ef897246c1b9ac30166524980e4f160068e420a45a7525b5d1ea1d86da4e634459560613e41694d5adb648d50aebd4b2cd23adca1e72549d7489e6735a4";
const SIGNATURE_DER =
  "304502201bcf0ef897246c1b9ac30166524980e4f160068e420a45a7525b5d1ea1d86da4022100e634459560613e41694d5adb648d50aebd4b2cd23adca1e72549d7489e6735a4";

function hex(buffer: ArrayBuffer): string {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytes(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}

function firmwareDigest(): ArrayBuffer {
  const digest = new Digest("SHA256");
  digest.write("firmware");
  return digest.close();
}

export const cryptoContract: readonly Program[] = [
  {
    name: "crypt: a digest takes strings, buffers, views and resources in pieces",
    run(check) {
      const digest = new Digest("SHA256");
      digest.write("a");
      digest.write(text.encode("b"));
      digest.write(Uint8Array.of(0, 99, 0).subarray(1, 2));
      check.equal(hex(digest.close()), ABC, "SHA-256");
      const ofResource = new Digest("SHA256");
      const resource = new Resource("ca.der");
      ofResource.write(resource);
      const ofSlice = new Digest("SHA256");
      ofSlice.write(resource.slice(0));
      check.equal(hex(ofResource.close()), hex(ofSlice.close()), "resource");
      check.done();
    },
  },
  {
    name: "crypt: close(true) is a snapshot",
    run(check) {
      const digest = new Digest("SHA256");
      digest.write("abc");
      check.equal(hex(digest.close(true)), ABC, "so far");
      digest.write("d");
      check.ok(hex(digest.close()) !== ABC, "goes on");
      check.equal(hex(digest.process("a", "bc")), ABC, "process begins anew");
      check.done();
    },
  },
  {
    name: "crypt: an unknown digest is refused",
    run(check) {
      check.throws(() => new Digest("SHA3"), "Error", "crypt: unsupported digest", "SHA3");
      check.done();
    },
  },
  {
    name: "ecdsa: verifies P-256 signatures, raw and DER",
    run(check) {
      const point = bytes(POINT);
      const raw = bytes(SIGNATURE);
      check.equal(verifyP256(point, firmwareDigest(), raw.slice().buffer), true, "raw, ArrayBuffer");
      check.equal(verifyP256(point, firmwareDigest(), raw), true, "raw, Uint8Array");
      check.equal(verifyP256(point, firmwareDigest(), bytes(SIGNATURE_DER), true), true, "DER");
      check.done();
    },
  },
  {
    name: "ecdsa: a changed signature or digest does not verify",
    run(check) {
      const point = bytes(POINT);
      const changed = bytes(SIGNATURE);
      changed[40] = (changed[40] ?? 0) ^ 1;
      check.equal(verifyP256(point, firmwareDigest(), changed.slice().buffer), false, "signature");
      const other = new Digest("SHA256");
      other.write("Firmware");
      check.equal(verifyP256(point, other.close(), bytes(SIGNATURE).slice().buffer), false, "digest");
      check.throws(
        () => verifyP256(bytes(`02${POINT.slice(2)}`), firmwareDigest(), changed),
        "Error",
        "unsupported format",
        "point",
      );
      check.done();
    },
  },
  {
    name: "resource: slices are copies, and a missing one is a URIError",
    run(check) {
      const resource = new Resource("ca.der");
      check.ok(Resource.exists("ca.der"), "exists");
      check.ok(!Resource.exists("none.der"), "exists not");
      check.equal(new Uint8Array(resource.slice(0, 1))[0], 0x30, "first byte");
      check.equal(resource.slice(0).byteLength, resource.byteLength, "length");
      check.throws(() => new Resource("none.der"), "URIError", undefined, "missing");
      check.done();
    },
  },
];

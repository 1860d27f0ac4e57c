import { Digest } from "crypt";
import Curve from "curve";
import ECDSA from "ecdsa";
import ECPoint from "ecp";
import RSA from "rsa";
import type { CryptoPort } from "../signature.js";

/** What XS adds to the standard library. */
const Numbers = BigInt as unknown as { fromArrayBuffer(bytes: ArrayBuffer): bigint };
const Buffers = ArrayBuffer as unknown as { fromBigInt(value: bigint, size: number): ArrayBuffer };

type ByteDigest = { write(bytes: Uint8Array): void; close(): ArrayBuffer };

/** The SDK's big-number code reads whole buffers, and a view may be a part of one. */
const bufferOf = (view: Uint8Array): ArrayBuffer => new Uint8Array(view).buffer;
const numberOf = (view: Uint8Array): bigint => Numbers.fromArrayBuffer(bufferOf(view));

/** The arithmetic of the SDK. What it leaves unchecked was checked before: ranges, points, encodings. */
export const sdkCrypto: CryptoPort = Object.freeze({
  digest(hash, parts) {
    const digest = new Digest(hash) as unknown as ByteDigest;
    for (const part of parts) digest.write(part);
    return new Uint8Array(digest.close());
  },
  rsaPower({ modulus, exponent }, signature) {
    const power = new RSA(numberOf(exponent), numberOf(modulus)).process(numberOf(signature));
    return new Uint8Array(Buffers.fromBigInt(power, modulus.length));
  },
  verifyEcdsa({ curve, point }, digest, r, s) {
    const pair = new Uint8Array(r.length + s.length);
    pair.set(r);
    pair.set(s, r.length);
    const verifier = new ECDSA(ECPoint.fromOctetString(new Uint8Array(point)), new Curve(curve), false);
    return verifier.verify(bufferOf(digest), pair.buffer);
  },
} satisfies CryptoPort);

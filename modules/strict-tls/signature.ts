import type { HashName, SignatureAlgorithm } from "./algorithms.js";
import { isLess, isZero, resized, sameBytes } from "./bytes.js";
import { coordinateSize, orderOf } from "./curves.js";
import { DerReader, INTEGER, unsigned } from "./der.js";
import { TlsRefusal } from "./errors.js";
import type { EcKey, PublicKey, RsaKey } from "./public-key.js";

/** The arithmetic, which is the platform's. */
export type CryptoPort = {
  /** Of the parts one after the other. */
  digest(hash: HashName, parts: readonly Uint8Array[]): Uint8Array;
  /**
   * `signature` to the power of the exponent, as a number of as many bytes as the modulus. `signature` lies between 1
   * and the modulus less 1.
   */
  rsaPower(key: RsaKey, signature: Uint8Array): Uint8Array;
  /**
   * `digest` is not longer than a coordinate; `r` and `s` have the length of one and lie between 1 and the order less
   * 1.
   */
  verifyEcdsa(key: EcKey, digest: Uint8Array, r: Uint8Array, s: Uint8Array): boolean;
};

/** DigestInfo up to the digest itself. [RFC 8017, 9.2, note 1] */
const DIGEST_INFO: Readonly<Record<HashName, readonly number[]>> = Object.freeze({
  SHA256: Object.freeze([0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20]),
  SHA384: Object.freeze([0x30, 0x41, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2, 5, 0, 4, 0x30]),
  SHA512: Object.freeze([0x30, 0x51, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3, 5, 0, 4, 0x40]),
});

/** Whether `signature` over the parts was made with the private half of `key`. Never throws for what a server sends. */
export function isSignedBy(
  key: PublicKey,
  algorithm: SignatureAlgorithm,
  parts: readonly Uint8Array[],
  signature: Uint8Array,
  crypto: CryptoPort,
): boolean {
  if (key.type !== algorithm.key) return false;
  const digest = crypto.digest(algorithm.hash, parts);
  return key.type === "rsa"
    ? isRsaSignature(key, algorithm.hash, digest, signature, crypto)
    : isEcSignature(key, digest, signature, crypto);
}

/**
 * The whole encoded block is compared: a verifier that reads it as it comes can be given something else behind the
 * digest.
 */
function isRsaSignature(
  key: RsaKey,
  hash: HashName,
  digest: Uint8Array,
  signature: Uint8Array,
  crypto: CryptoPort,
): boolean {
  if (signature.length !== key.modulus.length || isZero(signature) || !isLess(signature, key.modulus)) return false;
  return sameBytes(crypto.rsaPower(key, signature), encodedBlock(hash, digest, key.modulus.length));
}

/** 0, 1, 255 ..., 0, DigestInfo. [RFC 8017, 9.2] */
function encodedBlock(hash: HashName, digest: Uint8Array, size: number): Uint8Array {
  const prefix = DIGEST_INFO[hash];
  const block = new Uint8Array(size).fill(0xff);
  const start = size - digest.length - prefix.length;
  block[0] = 0;
  block[1] = 1;
  block[start - 1] = 0;
  block.set(prefix, start);
  block.set(digest, size - digest.length);
  return block;
}

function isEcSignature(key: EcKey, digest: Uint8Array, signature: Uint8Array, crypto: CryptoPort): boolean {
  const size = coordinateSize(key.curve);
  const pair = parsePair(signature);
  const [r, s] = pair === undefined ? [] : pair.map((number) => resized(number, size));
  const order = orderOf(key.curve);
  const inRange = (number: Uint8Array | undefined): number is Uint8Array =>
    number !== undefined && !isZero(number) && isLess(number, order);
  if (!inRange(r) || !inRange(s)) return false;
  // A longer digest counts with its leading bits. [FIPS 186-4, 6.4]
  return crypto.verifyEcdsa(key, digest.subarray(0, size), r, s);
}

function parsePair(signature: Uint8Array): readonly [Uint8Array, Uint8Array] | undefined {
  try {
    const outer = new DerReader(signature);
    const numbers = outer.sequence("signature");
    outer.end("signature");
    const r = unsigned(numbers.read(INTEGER, "signature"), "signature");
    const s = unsigned(numbers.read(INTEGER, "signature"), "signature");
    numbers.end("signature");
    return [r, s];
  } catch (error) {
    if (error instanceof TlsRefusal) return undefined;
    throw error;
  }
}

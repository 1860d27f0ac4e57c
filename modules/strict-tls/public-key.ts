import { type CurveName, isPointOf } from "./curves.js";
import {
  BIT_STRING,
  DerReader,
  INTEGER,
  identifierOf,
  malformed,
  NULL,
  OBJECT_IDENTIFIER,
  SEQUENCE,
  unsigned,
  wholeBits,
} from "./der.js";
import { TlsRefusal } from "./errors.js";

/** Numbers are big-endian, without leading zeros. */
export type RsaKey = { readonly type: "rsa"; readonly modulus: Uint8Array; readonly exponent: Uint8Array };
/** `point`: 0x04, x, y; it lies on the curve. */
export type EcKey = { readonly type: "ec"; readonly curve: CurveName; readonly point: Uint8Array };
/** A key that a signature of the chain or of the key exchange is verified with. */
export type PublicKey = RsaKey | EcKey;

export const RSA_ENCRYPTION = "42,134,72,134,247,13,1,1,1";
const EC_PUBLIC_KEY = "42,134,72,206,61,2,1";
const CURVES: Readonly<Record<string, CurveName>> = Object.freeze({
  "42,134,72,206,61,3,1,7": "secp256r1",
  "43,129,4,0,34": "secp384r1",
});

/** Below: broken. Above: no authority uses it, and the arithmetic would take seconds on a board. [RFC 9325, 4.5] */
const MIN_MODULUS_BYTES = 256;
const MAX_MODULUS_BYTES = 512;
const MAX_EXPONENT_BYTES = 4;

/**
 * Reads a SubjectPublicKeyInfo.
 * @throws TlsRefusal `certificate` for keys that are malformed, too short, or of another kind than RSA, P-256 and P-384
 */
export function parsePublicKey(spki: Uint8Array): PublicKey {
  const outer = new DerReader(spki);
  const info = outer.sequence("public key");
  const algorithm = info.sequence("public key");
  const identifier = identifierOf(algorithm.read(OBJECT_IDENTIFIER, "public key"));
  const bits = wholeBits(info.read(BIT_STRING, "public key"), "public key");
  info.end("public key");
  outer.end("public key");
  if (identifier === RSA_ENCRYPTION) {
    algorithm.read(NULL, "public key");
    algorithm.end("public key");
    return parseRsa(bits);
  }
  if (identifier === EC_PUBLIC_KEY) {
    const name = identifierOf(algorithm.read(OBJECT_IDENTIFIER, "curve"));
    algorithm.end("public key");
    const curve = Object.hasOwn(CURVES, name) ? CURVES[name] : undefined;
    if (curve === undefined) throw new TlsRefusal("certificate", "a key on another curve than P-256 and P-384");
    if (!isPointOf(curve, bits)) throw malformed("public key");
    return { type: "ec", curve, point: bits };
  }
  throw new TlsRefusal("certificate", "a key that is neither RSA nor EC");
}

function parseRsa(bits: Uint8Array): RsaKey {
  const outer = new DerReader(bits);
  const numbers = new DerReader(outer.read(SEQUENCE, "public key"));
  const modulus = unsigned(numbers.read(INTEGER, "public key"), "public key");
  const exponent = unsigned(numbers.read(INTEGER, "public key"), "public key");
  numbers.end("public key");
  outer.end("public key");
  const odd = (bytes: Uint8Array) => ((bytes[bytes.length - 1] ?? 0) & 1) === 1;
  const isOne = exponent.length === 1 && exponent[0] === 1;
  if (!odd(modulus) || !odd(exponent) || isOne || exponent.length > MAX_EXPONENT_BYTES) throw malformed("public key");
  if (modulus.length < MIN_MODULUS_BYTES || modulus.length > MAX_MODULUS_BYTES)
    throw new TlsRefusal("certificate", `an RSA key of ${modulus.length * 8} bits`);
  return { type: "rsa", modulus, exponent };
}

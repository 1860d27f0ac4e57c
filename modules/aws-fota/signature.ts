import { bytesFromBase64 } from "../foundation/base64.js";

/** Longest DER form of two 32-byte integers, each with a sign byte: 2 + 2 * (2 + 33). */
const MAX_DER_LENGTH = 72;
const COORDINATE_LENGTH = 32;

/** Order of the curve P-256, big-endian. [SEC 2, 2.4.2] */
const ORDER: readonly number[] = Object.freeze([
  0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
  0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
]);

/** DER prefix of a SubjectPublicKeyInfo that holds an uncompressed P-256 point. [RFC 5480] */
const SPKI_P256: readonly number[] = Object.freeze([
  0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
  0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
]);
const POINT_LENGTH = 65;

/**
 * Where an integer ends that starts at `start`, or undefined when it is not a positive DER integer of at most 32 bytes.
 */
function readInteger(der: Uint8Array, start: number, target: Uint8Array): number | undefined {
  const length = der[start + 1];
  const first = der[start + 2];
  if (der[start] !== 0x02 || length === undefined || first === undefined || length === 0) return undefined;
  const end = start + 2 + length;
  if (length > COORDINATE_LENGTH + 1 || end > der.length || first >= 0x80) return undefined;
  const second = der[start + 3];
  const padded = first === 0;
  if (padded && length > 1 && second !== undefined && second < 0x80) return undefined; // not the shortest form
  const digits = der.subarray(padded ? start + 3 : start + 2, end);
  if (digits.length > COORDINATE_LENGTH) return undefined;
  target.set(digits, COORDINATE_LENGTH - digits.length);
  return end;
}

function isInRange(value: Uint8Array): boolean {
  if (value.every((byte) => byte === 0)) return false;
  for (let i = 0; i < COORDINATE_LENGTH; i++) {
    const difference = (value[i] ?? 0) - (ORDER[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/**
 * An ASN.1 DER signature (SEQUENCE of r and s) as the 64 bytes r, s. Undefined when it is not strict DER or when r or s
 * is not between 1 and the order less 1. The range check is not a nicety: with s = 0 the SDK's verifier never returns,
 * so that a hostile document would hang the device.
 */
export function signatureFromDer(der: Uint8Array): Uint8Array | undefined {
  if (der.length > MAX_DER_LENGTH || der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const signature = new Uint8Array(2 * COORDINATE_LENGTH);
  const r = signature.subarray(0, COORDINATE_LENGTH);
  const s = signature.subarray(COORDINATE_LENGTH);
  const middle = readInteger(der, 2, r);
  if (middle === undefined || readInteger(der, middle, s) !== der.length) return undefined;
  return isInRange(r) && isInRange(s) ? signature : undefined;
}

/** The same from base64, as job documents carry it. */
export function signatureFromBase64(text: string): Uint8Array | undefined {
  const der = text.length > 2 * MAX_DER_LENGTH ? undefined : bytesFromBase64(text);
  return der === undefined ? undefined : signatureFromDer(der);
}

/**
 * The 65-byte uncompressed point of a public key that is given as that point or as SubjectPublicKeyInfo DER; undefined
 * for anything else, such as another curve or a compressed point. That the point lies on the curve is not checked: pin
 * the key, never take it from the network.
 */
export function publicKeyPoint(key: Uint8Array): Uint8Array | undefined {
  const isSpki = key.length === SPKI_P256.length + POINT_LENGTH && SPKI_P256.every((byte, i) => key[i] === byte);
  const point = isSpki ? key.subarray(SPKI_P256.length) : key;
  return point.length === POINT_LENGTH && point[0] === 0x04 ? new Uint8Array(point) : undefined;
}

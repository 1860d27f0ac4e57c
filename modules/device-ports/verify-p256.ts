import Curve from "curve";
import ECDSA from "ecdsa";
import ECPoint from "ecp";

/** The SDK's big-number code reads whole buffers: a view's buffer may be longer than the view. */
function bytesOf(view: Uint8Array): ArrayBuffer {
  return new Uint8Array(view).buffer;
}

/**
 * Verifies an ECDSA signature on the curve P-256.
 *
 * @param publicKey 65 bytes: 0x04, x, y. Must be a pinned key: the SDK does not check that the point lies on the curve.
 * @param digest 32 bytes, SHA-256 of the signed data.
 * @param signature 64 bytes, r then s, both already known to lie between 1 and the order of the curve less 1:
 *   the SDK's verifier never returns for s = 0.
 */
export function verifyP256(publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  const key = ECPoint.fromOctetString(new Uint8Array(publicKey));
  return new ECDSA(key, new Curve("secp256r1"), false).verify(bytesOf(digest), bytesOf(signature));
}

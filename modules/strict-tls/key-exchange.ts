import { type AlgorithmBytes, offeredAlgorithm } from "./algorithms.js";
import { type CurveName, isPointOf } from "./curves.js";
import { TlsRefusal } from "./errors.js";
import type { PublicKey } from "./public-key.js";
import { type CryptoPort, isSignedBy } from "./signature.js";
import { TlsReader } from "./tls-reader.js";

/** What is asked of a ServerKeyExchange message. */
export type KeyExchangeQuestion = {
  /** The ServerKeyExchange message without its header. */
  readonly body: Uint8Array;
  /** The random numbers of both hellos, which the signature covers. */
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  /** The key that the verified chain belongs to. */
  readonly serverKey: PublicKey;
  /** What the cipher suite is signed with. */
  readonly keyType: PublicKey["type"];
  readonly offeredCurves: readonly number[];
  readonly offeredAlgorithms: readonly AlgorithmBytes[];
  readonly crypto: CryptoPort;
};

/** The share of the server that was found to be signed. */
export type ServerShare = {
  /** Number of the named curve. */
  readonly curve: number;
  /** The server's half of the key: a point of the curve. */
  readonly point: Uint8Array;
};

const NAMED_CURVE = 3;
/** [RFC 8422, 5.1.1] */
const CURVES: Readonly<Record<number, CurveName>> = Object.freeze({ 23: "secp256r1", 24: "secp384r1" });

/**
 * The server's half of an ECDHE exchange, once it is certain that it comes from the owner of the certificate. [RFC
 * 8422, 5.4]
 * @throws TlsRefusal `protocol` for a curve or algorithm that was not offered, `signature` when it is not signed with
 * the server's key
 */
export function verifyKeyExchange(question: KeyExchangeQuestion): ServerShare {
  const { body, clientRandom, serverRandom, serverKey, keyType, offeredCurves, offeredAlgorithms, crypto } = question;
  const message = new TlsReader(body, "key exchange");
  const kind = message.number(1);
  const curve = message.number(2);
  const name = Object.hasOwn(CURVES, curve) ? CURVES[curve] : undefined;
  if (kind !== NAMED_CURVE || name === undefined || !offeredCurves.includes(curve))
    throw new TlsRefusal("protocol", "a curve that was not offered");
  const point = message.vector(1);
  const params = body.subarray(0, message.position);
  const algorithm = offeredAlgorithm(message.number(1), message.number(1), offeredAlgorithms);
  if (algorithm === undefined) throw new TlsRefusal("protocol", "a signature algorithm that was not offered");
  const signature = message.vector(2);
  message.end();
  if (serverKey.type !== keyType || algorithm.key !== keyType)
    throw new TlsRefusal("protocol", "cipher suite, signature algorithm and certificate do not belong together");
  if (!isPointOf(name, point)) throw new TlsRefusal("protocol", "a point that is not on the curve");
  if (!isSignedBy(serverKey, algorithm, [clientRandom, serverRandom, params], signature, crypto))
    throw new TlsRefusal("signature", "the key exchange is not signed by the server");
  return { curve, point };
}

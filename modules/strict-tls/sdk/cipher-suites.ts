/** In the place of the SDK's `ssl/ciphersuites`: what is offered, best first, and what is accepted. */
import { AES, ECDHE_RSA, GCM, SHA256 } from "ssl/constants";

/**
 * The SDK's description of AES-128-GCM with SHA-256 under an ephemeral key exchange on a curve. [RFC 5288, 3; RFC 5289,
 * 3.2]
 */
const AES_128_GCM = Object.freeze({
  isExportable: false,
  keyExchangeAlgorithm: ECDHE_RSA,
  cipherAlgorithm: AES,
  cipherKeySize: 16,
  cipherBlockSize: 16,
  hashAlgorithm: SHA256,
  hashSize: 32,
  encryptionMode: GCM,
  ivSize: 8,
  saltSize: 4,
});

/**
 * The two suites of the SDK with a signed, ephemeral key exchange and authenticated encryption. It has others, with CBC
 * or without forward secrecy; none of them is offered. RSA first: a server that has both kinds of certificates then
 * spares the device the slower arithmetic.
 */
const cipherSuites = Object.freeze([
  Object.freeze({ ...AES_128_GCM, value: Object.freeze([0xc0, 0x2f] as const), signedWith: "rsa" as const }),
  Object.freeze({ ...AES_128_GCM, value: Object.freeze([0xc0, 0x2b] as const), signedWith: "ec" as const }),
]);

export default cipherSuites;

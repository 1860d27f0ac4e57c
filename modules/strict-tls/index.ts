/** What the SDK's TLS client leaves unchecked: the chain, the signed key exchange, the order of messages. */
export { sameBytes } from "./bytes.js";
export { type Certificate, parseCertificate, subjectOf } from "./certificate.js";
export { requireValid } from "./certificate-rules.js";
export { type ChainQuestion, verifyChain } from "./chain.js";
export { asRefusal, TlsRefusal, type TlsRefusalReason } from "./errors.js";
export { eventOf, HandshakeOrder, type HandshakeState } from "./handshake-order.js";
export { identityFault, rootFault } from "./identity-fault.js";
export { type KeyExchangeQuestion, type ServerShare, verifyKeyExchange } from "./key-exchange.js";
export type { PublicKey } from "./public-key.js";
export { requireRecord } from "./record-header.js";
export { type Resources, rootFromStore, rootNamed } from "./root-store.js";
export { checkServerHello, type Offer } from "./server-hello.js";
export type { CryptoPort } from "./signature.js";
export { parseCertificateList, TlsReader } from "./tls-reader.js";

import { type SignatureAlgorithm, signatureAlgorithm } from "./algorithms.js";
import { parseTime } from "./asn1-time.js";
import { sameBytes } from "./bytes.js";
import {
  BIT_STRING,
  DerReader,
  INTEGER,
  identifierOf,
  malformed,
  OBJECT_IDENTIFIER,
  SEQUENCE,
  wholeBits,
} from "./der.js";
import { type Extensions, parseExtensions } from "./extensions.js";

/** One X.509 certificate. Byte fields are parts of the DER it was read from. [RFC 5280, 4.1] */
export type Certificate = {
  /** What the signature is over. */
  readonly signed: Uint8Array;
  /** `undefined`: an algorithm that is not accepted. */
  readonly algorithm: SignatureAlgorithm | undefined;
  readonly signature: Uint8Array;
  /** Names in DER: two are the same when their bytes are. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since 1970, both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, for `parsePublicKey`. */
  readonly publicKey: Uint8Array;
  readonly extensions: Extensions;
};

const VERSION = 0xa0;
const VERSION_3 = 2;
const ISSUER_UNIQUE_ID = 0x81;
const SUBJECT_UNIQUE_ID = 0x82;
const EXTENSIONS = 0xa3;

/**
 * Reads a certificate in DER. Keys and algorithms that are not accepted are no error here: a server may send
 * certificates along that nobody needs.
 * @throws TlsRefusal `certificate`
 */
export function parseCertificate(der: Uint8Array): Certificate {
  // In a function of its own, whose many variables are gone from the engine's small stack before extensions are read.
  const { list, ...fields } = parseFields(der);
  return { ...fields, extensions: parseExtensions(list) };
}

type Fields = Omit<Certificate, "extensions"> & { readonly list: Uint8Array | undefined };

function parseFields(der: Uint8Array): Fields {
  const outer = new DerReader(der);
  const certificate = outer.sequence("certificate");
  outer.end("certificate");
  const signed = certificate.next();
  if (signed.tag !== SEQUENCE) throw malformed("certificate");
  const algorithm = certificate.whole(SEQUENCE, "algorithm");
  const signature = wholeBits(certificate.read(BIT_STRING, "signature"), "signature");
  certificate.end("certificate");

  const fields = new DerReader(signed.content);
  const version = parseVersion(fields.optional(VERSION));
  if (fields.nextTag !== INTEGER) throw malformed("serial number");
  fields.skip();
  // The algorithm stands outside of what is signed and again inside. [RFC 5280, 4.1.1.2]
  if (!sameBytes(fields.whole(SEQUENCE, "algorithm"), algorithm)) throw malformed("algorithm");
  const issuer = fields.whole(SEQUENCE, "issuer");
  const validity = fields.sequence("validity");
  const [from, to] = [validity.next(), validity.next()];
  validity.end("validity");
  const subject = fields.whole(SEQUENCE, "subject");
  const publicKey = fields.whole(SEQUENCE, "public key");
  fields.optional(ISSUER_UNIQUE_ID);
  fields.optional(SUBJECT_UNIQUE_ID);
  const extensions = fields.optional(EXTENSIONS);
  fields.end("certificate");
  if (extensions !== undefined && version < VERSION_3) throw malformed("version");
  return {
    signed: signed.whole,
    algorithm: parseAlgorithm(algorithm),
    signature,
    issuer,
    subject,
    notBefore: parseTime(from.tag, from.content),
    notAfter: parseTime(to.tag, to.content),
    publicKey,
    list: extensions === undefined ? undefined : listOf(extensions),
  };
}

/**
 * The subject of a certificate, without reading the rest: enough to see which of many roots is meant.
 * @throws TlsRefusal `certificate`
 */
export function subjectOf(der: Uint8Array): Uint8Array {
  const fields = new DerReader(der).sequence("certificate").sequence("certificate");
  if (fields.nextTag === VERSION) fields.skip();
  // Serial number, algorithm, issuer, validity.
  for (let count = 0; count < 4; count++) fields.skip();
  return fields.whole(SEQUENCE, "subject");
}

function parseVersion(explicit: Uint8Array | undefined): number {
  if (explicit === undefined) return 0;
  const reader = new DerReader(explicit);
  const [version = 0, more] = reader.read(INTEGER, "version");
  reader.end("version");
  if (more !== undefined || version > VERSION_3) throw malformed("version");
  return version;
}

function parseAlgorithm(whole: Uint8Array): SignatureAlgorithm | undefined {
  const reader = new DerReader(whole).sequence("algorithm");
  return signatureAlgorithm(identifierOf(reader.read(OBJECT_IDENTIFIER, "algorithm")));
}

function listOf(explicit: Uint8Array): Uint8Array {
  const reader = new DerReader(explicit);
  const list = reader.read(SEQUENCE, "extensions");
  reader.end("extensions");
  return list;
}

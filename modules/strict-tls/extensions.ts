import {
  BIT_STRING,
  BOOLEAN,
  DerReader,
  INTEGER,
  identifierOf,
  malformed,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  onlyElement,
  SEQUENCE,
  unsigned,
} from "./der.js";

/** What a certificate says about itself beyond name, dates and key. `undefined`: it does not say. [RFC 5280, 4.2] */
export type Extensions = {
  /** It may issue certificates. */
  readonly isAuthority: boolean;
  /** How many authorities may stand between it and the server's certificate. */
  readonly pathLength: number | undefined;
  /** The first byte of keyUsage. */
  readonly keyUsage: number | undefined;
  /** Object identifiers. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly names: SubjectNames;
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  /** The first extension that must be understood and is not. */
  readonly notUnderstood: string | undefined;
};

export type SubjectNames = {
  /** As they stand in the certificate. */
  readonly dns: readonly Uint8Array[];
  /** Four bytes each, or sixteen. */
  readonly addresses: readonly Uint8Array[];
};

export const DIGITAL_SIGNATURE = 0x80;
export const KEY_CERT_SIGN = 0x04;

export const SERVER_AUTH = "43,6,1,5,5,7,3,1";
export const ANY_USAGE = "85,29,37,0";

const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
const KEY_IDENTIFIER = 0x80;

type Writable = { -readonly [Name in keyof Extensions]: Extensions[Name] };

const READERS: Readonly<Record<string, (value: Uint8Array, into: Writable) => void>> = Object.freeze({
  "85,29,14": (value: Uint8Array, into: Writable) => {
    into.subjectKeyIdentifier = onlyElement(value, OCTET_STRING, "subjectKeyIdentifier");
  },
  "85,29,15": (value: Uint8Array, into: Writable) => {
    into.keyUsage = onlyElement(value, BIT_STRING, "keyUsage")[1] ?? 0;
  },
  "85,29,17": (value: Uint8Array, into: Writable) => {
    into.names = parseNames(value);
  },
  "85,29,19": parseBasicConstraints,
  "85,29,35": (value: Uint8Array, into: Writable) => {
    const fields = new DerReader(onlyElement(value, SEQUENCE, "authorityKeyIdentifier"));
    into.authorityKeyIdentifier = fields.optional(KEY_IDENTIFIER);
  },
  "85,29,37": (value: Uint8Array, into: Writable) => {
    const usages = new DerReader(onlyElement(value, SEQUENCE, "extendedKeyUsage"));
    const found: string[] = [];
    while (!usages.atEnd) found.push(identifierOf(usages.read(OBJECT_IDENTIFIER, "extendedKeyUsage")));
    into.extendedKeyUsage = found;
  },
});

const NONE: Extensions = Object.freeze({
  isAuthority: false,
  pathLength: undefined,
  keyUsage: undefined,
  extendedKeyUsage: undefined,
  names: Object.freeze({ dns: Object.freeze([]), addresses: Object.freeze([]) }),
  subjectKeyIdentifier: undefined,
  authorityKeyIdentifier: undefined,
  notUnderstood: undefined,
});

/**
 * @param list the SEQUENCE OF Extension; absent in certificates before version 3
 * @throws TlsRefusal `certificate`
 */
export function parseExtensions(list: Uint8Array | undefined): Extensions {
  if (list === undefined) return NONE;
  const found: Writable = { ...NONE };
  const seen: string[] = [];
  for (const reader = new DerReader(list); !reader.atEnd; ) {
    const extension = reader.sequence("extension");
    const identifier = identifierOf(extension.read(OBJECT_IDENTIFIER, "extension"));
    const critical = truth(extension.optional(BOOLEAN));
    const value = extension.read(OCTET_STRING, "extension");
    extension.end("extension");
    if (seen.includes(identifier)) throw malformed("an extension twice");
    seen.push(identifier);
    const read = Object.hasOwn(READERS, identifier) ? READERS[identifier] : undefined;
    if (read !== undefined) read(value, found);
    else if (critical) found.notUnderstood ??= identifier;
  }
  return found;
}

function parseBasicConstraints(value: Uint8Array, into: Writable): void {
  const fields = new DerReader(onlyElement(value, SEQUENCE, "basicConstraints"));
  into.isAuthority = truth(fields.optional(BOOLEAN));
  const length = fields.optional(INTEGER);
  fields.end("basicConstraints");
  if (length === undefined) return;
  const [depth = 0, more] = unsigned(length, "basicConstraints");
  // No chain is as long as what does not fit one byte.
  into.pathLength = more === undefined ? depth : 255;
}

function parseNames(value: Uint8Array): SubjectNames {
  const names = new DerReader(onlyElement(value, SEQUENCE, "subjectAltName"));
  const dns: Uint8Array[] = [];
  const addresses: Uint8Array[] = [];
  while (!names.atEnd) {
    const { tag, content } = names.next();
    if (tag === DNS_NAME) dns.push(content);
    else if (tag === IP_ADDRESS) addresses.push(content);
  }
  return { dns, addresses };
}

function truth(content: Uint8Array | undefined): boolean {
  if (content === undefined) return false;
  const [value] = content;
  if (content.length !== 1 || (value !== 0 && value !== 0xff)) throw malformed("boolean");
  return value === 0xff;
}

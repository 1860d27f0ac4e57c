/** X.509 certificates of every kind, right and wrong ones, made at each run. */
import "reflect-metadata";
import { constants, createHash, createPublicKey, publicDecrypt, verify, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { CryptoPort } from "../../modules/strict-tls/index.js";

type CryptoKeyPair = webcrypto.CryptoKeyPair;

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

export { x509 };

export type KeyKind = "rsa" | "rsa-3072" | "p256" | "p384";
export type HashName = "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";

export const DAY_MS = 86_400_000;

const PUBLIC_EXPONENT = Uint8Array.of(1, 0, 1);

export function makeKeys(kind: KeyKind = "rsa"): Promise<CryptoKeyPair> {
  const usages: webcrypto.KeyUsage[] = ["sign", "verify"];
  if (kind === "rsa" || kind === "rsa-3072") {
    const modulusLength = kind === "rsa" ? 2048 : 3072;
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength, publicExponent: PUBLIC_EXPONENT };
    return webcrypto.subtle.generateKey(algorithm, true, usages);
  }
  const namedCurve = kind === "p256" ? "P-256" : "P-384";
  return webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve }, true, usages);
}

/** A certificate and the keys it stands for. */
export type Party = {
  readonly subject: string;
  readonly keys: CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
  readonly der: Uint8Array;
};

export type PartyOptions = {
  /** Distinguished name. */
  readonly subject: string;
  /** Absent: signed by itself. */
  readonly issuer?: Pick<Party, "subject" | "keys">;
  /** Whose key the certificate says it was signed with. Default: the issuer's. */
  readonly claimedIssuer?: Pick<Party, "keys">;
  readonly keys?: CryptoKeyPair;
  readonly kind?: KeyKind;
  readonly hash?: HashName;
  readonly from?: Date;
  readonly to?: Date;
  readonly extensions?: readonly x509.Extension[];
};

export async function makeParty(options: PartyOptions): Promise<Party> {
  const { subject, hash = "SHA-256", extensions = [] } = options;
  const keys = options.keys ?? (await makeKeys(options.kind));
  const issuer = options.issuer ?? { subject, keys };
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer.subject,
    signingKey: await signingKey(issuer.keys, hash),
    publicKey: keys.publicKey,
    signingAlgorithm: { name: issuer.keys.privateKey.algorithm.name, hash },
    notBefore: options.from ?? new Date(now - DAY_MS),
    notAfter: options.to ?? new Date(now + 30 * DAY_MS),
    extensions: [
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create((options.claimedIssuer ?? issuer).keys.publicKey),
    ],
  });
  return { subject, keys, certificate, der: new Uint8Array(certificate.rawData) };
}

/** An RSA key of Web Cryptography is bound to one hash. */
async function signingKey({ privateKey }: CryptoKeyPair, hash: HashName): Promise<webcrypto.CryptoKey> {
  const { name } = privateKey.algorithm;
  if (name === "ECDSA") return privateKey;
  const bytes = await webcrypto.subtle.exportKey("pkcs8", privateKey);
  return webcrypto.subtle.importKey("pkcs8", bytes, { name, hash }, true, ["sign"]);
}

const USAGE = x509.KeyUsageFlags;

export const basicConstraints = (isAuthority: boolean, pathLength?: number) =>
  new x509.BasicConstraintsExtension(isAuthority, pathLength, true);
export const keyUsage = (flags: x509.KeyUsageFlags) => new x509.KeyUsagesExtension(flags, true);
export const extendedKeyUsage = (...usages: string[]) => new x509.ExtendedKeyUsageExtension(usages);
export const hostNames = (...names: string[]) =>
  new x509.SubjectAlternativeNameExtension(
    names.map((value) => ({ type: /^[\d.]+$/.test(value) ? ("ip" as const) : ("dns" as const), value })),
  );
/** An extension with any bytes. */
export const rawExtension = (identifier: string, critical: boolean, value: Uint8Array) =>
  new x509.Extension(identifier, critical, Uint8Array.from(value).buffer);

export const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
export const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

/** What an authority's certificate says. */
export const authorityExtensions = (pathLength?: number): x509.Extension[] => [
  basicConstraints(true, pathLength),
  keyUsage(USAGE.keyCertSign | USAGE.cRLSign | USAGE.digitalSignature),
];

/** What a server's certificate says. */
export const serverExtensions = (...names: string[]): x509.Extension[] => [
  basicConstraints(false),
  keyUsage(USAGE.digitalSignature | USAGE.keyEncipherment),
  extendedKeyUsage(SERVER_AUTH, CLIENT_AUTH),
  hostNames(...names),
];

/** What public authorities add and nobody on a device reads: where to ask about revocation, policies, transparency. */
export const publicExtensions = (): x509.Extension[] => [
  new x509.CRLDistributionPointsExtension(["http://crl.rootca1.test/rootca1.crl"]),
  new x509.AuthorityInfoAccessExtension({
    ocsp: ["http://ocsp.rootca1.test"],
    caIssuers: ["http://crt.rootca1.test/r.cer"],
  }),
  new x509.CertificatePolicyExtension(["2.23.140.1.2.1"]),
  rawExtension("1.3.6.1.4.1.11129.2.4.2", false, new Uint8Array(244).fill(4)),
];

/** A certificate with one byte of its signature changed. */
export function withBrokenSignature(der: Uint8Array): Uint8Array {
  const broken = Uint8Array.from(der);
  const last = broken.length - 1;
  broken[last] = (broken[last] ?? 0) ^ 1;
  return broken;
}

export async function privateKeyPem({ keys }: Party): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  return `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
}

export const certificatePem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE-----\n`;

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/**
 * The arithmetic that the device takes from the SDK, by Node. Strict where that is: it fails for values it was promised
 * not to get.
 */
export function nodeCrypto(): CryptoPort {
  // Node verifies a signature of a text, not of a digest.
  const hashed: { readonly hash: string; readonly text: Uint8Array; readonly digest: Buffer }[] = [];
  return {
    digest(hash, parts) {
      const text = Buffer.concat(parts);
      const digest = createHash(hash).update(text).digest();
      hashed.push({ hash, text, digest });
      return new Uint8Array(digest);
    },
    rsaPower({ modulus, exponent }, signature) {
      const key = createPublicKey({
        key: { kty: "RSA", n: base64url(modulus), e: base64url(exponent) },
        format: "jwk",
      });
      return new Uint8Array(publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature));
    },
    verifyEcdsa({ curve, point }, digest, r, s) {
      const size = (point.length - 1) / 2;
      const known = hashed.find((entry) => entry.digest.subarray(0, digest.length).equals(digest));
      if (r.length !== size || s.length !== size || digest.length > size || known === undefined)
        throw new Error("not what was promised");
      const coordinates = { x: base64url(point.subarray(1, 1 + size)), y: base64url(point.subarray(1 + size)) };
      const key = createPublicKey({
        key: { kty: "EC", crv: curve === "secp256r1" ? "P-256" : "P-384", ...coordinates },
        format: "jwk",
      });
      return verify(known.hash, known.text, { key, dsaEncoding: "ieee-p1363" }, Buffer.concat([r, s]));
    },
  };
}

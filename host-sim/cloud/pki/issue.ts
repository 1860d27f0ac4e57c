import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** RSA-2048 with SHA-256: what `CreateKeysAndCertificate` issues and what the device's TLS can do. */
const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
} as const;
const DAY_MS = 86_400_000;
/** Certificates begin a day early: a board whose clock is somewhat behind still accepts them. */
const BACKDATE_MS = DAY_MS;

x509.cryptoProvider.set(webcrypto);

/** A certificate with its private key. PEM is what files and AWS operations carry, DER what the device's TLS takes. */
export interface Identity {
  readonly certificatePem: string;
  readonly certificateDer: Uint8Array;
  /** PKCS#8. */
  readonly privateKeyPem: string;
  readonly privateKeyDer: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly publicKeyPem: string;
}

/** Who signs: the certificate and key of an authority made by {@link issueAuthority}. */
export interface Issuer {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

interface Wanted {
  readonly subject: string;
  readonly days: number;
  readonly extensions: readonly x509.Extension[];
  readonly issuer?: Issuer;
}

/** A self-signed authority, valid for twenty years. */
export function issueAuthority(commonName: string): Promise<Identity> {
  return issue({
    subject: `CN=${commonName}, O=local AWS`,
    days: 20 * 365,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
}

/** A server certificate for the given names, valid for a year. */
export function issueServer(
  issuer: Issuer,
  names: { dns: readonly string[]; ip: readonly string[] },
): Promise<Identity> {
  return issue({
    subject: `CN=${names.dns[0] ?? "localhost"}`,
    days: 365,
    issuer,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.dns.map((value) => ({ type: "dns", value }) as const),
        ...names.ip.map((value) => ({ type: "ip", value }) as const),
      ]),
    ],
  });
}

/** A device certificate, valid for ten years. AWS puts nothing about the thing into the subject, neither does this. */
export function issueDevice(issuer: Issuer): Promise<Identity> {
  return issue({
    subject: "CN=AWS IoT Certificate",
    days: 3650,
    issuer,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
}

/**
 * A device certificate for the public key of a certificate signing request, as PEM. Throws when the request's signature
 * is wrong.
 */
export async function signRequest(issuer: Issuer, requestPem: string): Promise<string> {
  const request = new x509.Pkcs10CertificateRequest(requestPem);
  if (!(await request.verify())) throw new Error("the signature of the request is wrong");
  const authority = new x509.X509Certificate(issuer.certificatePem);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `01${randomBytes(15).toString("hex")}`,
    subject: request.subject,
    issuer: authority.subject,
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now + 3650 * DAY_MS),
    publicKey: request.publicKey,
    signingKey: await importPrivateKey(issuer.privateKeyPem),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(await authority.publicKey.export()),
    ],
  });
  return `${certificate.toString("pem").trim()}\n`;
}

async function issue(wanted: Wanted): Promise<Identity> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const now = Date.now();
  const authority = wanted.issuer === undefined ? undefined : new x509.X509Certificate(wanted.issuer.certificatePem);
  const signingKey =
    wanted.issuer === undefined ? keys.privateKey : await importPrivateKey(wanted.issuer.privateKeyPem);
  const authorityKey = authority === undefined ? keys.publicKey : await authority.publicKey.export();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `01${randomBytes(15).toString("hex")}`,
    subject: wanted.subject,
    issuer: authority === undefined ? wanted.subject : authority.subject,
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now + wanted.days * DAY_MS),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      ...wanted.extensions,
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKey),
    ],
  });
  const privateKeyDer = new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const publicKeyDer = new Uint8Array(await webcrypto.subtle.exportKey("spki", keys.publicKey));
  return {
    certificatePem: `${certificate.toString("pem").trim()}\n`,
    certificateDer: new Uint8Array(certificate.rawData),
    privateKeyPem: pem("PRIVATE KEY", privateKeyDer),
    privateKeyDer,
    publicKeyPem: pem("PUBLIC KEY", publicKeyDer),
  };
}

function importPrivateKey(text: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey("pkcs8", derOfPem(text), ALGORITHM, false, ["sign"]);
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** The bytes of the first PEM block of `text`. Throws when there is none. */
function derOfPem(text: string): Uint8Array {
  const match = /-----BEGIN [A-Z ]+-----([A-Za-z0-9+/=\s]+)-----END/.exec(text);
  if (match?.[1] === undefined) throw new Error("not a PEM file");
  return new Uint8Array(Buffer.from(match[1].replace(/\s/g, ""), "base64"));
}

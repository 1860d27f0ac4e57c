/** Certificates for the contract's TLS peers and devices, made at each run. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

type CryptoKeyPair = webcrypto.CryptoKeyPair;

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
} as const;
const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;

interface Authority {
  readonly keys: CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
}

/**
 * What a Node TLS server takes: PEM. The chain has its root, since the SDK does not check the name of a leaf that comes
 * alone.
 */
export interface ServerIdentity {
  readonly cert: string;
  readonly key: string;
}

export interface ContractCertificates {
  /** `data` files of the application by resource name. */
  readonly resources: Readonly<Record<string, Uint8Array>>;
  readonly caPem: string;
  readonly good: ServerIdentity;
  readonly otherName: ServerIdentity;
  readonly otherRoot: ServerIdentity;
  readonly expired: ServerIdentity;
}

function validity(expired: boolean): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return expired
    ? { notBefore: new Date(now - 20 * DAY_MS), notAfter: new Date(now - 10 * DAY_MS) }
    : { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + 10 * DAY_MS) };
}

async function authority(name: string, expired = false): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: RSA,
    ...validity(expired),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      // The SDK compares it, and throws when a root that the server sends along has none.
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { keys, certificate };
}

async function issue(
  issuer: Authority,
  subject: string,
  names: readonly string[],
  options: { expired?: boolean; ec?: boolean } = {},
): Promise<{ keys: CryptoKeyPair; certificate: x509.X509Certificate }> {
  const keys = (await webcrypto.subtle.generateKey(options.ec ? EC : RSA, true, ["sign", "verify"])) as CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${subject}`,
    issuer: issuer.certificate.subject,
    signingKey: issuer.keys.privateKey,
    publicKey: keys.publicKey,
    signingAlgorithm: RSA,
    ...validity(options.expired ?? false),
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { keys, certificate };
}

async function privateKey(keys: CryptoKeyPair): Promise<Uint8Array> {
  return new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
}

function pem(label: string, der: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----\n`;
}

async function server(issuer: Authority, names: readonly string[], expired = false): Promise<ServerIdentity> {
  const { keys, certificate } = await issue(issuer, names[0] ?? "server", names, { expired });
  return {
    cert: `${certificate.toString("pem")}\n${issuer.certificate.toString("pem")}\n`,
    key: pem("PRIVATE KEY", await privateKey(keys)),
  };
}

export async function makeCertificates(): Promise<ContractCertificates> {
  const ca = await authority("Contract Root");
  const client = await issue(ca, "contract-device", ["contract-device"]);
  const ecClient = await issue(ca, "contract-ec-device", ["contract-ec-device"], { ec: true });
  const der = (certificate: x509.X509Certificate) => new Uint8Array(certificate.rawData);
  const utf8 = (value: string) => new Uint8Array(Buffer.from(value));
  const clientKey = await privateKey(client.keys);
  const names = ["device.contract.test", "*.wild.contract.test"];
  return {
    caPem: ca.certificate.toString("pem"),
    good: await server(ca, names),
    otherName: await server(ca, ["elsewhere.contract.test"]),
    otherRoot: await server(await authority("Another Root"), names),
    expired: await server(ca, names, true),
    resources: {
      "ca.der": der(ca.certificate),
      "ca.pem": utf8(ca.certificate.toString("pem")),
      "expired-ca.der": der((await authority("Expired Root", true)).certificate),
      "client.der": der(client.certificate),
      "client-key.der": clientKey,
      "client-key.pem": utf8(pem("PRIVATE KEY", clientKey)),
      "client-ec.der": der(ecClient.certificate),
      "client-ec-key.der": await privateKey(ecClient.keys),
    },
  };
}

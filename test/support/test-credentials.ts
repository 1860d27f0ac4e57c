import "reflect-metadata";
import { createPrivateKey, generateKeyPairSync, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};
const DAY_MS = 86_400_000;

export type TestCredentials = { readonly certificate: string; readonly pkcs8: string; readonly pkcs1: string };

/** A self-signed certificate valid from yesterday for `days`, and its RSA key in both forms. */
export async function rsaCredentials(days = 30): Promise<TestCredentials> {
  const keys = await webcrypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
  const certificate = await selfSigned(keys, days);
  const pkcs8 = pem("PRIVATE KEY", new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)));
  const pkcs1 = createPrivateKey(pkcs8).export({ type: "pkcs1", format: "pem" }).toString();
  return { certificate, pkcs8, pkcs1 };
}

/** The certificate of the same keys for other dates. */
export async function selfSigned(
  keys: webcrypto.CryptoKeyPair,
  days: number,
  from = Date.now() - DAY_MS,
  name = "CN=AWS IoT Certificate",
): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name,
      notBefore: new Date(from),
      notAfter: new Date(from + days * DAY_MS),
      signingAlgorithm: RSA,
      keys,
    },
    webcrypto,
  );
  return `${certificate.toString("pem")}\n`;
}

export function rsaKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
}

/** EC key in both its PEM forms. */
export function ecKeys(): { sec1: string; pkcs8: string } {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return {
    sec1: privateKey.export({ type: "sec1", format: "pem" }).toString(),
    pkcs8: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

export async function exportKey(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return pem("PRIVATE KEY", new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)));
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { ProvisionError } from "./provision-error.js";

/** What the firmware's TLS is given. */
export type DeviceCredentials = {
  /** The device's certificate, DER. */
  readonly certificate: Uint8Array;
  /** Its key, PKCS#8 DER: the one form the SDK's TLS reads. */
  readonly key: Uint8Array;
};

const MIN_RSA_BITS = 2048; // AWS IoT refuses less
const MAX_FILE_BYTES = 6000; // what the firmware keeps of a file in NVS, see file-setting.ts

type PemBlock = { readonly label: string; readonly text: string };

function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const match of text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g)) {
    blocks.push({ label: match[1] ?? "", text: match[0] });
  }
  return blocks;
}

/**
 * Checks and converts what AWS IoT's `create-keys-and-certificate` gives.
 * @param names how to call the two files in messages
 * @throws ProvisionError with one line that says what is wrong
 */
export function deviceCredentials(
  certificatePem: string,
  keyPem: string,
  now: Date,
  names = { certificate: "the certificate", key: "the key" },
): DeviceCredentials {
  const certificate = readCertificate(certificatePem, names.certificate, now);
  const key = readKey(keyPem, names.key);
  if (!certificate.checkPrivateKey(key))
    throw new ProvisionError(`${names.key} is not the key of ${names.certificate}`);
  return {
    certificate: limited(certificate.raw, names.certificate),
    key: limited(key.export({ type: "pkcs8", format: "der" }), names.key),
  };
}

/** A root to trust besides those the firmware has, DER. */
export function rootCertificate(pem: string, now: Date, name = "the root certificate"): Uint8Array {
  return new Uint8Array(readCertificate(pem, name, now).raw);
}

function readCertificate(pem: string, name: string, now: Date): X509Certificate {
  const blocks = pemBlocks(pem);
  const certificates = blocks.filter(({ label }) => label === "CERTIFICATE");
  const [first] = certificates;
  if (first === undefined) {
    const found = blocks[0] === undefined ? "not a PEM file" : `a PEM file with ${article(blocks[0].label)}`;
    throw new ProvisionError(`${name} is ${found}, not a PEM certificate`);
  }
  // The client's whole TLS flight has to fit the socket's buffer: one certificate is sent.
  if (certificates.length > 1)
    throw new ProvisionError(`${name} holds ${certificates.length} certificates; one is needed`);
  const certificate = parsed(name, "certificate", () => new X509Certificate(first.text));
  if (Date.parse(certificate.validTo) <= now.getTime()) {
    throw new ProvisionError(`${name} expired on ${certificate.validTo}`);
  }
  if (Date.parse(certificate.validFrom) > now.getTime()) {
    throw new ProvisionError(`${name} is not valid before ${certificate.validFrom}`);
  }
  return certificate;
}

function readKey(pem: string, name: string): KeyObject {
  const blocks = pemBlocks(pem);
  const block = blocks.find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (block === undefined) {
    const found = blocks[0] === undefined ? "not a PEM file" : `a PEM file with ${article(blocks[0].label)}`;
    throw new ProvisionError(`${name} is ${found}, not a PEM private key`);
  }
  if (block.label === "ENCRYPTED PRIVATE KEY" || block.text.includes("ENCRYPTED")) {
    throw new ProvisionError(`${name} is encrypted; decrypt it first (openssl pkey -in FILE -out FILE)`);
  }
  if (block.label === "EC PRIVATE KEY") throw ecKey(name);
  const key = parsed(name, "private key", () => createPrivateKey(block.text));
  if (key.asymmetricKeyType === "ec") throw ecKey(name);
  if (key.asymmetricKeyType !== "rsa") {
    throw new ProvisionError(`${name} is of type ${key.asymmetricKeyType}; the SDK's TLS needs an RSA key`);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < MIN_RSA_BITS) throw new ProvisionError(`${name} has ${bits} bits; AWS IoT needs at least ${MIN_RSA_BITS}`);
  return key;
}

function ecKey(name: string): ProvisionError {
  return new ProvisionError(
    `${name} is an EC key, which the SDK's TLS cannot use; order an RSA certificate (aws iot create-keys-and-certificate)`,
  );
}

function parsed<T>(name: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    // OpenSSL's own text helps nobody, and could repeat parts of a key.
    throw new ProvisionError(`${name} is damaged: its ${what} cannot be read`);
  }
}

function limited(der: Uint8Array, name: string): Uint8Array {
  if (der.length > MAX_FILE_BYTES) {
    throw new ProvisionError(`${name} takes ${der.length} bytes, more than the ${MAX_FILE_BYTES} the device can keep`);
  }
  return new Uint8Array(der);
}

function article(label: string): string {
  return `${/^[AEIOU]/.test(label) ? "an" : "a"} ${label.toLowerCase()}`;
}

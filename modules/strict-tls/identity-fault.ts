import { sameBytes } from "./bytes.js";
import { parseCertificate } from "./certificate.js";
import { DerReader, INTEGER, identifierOf, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, unsigned } from "./der.js";
import { parsePublicKey, RSA_ENCRYPTION } from "./public-key.js";

const PEM = "-----BEGIN";

/**
 * Why a device's certificate and key cannot serve it, in words for whoever provisions it; `undefined`: nothing is seen
 * that is wrong. Without this a handshake tells only that the server hung up. Never says anything of the key's value.
 * @param certificate X.509, DER
 * @param key RSA, PKCS#8 DER
 */
export function identityFault(certificate: Uint8Array, key: Uint8Array): string | undefined {
  return (
    formFault("certificate", certificate) ??
    formFault("key", key) ??
    certificateFault(certificate) ??
    keyFault(certificate, key)
  );
}

/** Why a root certificate vouches for nobody; `undefined`: it can be read. */
export function rootFault(root: Uint8Array): string | undefined {
  return formFault("root certificate", root) ?? readFault("root certificate", () => parseCertificate(root));
}

function formFault(what: string, bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return `the ${what} is empty`;
  if (beginsWith(bytes, PEM)) return `the ${what} is PEM, and DER is needed`;
  return bytes[0] === SEQUENCE ? undefined : `the ${what} is no DER`;
}

function beginsWith(bytes: Uint8Array, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[index] !== text.charCodeAt(index)) return false;
  return true;
}

function certificateFault(certificate: Uint8Array): string | undefined {
  return readFault("certificate", () => parsePublicKey(parseCertificate(certificate).publicKey));
}

function readFault(what: string, read: () => void): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return `the ${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function keyFault(certificate: Uint8Array, key: Uint8Array): string | undefined {
  let modulus: Uint8Array | undefined;
  try {
    modulus = modulusIn(key);
  } catch {
    return "the key is damaged";
  }
  if (modulus === undefined) return "the key is no RSA key in PKCS#8";
  const publicKey = parsePublicKey(parseCertificate(certificate).publicKey);
  const belongs = publicKey.type === "rsa" && sameBytes(publicKey.modulus, modulus);
  return belongs ? undefined : "the key is not that of the certificate";
}

/**
 * Of a private key; `undefined` for another form or kind of key. [RFC 5208, 5; RFC 8017, A.1.2]
 * @throws TlsRefusal when it is malformed
 */
function modulusIn(key: Uint8Array): Uint8Array | undefined {
  const outer = new DerReader(key);
  const info = outer.sequence("key");
  outer.end("key");
  info.read(INTEGER, "key");
  if (info.nextTag !== SEQUENCE) return undefined;
  const identifier = info.sequence("key").read(OBJECT_IDENTIFIER, "key");
  if (identifierOf(identifier) !== RSA_ENCRYPTION) return undefined;
  const rsa = new DerReader(info.read(OCTET_STRING, "key"));
  const numbers = rsa.sequence("key");
  rsa.end("key");
  numbers.read(INTEGER, "key");
  return unsigned(numbers.read(INTEGER, "key"), "key");
}

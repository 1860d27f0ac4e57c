/**
 * What the firmware's TLS refuses, for both networks. The texts are what it says in the exception: the reason, and a
 * detail.
 */
import { createPrivateKey } from "node:crypto";

/** What the SDK's TLS says when a handshake fails. */
export const TLS_FAILURES = Object.freeze({
  authority: "certificate: no chain to a trusted root",
  signature: "signature: not signed by its issuer",
  name: "name: the certificate names",
  date: "date: not valid by the clock",
  protocol: "protocol: the handshake failed",
  alert: "protocol: alert:",
  http: "protocol: HTTP in the place of TLS: a proxy or portal",
  noTls: "protocol: no TLS in the answer",
  clientKey: "protocol: BER: not an integer",
});

/**
 * Node's names for what OpenSSL finds wrong with a chain. An authority that is none has no name, an empty list is a
 * wrong length.
 */
const CERTIFICATE_CODES =
  /^(UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|PATH_LENGTH_|CERT_|UNSPECIFIED$|ERR_SSL_LENGTH_MISMATCH$)/;
const SIGNATURE_CODES = /SIGNATURE_FAILURE|BAD_SIGNATURE/;
/**
 * What OpenSSL says of a false RSA signature depends on the number that comes out, but it is always this part that says
 * it.
 */
const RSA = "rsa routines";

/** The firmware's words for a failure of OpenSSL's. */
export function failureText(error: Error): string {
  const code = "code" in error ? String(error.code) : "";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return nameFailure(certificateNames(error), hostOf(error));
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_HTTP_REQUEST") return TLS_FAILURES.noTls;
  if (/EXPIRED|NOT_YET_VALID/.test(code)) return TLS_FAILURES.date;
  if (SIGNATURE_CODES.test(code) || ("library" in error && error.library === RSA)) return TLS_FAILURES.signature;
  const alert = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13)_ALERT_(.*)$/.exec(code)?.[1];
  if (alert !== undefined) return `${TLS_FAILURES.alert} ${alert.toLowerCase()}`;
  return CERTIFICATE_CODES.test(code) ? TLS_FAILURES.authority : `${TLS_FAILURES.protocol}: ${code || error.message}`;
}

/** A certificate that is somebody else's. */
export function nameFailure(names: readonly string[], host: string): string {
  return `${TLS_FAILURES.name} ${names[0] ?? "nobody"}, not ${host}`;
}

function hostOf(error: Error): string {
  return "host" in error ? String(error.host) : "the host";
}

function certificateNames(error: Error): string[] {
  const { cert } = error as { cert?: { subjectaltname?: unknown; subject?: { CN?: unknown } } };
  const names = [...String(cert?.subjectaltname ?? "").matchAll(/DNS:([^,]+)/g)].map(([, name = ""]) => name);
  return names.length > 0 || cert?.subject?.CN === undefined ? names : [String(cert.subject.CN)];
}

/** The SDK reads RSA keys in PKCS#8 only; everything else fails during the handshake. */
export function clientKeyFailure(key: Uint8Array | undefined): string | undefined {
  if (key === undefined) return undefined;
  try {
    const { asymmetricKeyType } = createPrivateKey({ key: Buffer.from(key), format: "der", type: "pkcs8" });
    return asymmetricKeyType === "rsa" ? undefined : TLS_FAILURES.clientKey;
  } catch {
    return TLS_FAILURES.clientKey;
  }
}

/** A wildcard stands for exactly one label. */
export function nameMatches(pattern: string, name: string): boolean {
  if (!pattern.startsWith("*.")) return pattern.toLowerCase() === name.toLowerCase();
  const dot = name.indexOf(".");
  return dot > 0 && name.slice(dot).toLowerCase() === pattern.slice(1).toLowerCase();
}

/** What the SDK's TLS refuses, for both networks. The texts are what a firmware sees in the exception. */
import { createPrivateKey } from "node:crypto";

/** What the SDK's TLS says when a handshake fails. */
export const TLS_FAILURES = Object.freeze({
  authority: "certificate: auth err",
  name: "subjectAltName match failed",
  date: "date validation failed",
  alert: "fatal alert",
  clientKey: "BER: not an integer",
});

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

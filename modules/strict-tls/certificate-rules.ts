import { sameBytes } from "./bytes.js";
import type { Certificate } from "./certificate.js";
import { TlsRefusal } from "./errors.js";
import { ANY_USAGE, DIGITAL_SIGNATURE, KEY_CERT_SIGN, SERVER_AUTH } from "./extensions.js";

/** @throws TlsRefusal `date`, and `certificate` when it says something that has to be understood and is not */
export function requireValid({ notBefore, notAfter, extensions: { notUnderstood } }: Certificate, now: number): void {
  if (now < notBefore)
    throw new TlsRefusal("date", `not valid before ${dayOf(notBefore)}, and the clock says ${dayOf(now)}`);
  if (now > notAfter)
    throw new TlsRefusal("date", `not valid after ${dayOf(notAfter)}, and the clock says ${dayOf(now)}`);
  if (notUnderstood !== undefined) throw new TlsRefusal("certificate", "a critical extension is not understood");
}

/** @throws TlsRefusal `certificate` */
export function requireServerUsage({ extensions: { keyUsage, extendedKeyUsage } }: Certificate): void {
  // The server signs its half of the key exchange.
  if (keyUsage !== undefined && (keyUsage & DIGITAL_SIGNATURE) === 0)
    throw new TlsRefusal("certificate", "the server's key is not for signing");
  if (extendedKeyUsage !== undefined && !extendedKeyUsage.includes(SERVER_AUTH))
    throw new TlsRefusal("certificate", "the certificate is not for servers");
}

/**
 * @param below the authorities between this one and the server's certificate
 * @param isRoot it is trusted by itself: what for is decided by whoever trusts it
 * @throws TlsRefusal `certificate` or `date`
 */
export function requireIssuer(issuer: Certificate, below: readonly Certificate[], now: number, isRoot: boolean): void {
  const { isAuthority, keyUsage, pathLength, extendedKeyUsage } = issuer.extensions;
  requireValid(issuer, now);
  if (!isAuthority) throw new TlsRefusal("certificate", "an issuer is no authority");
  if (keyUsage !== undefined && (keyUsage & KEY_CERT_SIGN) === 0)
    throw new TlsRefusal("certificate", "an issuer's key is not for signing certificates");
  // An authority's renewed certificate for itself does not count. [RFC 5280, 4.2.1.9]
  const count = below.filter((authority) => !sameBytes(authority.subject, authority.issuer)).length;
  if (pathLength !== undefined && count > pathLength) throw new TlsRefusal("certificate", "the chain is too long");
  if (isRoot || extendedKeyUsage === undefined) return;
  if (!extendedKeyUsage.includes(SERVER_AUTH) && !extendedKeyUsage.includes(ANY_USAGE))
    throw new TlsRefusal("certificate", "an issuer is not for servers");
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

import { sameBytes } from "./bytes.js";
import { type Certificate, parseCertificate } from "./certificate.js";
import { TlsRefusal } from "./errors.js";
import { ANY_USAGE, DIGITAL_SIGNATURE, KEY_CERT_SIGN, SERVER_AUTH } from "./extensions.js";
import { type PublicKey, parsePublicKey } from "./public-key.js";
import { coversHost } from "./server-name.js";
import { type CryptoPort, isSignedBy } from "./signature.js";

/** What is asked of a chain of certificates. */
export type ChainQuestion = {
  /** What the server sent, DER, its own certificate first. */
  readonly sent: readonly Uint8Array[];
  /** The trusted certificates that may have issued this one. What else is among them does no harm. */
  trusted(subject: Certificate): readonly Certificate[];
  readonly host: string;
  /** The device's clock, milliseconds since 1970. */
  readonly now: number;
  readonly crypto: CryptoPort;
};

/** More certificates than any server sends: four are common. */
const MAX_SENT = 10;
/** Signatures that are looked at before the server is given up, and ways through its list. */
const MAX_SIGNATURES = 16;
const MAX_PATHS = 64;

/**
 * The server's key, once it is certain whose it is: its certificate names the host, and every certificate from there on is signed by the next,
 * valid now and allowed to issue it, up to a trusted one. [RFC 5280, 6.1]
 *
 * The list's order is the one TLS demands, an issuer behind what it issued; certificates in between and behind that are not needed are passed
 * over, as servers send roots along that are cross-signed by older ones. Signatures are verified from the trusted end, so that no key is used
 * before somebody trusted has vouched for it.
 * @throws TlsRefusal `certificate`, `name`, `date` or `signature`
 */
export function verifyChain(question: ChainQuestion): PublicKey {
  const { sent, host, now } = question;
  if (sent.length > MAX_SENT) throw new TlsRefusal("certificate", `${sent.length} certificates sent`);
  const certificates = sent.map(parseCertificate);
  const [leaf] = certificates;
  if (leaf === undefined) throw new TlsRefusal("certificate", "none sent");
  if (!coversHost(leaf.extensions.names, host)) throw new TlsRefusal("name", `the certificate does not name ${host}`);
  requireValid(leaf, now);
  requireServerUsage(leaf);
  findTrustedPath(certificates, question);
  return parsePublicKey(leaf.publicKey);
}

/** Tries every way from the first certificate up through the list to a trusted one; the first refusal is the one that is told. */
function findTrustedPath(certificates: readonly Certificate[], question: ChainQuestion): void {
  const checks = { left: MAX_SIGNATURES };
  let refusal: TlsRefusal | undefined;
  const waiting: (readonly number[])[] = [[0]];
  for (let tried = 0; waiting.length > 0 && tried < MAX_PATHS; tried++) {
    const path = waiting.pop() ?? [];
    const chain = path.flatMap((index) => certificates[index] ?? []);
    const top = chain[chain.length - 1];
    if (top === undefined) continue;
    for (const root of question.trusted(top)) {
      if (!sameBytes(root.subject, top.issuer)) continue;
      const found = refusalOf([...chain, root], question, checks);
      if (found === undefined) return;
      refusal ??= found;
    }
    for (let next = certificates.length - 1; next > (path[path.length - 1] ?? 0); next--) {
      const issuer = certificates[next];
      if (issuer !== undefined && sameBytes(issuer.subject, top.issuer)) waiting.push([...path, next]);
    }
  }
  throw refusal ?? new TlsRefusal("certificate", "no chain to a trusted root");
}

/** Why a chain, the server's certificate first and a trusted one last, does not hold. */
function refusalOf(
  chain: readonly Certificate[],
  { now, crypto }: ChainQuestion,
  checks: { left: number },
): TlsRefusal | undefined {
  try {
    chain.forEach((issuer, depth) => {
      if (depth > 0) requireIssuer(issuer, chain.slice(1, depth), now, depth < chain.length - 1);
    });
    for (let index = chain.length - 1; index > 0; index--) {
      const [issuer, subject] = [chain[index], chain[index - 1]];
      if (issuer === undefined || subject === undefined) continue;
      if (checks.left === 0) throw new TlsRefusal("certificate", "too many certificates of the same name");
      checks.left -= 1;
      requireSignature(subject, issuer, index - 1, crypto);
    }
    return undefined;
  } catch (error) {
    if (error instanceof TlsRefusal) return error;
    throw error;
  }
}

function requireSignature(subject: Certificate, issuer: Certificate, depth: number, crypto: CryptoPort): void {
  const { algorithm, signed, signature } = subject;
  if (algorithm === undefined)
    throw new TlsRefusal("certificate", `certificate ${depth} is signed with an algorithm that is not accepted`);
  if (!isSignedBy(parsePublicKey(issuer.publicKey), algorithm, [signed], signature, crypto))
    throw new TlsRefusal("signature", `certificate ${depth} is not signed by its issuer`);
}

/** @param below the authorities between this one and the server's certificate */
function requireIssuer(issuer: Certificate, below: readonly Certificate[], now: number, wasSent: boolean): void {
  const { isAuthority, keyUsage, pathLength, extendedKeyUsage } = issuer.extensions;
  requireValid(issuer, now);
  if (!isAuthority) throw new TlsRefusal("certificate", "an issuer is no authority");
  if (keyUsage !== undefined && (keyUsage & KEY_CERT_SIGN) === 0)
    throw new TlsRefusal("certificate", "an issuer's key is not for signing certificates");
  // An authority's renewed certificate for itself does not count. [RFC 5280, 4.2.1.9]
  const count = below.filter(({ subject, issuer: by }) => !sameBytes(subject, by)).length;
  if (pathLength !== undefined && count > pathLength) throw new TlsRefusal("certificate", "the chain is too long");
  // What a trusted root is for is decided by trusting it.
  const isFor =
    extendedKeyUsage === undefined || extendedKeyUsage.some((use) => use === SERVER_AUTH || use === ANY_USAGE);
  if (wasSent && !isFor) throw new TlsRefusal("certificate", "an issuer is not for servers");
}

function requireServerUsage({ extensions: { keyUsage, extendedKeyUsage } }: Certificate): void {
  // The server signs its half of the key exchange.
  if (keyUsage !== undefined && (keyUsage & DIGITAL_SIGNATURE) === 0)
    throw new TlsRefusal("certificate", "the server's key is not for signing");
  if (extendedKeyUsage !== undefined && !extendedKeyUsage.includes(SERVER_AUTH))
    throw new TlsRefusal("certificate", "the certificate is not for servers");
}

/** @throws TlsRefusal `date`, and `certificate` when it says something that has to be understood and is not */
export function requireValid({ notBefore, notAfter, extensions: { notUnderstood } }: Certificate, now: number): void {
  if (now < notBefore)
    throw new TlsRefusal("date", `not valid before ${dayOf(notBefore)}, and the clock says ${dayOf(now)}`);
  if (now > notAfter)
    throw new TlsRefusal("date", `not valid after ${dayOf(notAfter)}, and the clock says ${dayOf(now)}`);
  if (notUnderstood !== undefined) throw new TlsRefusal("certificate", "a critical extension is not understood");
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

import { sameBytes } from "./bytes.js";
import { type Certificate, parseCertificate } from "./certificate.js";
import { requireIssuer, requireServerUsage, requireValid } from "./certificate-rules.js";
import { nameIn, printable } from "./distinguished-name.js";
import { TlsRefusal } from "./errors.js";
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
/**
 * Signatures that are looked at, and certificates that are tried in a place of the chain, before the server is given
 * up.
 */
const MAX_SIGNATURES = 16;
const MAX_STEPS = 256;

/**
 * The server's key, once it is certain whose it is: its certificate names the host, and every certificate from there on
 * is signed by the next, valid now and allowed to issue it, up to a trusted one. [RFC 5280, 6.1]
 *
 * The list's order is the one TLS demands, an issuer behind what it issued; certificates in between and behind that are
 * not needed are passed over, as servers send roots along that are cross-signed by older ones. Signatures are verified
 * from the trusted end, so that no key is used before somebody trusted has vouched for it.
 * @throws TlsRefusal `certificate`, `name`, `date` or `signature`
 */
export function verifyChain(question: ChainQuestion): PublicKey {
  const { sent, host, now } = question;
  if (sent.length > MAX_SENT) throw new TlsRefusal("certificate", `${sent.length} certificates sent`);
  const [own] = sent;
  if (own === undefined) throw new TlsRefusal("certificate", "none sent");
  const leaf = parseCertificate(own);
  if (!coversHost(leaf.extensions.names, host)) {
    const [name] = leaf.extensions.names.dns;
    const whom = name === undefined ? nameIn(leaf.subject) : printable(name);
    throw new TlsRefusal("name", `the certificate names ${whom}, not ${host}`);
  }
  requireValid(leaf, now);
  requireServerUsage(leaf);
  new PathSearch(question).run(leaf);
  return parsePublicKey(leaf.publicKey);
}

/**
 * A way up from the server's certificate to `top`, and the place in the list from which on the next certificate is
 * looked for.
 */
type Step = { readonly below: readonly Certificate[]; readonly top: Certificate; next: number };

/** Tries every way from the server's certificate up through the list to a trusted one. */
class PathSearch {
  readonly #question: ChainQuestion;
  /** By place in the list; a certificate is read when a way leads there. */
  readonly #read: Certificate[] = [];
  #signaturesLeft = MAX_SIGNATURES;
  /** The first refusal is the one that is told. */
  #refusal: TlsRefusal | undefined;

  constructor(question: ChainQuestion) {
    this.#question = question;
  }

  /** @throws TlsRefusal when no way holds */
  run(leaf: Certificate): void {
    if (this.endsWithRoot([], leaf)) return;
    const steps: Step[] = [{ below: [], top: leaf, next: 1 }];
    for (let tried = 0; tried < MAX_STEPS; tried++) {
      const step = steps[steps.length - 1];
      if (step === undefined) break;
      const candidate = this.certificate(step.next);
      step.next += 1;
      if (candidate === undefined) {
        steps.pop();
      } else if (sameBytes(candidate.subject, step.top.issuer)) {
        const below = [...step.below, step.top];
        if (this.endsWithRoot(below, candidate)) return;
        steps.push({ below, top: candidate, next: step.next });
      }
    }
    // A router or proxy that shows a certificate of its own is known by this name.
    const text = `no chain to a trusted root, issued by ${nameIn(leaf.issuer)}`;
    throw this.#refusal ?? new TlsRefusal("certificate", text);
  }

  private certificate(place: number): Certificate | undefined {
    const der = this.#question.sent[place];
    const certificate = this.#read[place] ?? (der && parseCertificate(der));
    if (certificate !== undefined) this.#read[place] = certificate;
    return certificate;
  }

  private endsWithRoot(below: readonly Certificate[], top: Certificate): boolean {
    for (const root of this.#question.trusted(top)) {
      if (!sameBytes(root.subject, top.issuer)) continue;
      try {
        this.requireChain([...below, top, root]);
        return true;
      } catch (error) {
        if (!(error instanceof TlsRefusal)) throw error;
        this.#refusal ??= error;
      }
    }
    return false;
  }

  /** @param chain the server's certificate first, a trusted one last */
  private requireChain(chain: readonly Certificate[]): void {
    const { now, crypto } = this.#question;
    const last = chain.length - 1;
    for (const [depth, issuer] of chain.entries())
      if (depth > 0) requireIssuer(issuer, chain.slice(1, depth), now, depth === last);
    for (let depth = last - 1; depth >= 0; depth--) {
      const [subject, issuer] = [chain[depth], chain[depth + 1]];
      if (subject === undefined || issuer === undefined) continue;
      if (this.#signaturesLeft === 0) throw new TlsRefusal("certificate", "too many certificates of the same name");
      this.#signaturesLeft -= 1;
      if (subject.algorithm === undefined)
        throw new TlsRefusal("certificate", `certificate ${depth} is signed with an algorithm that is not accepted`);
      const key = parsePublicKey(issuer.publicKey);
      if (!isSignedBy(key, subject.algorithm, [subject.signed], subject.signature, crypto))
        throw new TlsRefusal("signature", `certificate ${depth} is not signed by its issuer`);
    }
  }
}

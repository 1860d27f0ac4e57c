import { sameBytes } from "./bytes.js";
import { type Certificate, parseCertificate, subjectOf } from "./certificate.js";

/** The firmware's data by name; `undefined` where there is none. */
export type Resources = (name: string) => Uint8Array | undefined;

/**
 * The SDK's list of roots: subject key identifiers one after the other. The certificates are there when the application
 * carries them.
 */
const INDEX = "ca.ski";
const IDENTIFIER_LENGTH = 20;

/**
 * A root as one that may have issued what names `issuer`: at most one, none when it is somebody else or cannot be read.
 */
export function rootNamed(issuer: Uint8Array, root: Uint8Array): Certificate[] {
  try {
    return sameBytes(subjectOf(root), issuer) ? [parseCertificate(root)] : [];
  } catch {
    // It vouches for nobody.
    return [];
  }
}

/** The same out of the SDK's store, where it is found by the key that a certificate says it was signed with. */
export function rootFromStore({ issuer, extensions }: Certificate, resources: Resources): Certificate[] {
  const wanted = extensions.authorityKeyIdentifier;
  if (wanted?.length !== IDENTIFIER_LENGTH) return [];
  const index = resources(INDEX) ?? new Uint8Array(0);
  for (let at = 0; at + IDENTIFIER_LENGTH <= index.length; at += IDENTIFIER_LENGTH) {
    if (!occursAt(index, at, wanted)) continue;
    const root = resources(`ca${at / IDENTIFIER_LENGTH}.der`);
    return root === undefined ? [] : rootNamed(issuer, root);
  }
  return [];
}

/** Without a view for each of the hundreds of entries. */
function occursAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let offset = 0; offset < wanted.length; offset++) if (bytes[at + offset] !== wanted[offset]) return false;
  return true;
}

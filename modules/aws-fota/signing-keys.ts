import { FotaError } from "./errors.js";
import { publicKeyPoint } from "./signature.js";
import type { UpdateDocument } from "./update-document.js";

/** Bytes of a key: an array, an ArrayBuffer, or the SDK's `Resource`. */
export type KeyBytes = Uint8Array | { readonly byteLength: number; slice(begin: number, end: number): ArrayBuffer };

/** A public key whose images are installed. */
export type SigningKey = {
  /** Names the key in traces, in the record and in job documents: 1 to 32 letters, digits, ".", "_" or "-". */
  readonly id: string;
  /** P-256: SubjectPublicKeyInfo DER, or the 65-byte uncompressed point. */
  readonly key: KeyBytes;
};

/** Two are enough to replace one; with each the slowest refusal takes one more verification. */
export const MAX_SIGNING_KEYS = 4;

/** A key as the verifier wants it. */
export type TrustedKey = { readonly id: string; readonly point: Uint8Array };

/** Whose images this firmware installs. */
export type Trust = {
  readonly keys: readonly TrustedKey[];
  /** An image that nobody signed is installed, too. */
  readonly allowUnsigned: boolean;
};

const keyIdPattern = () => /^[A-Za-z0-9._-]{1,32}$/;

export function isKeyId(text: string): boolean {
  return keyIdPattern().test(text);
}

/** @throws FotaError "bad-option" */
export function trustFrom(given: readonly SigningKey[], allowUnsigned: boolean): Trust {
  if (given.length > MAX_SIGNING_KEYS) {
    throw new FotaError("bad-option", `publicKeys has more than ${MAX_SIGNING_KEYS} keys`);
  }
  const keys: TrustedKey[] = [];
  for (const { id, key } of given) {
    if (!isKeyId(id))
      throw new FotaError("bad-option", 'publicKeys: an id is 1 to 32 letters, digits, ".", "_" or "-"');
    if (keys.some((known) => known.id === id)) throw new FotaError("bad-option", `publicKeys has two keys ${id}`);
    const bytes = key instanceof Uint8Array ? key : new Uint8Array(key.slice(0, key.byteLength));
    const point = publicKeyPoint(bytes);
    if (point === undefined) {
      throw new FotaError("bad-option", `publicKeys: ${id} is neither a P-256 point nor its SubjectPublicKeyInfo`);
    }
    keys.push({ id, point });
  }
  return { keys, allowUnsigned };
}

function named(ids: readonly string[]): string {
  return ids.join(", ");
}

/** The line at start that says whose images will be installed. */
export function trustText({ keys, allowUnsigned }: Trust): string {
  const ids = named(keys.map(({ id }) => id));
  if (keys.length === 0) {
    return allowUnsigned
      ? "unsigned images are accepted, no signature is checked"
      : "no signing key, every image is refused";
  }
  return allowUnsigned ? `signing keys: ${ids}; unsigned images are accepted, too` : `signing keys: ${ids}`;
}

/**
 * Why the document's image could not be installed whatever it holds; undefined: its signature will tell, or need not.
 */
export function judgeSigning(
  { signature, signingKey }: Pick<UpdateDocument, "signature" | "signingKey">,
  { keys, allowUnsigned }: Trust,
): FotaError | undefined {
  if (keys.length === 0) {
    return allowUnsigned
      ? undefined
      : new FotaError("no-signing-key", "the firmware has none and does not allow unsigned images");
  }
  const ids = keys.map(({ id }) => id);
  if (signature === undefined) {
    return allowUnsigned ? undefined : new FotaError("signature-missing", `wanted from ${named(ids)}`);
  }
  if (signingKey === undefined || ids.includes(signingKey)) return undefined;
  return new FotaError("signing-key-unknown", `${signingKey} is not among ${named(ids)}`);
}

/** Whether digest or signature of the document tell the image from any other, however it was loaded. */
export function isProvable({ digest, signature }: Pick<UpdateDocument, "digest" | "signature">, { keys }: Trust) {
  return digest !== undefined || (signature !== undefined && keys.length > 0);
}

/** The keys that the document's signature may be of. */
export function candidateKeys(
  { signingKey }: Pick<UpdateDocument, "signingKey">,
  { keys }: Trust,
): readonly TrustedKey[] {
  return signingKey === undefined ? keys : keys.filter(({ id }) => id === signingKey);
}

/**
 * Ids of the keys without which nothing is installed by a firmware that is here to stay. Undefined: it has no say, as
 * it installs nothing at all and what an earlier one enforced holds on.
 */
export function enforcedBy({ keys, allowUnsigned }: Trust): readonly string[] | undefined {
  if (allowUnsigned) return [];
  return keys.length === 0 ? undefined : keys.map(({ id }) => id);
}

/**
 * Why a firmware on trial must not stay: the one before it checked signatures (`enforced`), and this one would install
 * what nobody signed, or nothing for ever.
 */
export function judgeTrial({ keys, allowUnsigned }: Trust, enforced: readonly string[]): FotaError | undefined {
  if (enforced.length === 0 || (keys.length > 0 && !allowUnsigned)) return undefined;
  const what = keys.length === 0 ? "has no signing key" : "accepts unsigned images";
  return new FotaError("signing-key-missing", `the new firmware ${what}, the old one enforces ${named(enforced)}`);
}

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** Somebody who signs images. */
export type Signer = {
  readonly privateKey: KeyObject;
  /** Resource `code-signing-key.der` of a firmware that trusts this one: DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
};

/** A new ECDSA key. */
export function newSigner(namedCurve: "prime256v1" | "secp384r1" = "prime256v1"): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
  return { privateKey, publicKey: new Uint8Array(publicKey.export({ type: "spki", format: "der" })) };
}

/** Signature over the digest of the image as job documents carry it: base64; of an ECDSA key as DER. */
export function signatureOf(image: Uint8Array, key: KeyObject, digest: "sha256" | "sha1" = "sha256"): string {
  return sign(digest, image, key).toString("base64");
}

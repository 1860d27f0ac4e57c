import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** Somebody who signs images and is not trusted. */
export type Signer = { readonly privateKey: KeyObject };

/** A new ECDSA key. */
export function newSigner(namedCurve: "prime256v1" | "secp384r1" = "prime256v1"): Signer {
  return { privateKey: generateKeyPairSync("ec", { namedCurve }).privateKey };
}

/** Signature over the digest of the image as job documents carry it: base64; of an ECDSA key as DER. */
export function signatureOf(image: Uint8Array, key: KeyObject, digest: "sha256" | "sha1" = "sha256"): string {
  return sign(digest, image, key).toString("base64");
}

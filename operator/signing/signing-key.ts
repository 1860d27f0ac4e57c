import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

/** The curve that the firmware verifies, by OpenSSL's name. */
const CURVE = "prime256v1";

/** Somebody who signs images. */
export interface SigningKey {
  /** ECDSA P-256. */
  readonly privateKey: KeyObject;
  /** What the firmware carries: DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
}

/** A key file, or what it holds, is not one to sign with: one line that says why. */
export class SigningKeyError extends Error {
  override readonly name = "SigningKeyError";
}

export const KEY_ID_RULE = 'an id is 1 to 32 letters, digits, ".", "_" or "-"';

/** Whether the firmware takes it as a key's id. */
export function isKeyId(text: string): boolean {
  return /^[A-Za-z0-9._-]{1,32}$/.test(text);
}

/** A new key. */
export function newSigningKey(): SigningKey {
  return keyFrom(generateKeyPairSync("ec", { namedCurve: CURVE }).privateKey);
}

/**
 * The private key of a PEM file as `openssl ecparam -genkey`, `openssl genpkey` and {@link newSigningKey} write it
 * (SEC1 or PKCS#8, not encrypted).
 * @throws SigningKeyError
 */
export function signingKeyFromPem(pem: string): SigningKey {
  // OpenSSL's ecparam puts the curve's parameters into a block of their own in front of the key.
  const block = /-----BEGIN (?:EC )?PRIVATE KEY-----[\s\S]+?-----END (?:EC )?PRIVATE KEY-----/.exec(pem)?.[0];
  if (block === undefined) throw new SigningKeyError("no private key in PEM (an encrypted one is not taken)");
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(block);
  } catch {
    throw new SigningKeyError("not a private key that can be read");
  }
  return keyFrom(privateKey);
}

/**
 * A public key, PEM or DER SubjectPublicKeyInfo, as the firmware carries it.
 * @throws SigningKeyError
 */
export function publicKeyFrom(file: Uint8Array): Uint8Array {
  let key: KeyObject;
  try {
    const pem = Buffer.from(file).toString("latin1");
    if (pem.includes("PRIVATE KEY")) throw new SigningKeyError("a private key: it must not get into a firmware");
    key = pem.includes("-----BEGIN ")
      ? createPublicKey(pem)
      : createPublicKey({ key: Buffer.from(file), format: "der", type: "spki" });
  } catch (error) {
    throw error instanceof SigningKeyError ? error : new SigningKeyError("not a public key in PEM or DER");
  }
  checkCurve(key);
  return new Uint8Array(key.export({ type: "spki", format: "der" }));
}

/** PKCS#8. A secret. */
export function privatePem({ privateKey }: SigningKey): string {
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** SubjectPublicKeyInfo, for `openssl dgst -verify` and for AWS Signer. */
export function publicPem({ privateKey }: SigningKey): string {
  return createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
}

/** The same of a key in DER. */
export function publicKeyAsPem(der: Uint8Array): string {
  return createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" })
    .export({ type: "spki", format: "pem" })
    .toString();
}

/**
 * Signature of an image as job documents carry it: base64 of the DER form, over the SHA-256 of the whole file. That is
 * what `openssl dgst -sha256 -sign` and AWS Signer make, too.
 */
export function signatureOf(image: Uint8Array, { privateKey }: SigningKey): string {
  return sign("sha256", image, privateKey).toString("base64");
}

/** Whether a signature, base64 of DER, is of this image and key. */
export function isSignatureOf(
  image: Uint8Array,
  signature: string,
  { publicKey }: Pick<SigningKey, "publicKey">,
): boolean {
  return signature !== "" && verify("sha256", image, publicKeyAsPem(publicKey), Buffer.from(signature, "base64"));
}

/** SHA-256 of an image, lower-case hexadecimal, as job documents carry it. */
export function digestOf(image: Uint8Array): string {
  return createHash("sha256").update(image).digest("hex");
}

function keyFrom(privateKey: KeyObject): SigningKey {
  checkCurve(privateKey);
  const publicKey = new Uint8Array(createPublicKey(privateKey).export({ type: "spki", format: "der" }));
  return { privateKey, publicKey };
}

function checkCurve(key: KeyObject): void {
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== CURVE)
    throw new SigningKeyError("not a key of the curve P-256 (prime256v1)");
}

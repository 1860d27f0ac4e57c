import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { usage } from "../failure/index.js";
import {
  isKeyId,
  KEY_ID_RULE,
  publicKeyFrom,
  type SigningKey,
  SigningKeyError,
  signingKeyFromPem,
} from "./signing-key.js";

const MAX_KEY_BYTES = 100_000;

/** The private key of a PEM file. @throws FotaError "usage" that names the file */
export function readSigningKeyFile(file: string): SigningKey {
  return explained(file, () => signingKeyFromPem(readKeyFile(file).toString("utf8")));
}

/**
 * A public key, PEM or DER, by its id: the file's name without endings. @throws FotaError "usage" that names the file
 */
export function readPublicKeyFile(file: string): { readonly id: string; readonly key: Uint8Array } {
  const id = basename(file).replace(/(?:\.public)?\.(?:der|pem)$/, "");
  if (!isKeyId(id)) throw usage(`${file}: the file's name is the key's id, and ${KEY_ID_RULE}`);
  return { id, key: explained(file, () => publicKeyFrom(readKeyFile(file))) };
}

/** The bytes of an image. @throws FotaError "usage" when the file cannot be read or is empty */
export function readImageFile(file: string): Uint8Array {
  const image = explained(file, () => readFileSync(file));
  if (image.length === 0) throw usage(`${file} is empty`);
  return image;
}

function readKeyFile(file: string): Buffer {
  if (statSync(file).size > MAX_KEY_BYTES) throw new SigningKeyError("too large for a key");
  return readFileSync(file);
}

function explained<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw usage(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { UsageError } from "../command-line/index.js";
import {
  isKeyId,
  KEY_ID_RULE,
  publicKeyFrom,
  type SigningKey,
  SigningKeyError,
  signingKeyFromPem,
} from "../signing/index.js";

const MAX_KEY_BYTES = 100_000;

/** The private key of a PEM file. @throws UsageError that names the file */
export function readSigningKey(file: string): SigningKey {
  return explained(file, () => signingKeyFromPem(readKeyFile(file).toString("utf8")));
}

/** A public key, PEM or DER, by its id: the file's name without endings. @throws UsageError that names the file */
export function readPublicKey(file: string): { readonly id: string; readonly key: Uint8Array } {
  const id = basename(file).replace(/(?:\.public)?\.(?:der|pem)$/, "");
  if (!isKeyId(id)) throw new UsageError(`${file}: the file's name is the key's id, and ${KEY_ID_RULE}`);
  return { id, key: explained(file, () => publicKeyFrom(readKeyFile(file))) };
}

/** The bytes of an image. @throws UsageError when the file cannot be read or is empty */
export function readImage(file: string): Uint8Array {
  const image = explained(file, () => readFileSync(file));
  if (image.length === 0) throw new UsageError(`${file} is empty`);
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
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

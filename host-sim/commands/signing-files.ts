/** Keys and images of commands: what is wrong with a file is the caller's mistake, and the line names it. */
import { readImageFile, readPublicKeyFile, readSigningKeyFile, type SigningKey } from "fota-operator/signing";
import { usageWhenThrown } from "../command-line/index.js";

/** The private key of a PEM file. @throws UsageError that names the file */
export function readSigningKey(file: string): SigningKey {
  return usageWhenThrown(() => readSigningKeyFile(file));
}

/** A public key, PEM or DER, by its id: the file's name without endings. @throws UsageError that names the file */
export function readPublicKey(file: string): { readonly id: string; readonly key: Uint8Array } {
  return usageWhenThrown(() => readPublicKeyFile(file));
}

/** The bytes of an image. @throws UsageError when the file cannot be read or is empty */
export function readImage(file: string): Uint8Array {
  return usageWhenThrown(() => readImageFile(file));
}

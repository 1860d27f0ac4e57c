import { DEFAULT_KEY_ID, digestOf, newSigningKey, type SigningKey, signatureOf } from "fota-operator/signing";
import type { FirmwareArchive } from "../image/index.js";

/** The firmware with public keys (DER SubjectPublicKeyInfo) by id, and no others. */
export function trusting(firmware: FirmwareArchive, keys: Readonly<Record<string, Uint8Array>>): FirmwareArchive {
  const ids = Object.keys(keys);
  const files = Object.fromEntries(Object.entries(keys).map(([id, key]) => [`${id}.der`, key]));
  return {
    ...firmware,
    resources: { ...firmware.resources, ...files },
    config: { ...firmware.config, ...(ids.length === 0 ? {} : { signingKeys: ids.join(",") }) },
  };
}

/** Base64 of the usual 70 to 72 bytes of DER. */
const USUAL_LENGTH = 96;

let key: SigningKey | undefined;
const signatures = new Map<string, string>();

/** The key of whoever publishes to simulated boards: new in each process, so that none lies about. */
export function simulatedKey(): SigningKey {
  key ??= newSigningKey();
  return key;
}

/** The firmware as simulated boards run it: what {@link simulatedKey} signed is installed, and nothing else. */
export function trustingSimulatedKey(firmware: FirmwareArchive): FirmwareArchive {
  return trusting(firmware, { [DEFAULT_KEY_ID]: simulatedKey().publicKey });
}

/**
 * Signature of the image by {@link simulatedKey}. The same image gives the same one, and all have one length, so that a
 * simulated update takes the same packets each time.
 */
export function simulatedSignature(image: Uint8Array): string {
  const digest = digestOf(image);
  let signature = signatures.get(digest) ?? "";
  // One in a hundred or so is shorter.
  while (signature.length !== USUAL_LENGTH) signature = signatureOf(image, simulatedKey());
  signatures.set(digest, signature);
  return signature;
}

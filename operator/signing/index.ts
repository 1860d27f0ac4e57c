/** Keys that sign images, and their signatures. */
export { DEFAULT_KEY_ID, type KeyFiles, keyFiles, manifestLine, writeKeyFiles } from "./key-files.js";
export { readImageFile, readPublicKeyFile, readSigningKeyFile } from "./read-files.js";
export {
  digestOf,
  isKeyId,
  isSignatureOf,
  KEY_ID_RULE,
  newSigningKey,
  privatePem,
  publicKeyFrom,
  publicPem,
  type SigningKey,
  SigningKeyError,
  signatureOf,
  signingKeyFromPem,
} from "./signing-key.js";

/** Keys that sign images, and firmware that trusts them. */
export {
  digestOf,
  isKeyId,
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
export { DEFAULT_KEY_ID, simulatedKey, simulatedSignature, trusting, trustingSimulatedKey } from "./trusting.js";

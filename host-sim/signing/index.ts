/** Keys that sign images, and firmware that trusts them. */
export {
  DEFAULT_KEY_ID,
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
} from "fota-operator/signing";
export { simulatedKey, simulatedSignature, trusting, trustingSimulatedKey } from "./trusting.js";

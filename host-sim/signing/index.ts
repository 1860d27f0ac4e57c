/** Keys that sign images, and firmware that trusts them. */
export {
  digestOf,
  newSigningKey,
  privatePem,
  publicPem,
  type SigningKey,
  SigningKeyError,
  signatureOf,
  signingKeyFromPem,
} from "./signing-key.js";
export { DEFAULT_KEY_ID, simulatedKey, simulatedSignature, trusting, trustingSimulatedKey } from "./trusting.js";

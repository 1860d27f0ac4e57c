import { flag } from "../input.js";
import { registerCertificate } from "../register-certificate.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: CreateKeysAndCertificate] RSA-2048. The private key is in this answer and nowhere else. */
export const createKeysAndCertificate: IotOperation = async (iot, input) => {
  const active = flag(input, "setAsActive");
  const identity = await iot.issueDevice();
  const registered = registerCertificate(iot, identity.certificatePem, active ? "ACTIVE" : "INACTIVE");
  return {
    ...registered,
    certificatePem: identity.certificatePem,
    keyPair: { PublicKey: identity.publicKeyPem, PrivateKey: identity.privateKeyPem },
  };
};

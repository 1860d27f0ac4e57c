import { createPrivateKey } from "node:crypto";
import { flag } from "../input.js";
import { registerCertificate } from "../register-certificate.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: CreateKeysAndCertificate] RSA-2048; the private key, as PKCS#1, is in this answer and nowhere else. */
export const createKeysAndCertificate: IotOperation = async (iot, input) => {
  const active = flag(input, "setAsActive");
  const identity = await iot.issueDevice();
  const registered = registerCertificate(iot, identity.certificatePem, active ? "ACTIVE" : "INACTIVE");
  return {
    ...registered,
    certificatePem: identity.certificatePem,
    keyPair: { PublicKey: identity.publicKeyPem, PrivateKey: pkcs1Of(identity.privateKeyPem) },
  };
};

function pkcs1Of(pem: string): string {
  return createPrivateKey(pem).export({ type: "pkcs1", format: "pem" }).toString();
}

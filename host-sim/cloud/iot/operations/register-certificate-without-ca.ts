import { AwsError } from "../../context/context.js";
import { optionalText, text } from "../input.js";
import { registerCertificate } from "../register-certificate.js";
import type { IotOperation } from "../service.js";

const MAX_CERTIFICATE_LENGTH = 65_536; // AWS IoT: CertificatePem

/** [AWS IoT: RegisterCertificateWithoutCA] */
export const registerCertificateWithoutCa: IotOperation = (iot, input) => {
  const status = optionalText(input, "status") ?? "INACTIVE";
  if (status !== "ACTIVE" && status !== "INACTIVE")
    throw new AwsError("InvalidRequest", "status must be ACTIVE or INACTIVE");
  return registerCertificate(iot, text(input, "certificatePem", MAX_CERTIFICATE_LENGTH), status);
};

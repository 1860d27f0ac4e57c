import { AwsError } from "../../context/context.js";
import { optionalText, text } from "../input.js";
import { registerCertificate } from "../register-certificate.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: RegisterCertificateWithoutCA] */
export const registerCertificateWithoutCa: IotOperation = (iot, input) => {
  const status = optionalText(input, "status") ?? "INACTIVE";
  if (status !== "ACTIVE" && status !== "INACTIVE")
    throw new AwsError("InvalidRequest", "status must be ACTIVE or INACTIVE");
  return registerCertificate(iot, text(input, "certificatePem"), status);
};

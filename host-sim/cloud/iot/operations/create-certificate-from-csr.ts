import { AwsError } from "../../context/context.js";
import { flag, text } from "../input.js";
import { registerCertificate } from "../register-certificate.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: CreateCertificateFromCsr] */
export const createCertificateFromCsr: IotOperation = async (iot, input) => {
  const active = flag(input, "setAsActive");
  const request = text(input, "certificateSigningRequest");
  let certificatePem: string;
  try {
    certificatePem = await iot.signRequest(request);
  } catch {
    throw new AwsError("InvalidRequest", "certificateSigningRequest is not a valid certificate signing request");
  }
  return { ...registerCertificate(iot, certificatePem, active ? "ACTIVE" : "INACTIVE"), certificatePem };
};

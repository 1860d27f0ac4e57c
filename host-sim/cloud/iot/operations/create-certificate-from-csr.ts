import { AwsError } from "../../context/context.js";
import { flag, text } from "../input.js";
import { registerCertificate } from "../register-certificate.js";
import type { IotOperation } from "../service.js";

const MAX_REQUEST_LENGTH = 4096; // AWS IoT: CertificateSigningRequest

/** [AWS IoT: CreateCertificateFromCsr] */
export const createCertificateFromCsr: IotOperation = async (iot, input) => {
  const active = flag(input, "setAsActive");
  const request = text(input, "certificateSigningRequest", MAX_REQUEST_LENGTH);
  let certificatePem: string;
  try {
    certificatePem = await iot.signRequest(request);
  } catch {
    throw new AwsError("InvalidRequest", "certificateSigningRequest is not a valid certificate signing request");
  }
  return { ...registerCertificate(iot, certificatePem, active ? "ACTIVE" : "INACTIVE"), certificatePem };
};

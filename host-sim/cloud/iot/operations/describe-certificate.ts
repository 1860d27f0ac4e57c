import { X509Certificate } from "node:crypto";
import { arnOf } from "../../context/arns.js";
import { text } from "../input.js";
import { type IotOperation, secondsOf } from "../service.js";

/** [AWS IoT: DescribeCertificate] */
export const describeCertificate: IotOperation = ({ context, registry }, input) => {
  const record = registry.existingCertificate(text(input, "certificateId"));
  const parsed = new X509Certificate(record.certificatePem);
  return {
    certificateDescription: {
      certificateArn: arnOf(context, "cert", record.certificateId),
      certificateId: record.certificateId,
      status: record.status,
      certificatePem: record.certificatePem,
      ownedBy: context.account,
      creationDate: secondsOf(record.createdAt),
      lastModifiedDate: secondsOf(record.modifiedAt),
      customerVersion: 1,
      certificateMode: "SNI_ONLY",
      validity: { notBefore: secondsOf(Date.parse(parsed.validFrom)), notAfter: secondsOf(Date.parse(parsed.validTo)) },
    },
  };
};

import { arnOf } from "../../context/arns.js";
import { MARKER_PAGE, pageOf } from "../paging.js";
import { type IotOperation, secondsOf } from "../service.js";

/** [AWS IoT: ListCertificates] */
export const listCertificates: IotOperation = ({ context, registry }, input) => {
  const page = pageOf(registry.certificates(), (certificate) => certificate.certificateId, input, MARKER_PAGE);
  const certificates = page.items.map(({ certificateId, status, createdAt }) => ({
    certificateArn: arnOf(context, "cert", certificateId),
    certificateId,
    status,
    creationDate: secondsOf(createdAt),
  }));
  return { certificates, ...page.next };
};

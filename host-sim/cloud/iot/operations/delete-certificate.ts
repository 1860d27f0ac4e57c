import { arnOf } from "../../context/arns.js";
import { AwsError } from "../../context/context.js";
import { flag, text } from "../input.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: DeleteCertificate] Only an inactive one without things; policies need `forceDelete`. */
export const deleteCertificate: IotOperation = ({ context, registry }, input) => {
  const { certificateId, status } = registry.existingCertificate(text(input, "certificateId"));
  const arn = arnOf(context, "cert", certificateId);
  const policies = registry.leftOf("policy", arn);
  if (status === "ACTIVE") {
    throw new AwsError(
      "CertificateState",
      `Certificate must be deactivated (not ACTIVE) before deletion, id: ${certificateId}`,
    );
  }
  if (registry.leftOf("principal", certificateId).length > 0) {
    throw new AwsError("DeleteConflict", `Things must be detached before deletion, arn: ${arn}`);
  }
  if (policies.length > 0 && !flag(input, "forceDelete")) {
    throw new AwsError("DeleteConflict", `Policies must be detached before deletion, arn: ${arn}`);
  }
  context.store.transaction(() => {
    for (const policy of policies) registry.detach("policy", policy, arn);
    registry.remove("certificates", certificateId);
  });
  return {};
};

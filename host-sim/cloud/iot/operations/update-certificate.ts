import { AwsError } from "../../context/context.js";
import { CERTIFICATE_STATUSES } from "../../context/registry.js";
import { text } from "../input.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: UpdateCertificate] The two `PENDING_...` states and REGISTER_INACTIVE cannot be set by hand. */
export const updateCertificate: IotOperation = ({ context, registry }, input) => {
  const record = registry.existingCertificate(text(input, "certificateId"));
  const wanted = text(input, "newStatus");
  const status = CERTIFICATE_STATUSES.slice(0, 3).find((name) => name === wanted);
  if (status === undefined) throw new AwsError("InvalidRequest", `newStatus ${wanted.slice(0, 40)} is not allowed`);
  registry.putCertificate({ ...record, status, modifiedAt: context.clock.now() });
  return {};
};

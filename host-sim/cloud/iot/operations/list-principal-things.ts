import { certificateIdOf } from "../../context/arns.js";
import { text } from "../input.js";
import { pageOf } from "../paging.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: ListPrincipalThings] */
export const listPrincipalThings: IotOperation = ({ context, registry }, input) => {
  const { certificateId } = registry.existingCertificate(certificateIdOf(context, text(input, "principal")));
  const page = pageOf(registry.leftOf("principal", certificateId), (name) => name, input);
  return { things: page.items, ...page.next };
};

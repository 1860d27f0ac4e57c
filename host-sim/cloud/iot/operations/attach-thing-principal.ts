import { certificateIdOf } from "../../context/arns.js";
import { text, thingName } from "../input.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: AttachThingPrincipal] */
export const attachThingPrincipal: IotOperation = ({ context, registry }, input) => {
  const thing = registry.existingThing(thingName(input));
  const certificate = registry.existingCertificate(certificateIdOf(context, text(input, "principal")));
  registry.attach("principal", thing.thingName, certificate.certificateId);
  return {};
};

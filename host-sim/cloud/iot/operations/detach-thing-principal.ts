import { certificateIdOf } from "../../context/arns.js";
import { text, thingName } from "../input.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: DetachThingPrincipal] */
export const detachThingPrincipal: IotOperation = ({ context, registry }, input) => {
  const thing = registry.existingThing(thingName(input));
  registry.detach("principal", thing.thingName, certificateIdOf(context, text(input, "principal")));
  return {};
};

import { arnOf } from "../../context/arns.js";
import { thingName } from "../input.js";
import { pageOf } from "../paging.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: ListThingPrincipals] */
export const listThingPrincipals: IotOperation = ({ context, registry }, input) => {
  const thing = registry.existingThing(thingName(input));
  const page = pageOf(registry.rightOf("principal", thing.thingName), (id) => id, input);
  return { principals: page.items.map((id) => arnOf(context, "cert", id)), ...page.next };
};

import { arnOf } from "../../context/arns.js";
import { thingName } from "../input.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: DescribeThing] */
export const describeThing: IotOperation = ({ context, registry }, input) => {
  const thing = registry.existingThing(thingName(input));
  return { defaultClientId: thing.thingName, ...thing, thingArn: arnOf(context, "thing", thing.thingName) };
};

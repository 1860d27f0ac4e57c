import { arnOf } from "../../context/arns.js";
import { thingName } from "../input.js";
import { pageOf } from "../paging.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: ListThingGroupsForThing] */
export const listThingGroupsForThing: IotOperation = ({ context, registry }, input) => {
  const thing = registry.existingThing(thingName(input));
  const page = pageOf(registry.leftOf("member", thing.thingName), (name) => name, input);
  const thingGroups = page.items.map((groupName) => ({ groupName, groupArn: arnOf(context, "thinggroup", groupName) }));
  return { thingGroups, ...page.next };
};

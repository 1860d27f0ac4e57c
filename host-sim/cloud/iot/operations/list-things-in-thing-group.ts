import { thingsOf } from "../group-tree.js";
import { flag, thingName } from "../input.js";
import { pageOf } from "../paging.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: ListThingsInThingGroup] With `recursive` those of the groups below it, too. */
export const listThingsInThingGroup: IotOperation = ({ registry }, input) => {
  const group = registry.existingGroup(thingName(input, "thingGroupName"));
  const page = pageOf(thingsOf(registry, group.thingGroupName, flag(input, "recursive")), (name) => name, input);
  return { things: page.items, ...page.next };
};

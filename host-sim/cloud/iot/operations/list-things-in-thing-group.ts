import { thingsOf } from "../group-tree.js";
import { flag, thingName } from "../input.js";
import { pageOf, pageStart } from "../paging.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: ListThingsInThingGroup] With `recursive` those of the groups below it, too. */
export const listThingsInThingGroup: IotOperation = ({ registry }, input) => {
  const { thingGroupName } = registry.existingGroup(thingName(input, "thingGroupName"));
  const names = flag(input, "recursive")
    ? thingsOf(registry, thingGroupName, true)
    : registry.rightOfBehind("member", thingGroupName, pageStart(input));
  const page = pageOf(names, (name) => name, input);
  return { things: page.items, ...page.next };
};

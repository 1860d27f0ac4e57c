import { thingName } from "../input.js";
import { pageOf } from "../paging.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: ListThingsInThingGroup] */
export const listThingsInThingGroup: IotOperation = ({ registry }, input) => {
  const group = registry.existingGroup(thingName(input, "thingGroupName"));
  const page = pageOf(registry.rightOf("member", group.thingGroupName), (name) => name, input);
  return { things: page.items, ...page.next };
};

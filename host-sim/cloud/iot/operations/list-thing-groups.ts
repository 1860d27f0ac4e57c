import { arnOf } from "../../context/arns.js";
import { isBelow } from "../group-tree.js";
import { flag, optionalText } from "../input.js";
import { pageOf } from "../paging.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: ListThingGroups] Filters: `namePrefixFilter`, `parentGroup`, with `recursive` all groups below it. */
export const listThingGroups: IotOperation = ({ context, registry }, input) => {
  const prefix = optionalText(input, "namePrefixFilter") ?? "";
  const parent = optionalText(input, "parentGroup");
  const recursive = flag(input, "recursive");
  const wanted = [...registry.groups()].filter(
    (group) =>
      group.thingGroupName.startsWith(prefix) &&
      (parent === undefined || (recursive ? isBelow(registry, group, parent) : group.parentGroupName === parent)),
  );
  const page = pageOf(wanted, (group) => group.thingGroupName, input);
  const thingGroups = page.items.map(({ thingGroupName }) => ({
    groupName: thingGroupName,
    groupArn: arnOf(context, "thinggroup", thingGroupName),
  }));
  return { thingGroups, ...page.next };
};

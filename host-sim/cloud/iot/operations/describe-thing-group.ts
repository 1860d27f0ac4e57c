import { arnOf } from "../../context/arns.js";
import { ancestorsOf } from "../group-tree.js";
import { thingName } from "../input.js";
import { type IotOperation, secondsOf } from "../service.js";

/** [AWS IoT: DescribeThingGroup] */
export const describeThingGroup: IotOperation = ({ context, registry }, input) => {
  const group = registry.existingGroup(thingName(input, "thingGroupName"));
  return {
    thingGroupName: group.thingGroupName,
    thingGroupId: group.thingGroupId,
    thingGroupArn: arnOf(context, "thinggroup", group.thingGroupName),
    version: group.version,
    thingGroupProperties: {
      thingGroupDescription: group.description,
      attributePayload: { attributes: group.attributes },
    },
    thingGroupMetadata: {
      parentGroupName: group.parentGroupName,
      rootToParentThingGroups: ancestorsOf(registry, group).map(({ thingGroupName }) => ({
        groupName: thingGroupName,
        groupArn: arnOf(context, "thinggroup", thingGroupName),
      })),
      creationDate: secondsOf(group.createdAt),
    },
  };
};

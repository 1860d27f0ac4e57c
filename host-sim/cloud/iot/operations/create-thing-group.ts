import { arnOf } from "../../context/arns.js";
import { AwsError } from "../../context/context.js";
import { ancestorsOf, MAX_DEPTH } from "../group-tree.js";
import { attributesIn, optionalRecord, optionalText, thingName } from "../input.js";
import { type IotOperation, uuidOf } from "../service.js";

/** [AWS IoT: CreateThingGroup] Static groups; policies and jobs of a parent are those of its children, too. */
export const createThingGroup: IotOperation = ({ context, registry }, input) => {
  const thingGroupName = thingName(input, "thingGroupName");
  const thingGroupArn = arnOf(context, "thinggroup", thingGroupName);
  const existing = registry.group(thingGroupName);
  if (existing !== undefined) {
    throw new AwsError("ResourceAlreadyExists", `Thing group ${thingGroupName} already exists`, {
      resourceId: existing.thingGroupId,
      resourceArn: thingGroupArn,
    });
  }
  const properties = optionalRecord(input, "thingGroupProperties") ?? {};
  const description = optionalText(properties, "thingGroupDescription");
  const parent = optionalText(input, "parentGroupName");
  if (parent !== undefined && ancestorsOf(registry, registry.existingGroup(parent)).length + 2 > MAX_DEPTH) {
    throw new AwsError("InvalidRequest", `A hierarchy of thing groups has at most ${MAX_DEPTH} levels`);
  }
  const thingGroupId = uuidOf(context.random);
  registry.putGroup({
    thingGroupName,
    thingGroupId,
    attributes: attributesIn(optionalRecord(properties, "attributePayload")),
    ...(description === undefined ? {} : { description }),
    ...(parent === undefined ? {} : { parentGroupName: parent }),
    createdAt: context.clock.now(),
    version: 1,
  });
  return { thingGroupName, thingGroupArn, thingGroupId };
};

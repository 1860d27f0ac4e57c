import { arnOf } from "../../context/arns.js";
import { AwsError } from "../../context/context.js";
import { optionalInteger, thingName } from "../input.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: DeleteThingGroup] Members leave the group; a group that is not there counts as deleted. */
export const deleteThingGroup: IotOperation = ({ context, registry, jobs }, input) => {
  const thingGroupName = thingName(input, "thingGroupName");
  const group = registry.group(thingGroupName);
  if (group === undefined) return {};
  const expected = optionalInteger(input, "expectedVersion", 0, Number.MAX_SAFE_INTEGER);
  if (expected !== undefined && expected !== group.version) {
    throw new AwsError("VersionConflict", `expected version ${expected} but the group has version ${group.version}`);
  }
  for (const child of registry.groups()) {
    if (child.parentGroupName === thingGroupName) {
      throw new AwsError(
        "InvalidRequest",
        `Cannot delete ${thingGroupName}: it has the child group ${child.thingGroupName}`,
      );
    }
  }
  context.store.transaction(() => {
    const arn = arnOf(context, "thinggroup", thingGroupName);
    for (const policy of registry.leftOf("policy", arn)) registry.detach("policy", policy, arn);
    for (const thing of registry.rightOf("member", thingGroupName)) {
      registry.detach("member", thingGroupName, thing);
      jobs.thingLeftGroup({ thingName: thing, thingGroupName });
    }
    registry.remove("thing-groups", thingGroupName);
  });
  return {};
};

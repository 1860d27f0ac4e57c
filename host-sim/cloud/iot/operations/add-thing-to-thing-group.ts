import { membershipIn } from "../membership.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: AddThingToThingGroup] Continuous jobs on the group take the thing in. */
export const addThingToThingGroup: IotOperation = (iot, input) => {
  const change = membershipIn(iot, input);
  if (iot.registry.isAttached("member", change.thingGroupName, change.thingName)) return {};
  iot.context.store.transaction(() => {
    iot.registry.attach("member", change.thingGroupName, change.thingName);
    iot.jobs.thingJoinedGroup(change);
  });
  return {};
};

import { membershipIn } from "../membership.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: RemoveThingFromThingGroup] Executions of continuous jobs on the group become REMOVED. */
export const removeThingFromThingGroup: IotOperation = (iot, input) => {
  const change = membershipIn(iot, input);
  if (!iot.registry.isAttached("member", change.thingGroupName, change.thingName)) return {};
  iot.context.store.transaction(() => {
    iot.registry.detach("member", change.thingGroupName, change.thingName);
    iot.jobs.thingLeftGroup(change);
  });
  return {};
};

import { AwsError } from "../../context/context.js";
import { optionalInteger, thingName } from "../input.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: DeleteThing] A thing that is not there counts as deleted; one with principals attached is refused. */
export const deleteThing: IotOperation = ({ context, registry, jobs }, input) => {
  const name = thingName(input);
  const thing = registry.thing(name);
  if (thing === undefined) return {};
  const expected = optionalInteger(input, "expectedVersion", 0, Number.MAX_SAFE_INTEGER);
  if (expected !== undefined && expected !== thing.version) {
    throw new AwsError("VersionConflict", `expected version ${expected} but the thing has version ${thing.version}`);
  }
  if (registry.rightOf("principal", name).length > 0) {
    throw new AwsError("InvalidRequest", `Cannot delete. Thing ${name} is still attached to one or more principals`);
  }
  context.store.transaction(() => {
    for (const group of registry.leftOf("member", name)) registry.detach("member", group, name);
    registry.remove("things", name);
    jobs.thingDeleted({ thingName: name });
  });
  return {};
};

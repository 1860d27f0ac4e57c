import { AwsError } from "../../context/context.js";
import { attributesIn, flag, optionalInteger, optionalRecord, optionalText, thingName } from "../input.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: UpdateThing] An attribute with an empty value is removed; without `merge` all others are, too. */
export const updateThing: IotOperation = ({ registry }, input) => {
  const thing = registry.existingThing(thingName(input));
  const expected = optionalInteger(input, "expectedVersion", 0, Number.MAX_SAFE_INTEGER);
  if (expected !== undefined && expected !== thing.version) {
    throw new AwsError("VersionConflict", `expected version ${expected} but the thing has version ${thing.version}`);
  }
  const payload = optionalRecord(input, "attributePayload");
  const merged = payload !== undefined && flag(payload, "merge") ? { ...thing.attributes } : {};
  const attributes: Record<string, string> = payload === undefined ? { ...thing.attributes } : merged;
  for (const [name, value] of Object.entries(attributesIn(payload))) {
    if (value === "") delete attributes[name];
    else attributes[name] = value;
  }
  const thingTypeName = flag(input, "removeThingType")
    ? undefined
    : (optionalText(input, "thingTypeName") ?? thing.thingTypeName);
  registry.putThing({
    thingName: thing.thingName,
    thingId: thing.thingId,
    attributes,
    ...(thingTypeName === undefined ? {} : { thingTypeName }),
    version: thing.version + 1,
  });
  return {};
};

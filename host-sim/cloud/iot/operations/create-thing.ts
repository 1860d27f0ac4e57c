import { arnOf } from "../../context/arns.js";
import { AwsError } from "../../context/context.js";
import { attributesIn, optionalRecord, optionalText, thingName } from "../input.js";
import type { ThingRecord } from "../records.js";
import { type IotOperation, uuidOf } from "../service.js";

/** [AWS IoT: CreateThing] Repeating it with the same properties succeeds, with others it is `ResourceAlreadyExists`. */
export const createThing: IotOperation = ({ context, registry }, input) => {
  const name = thingName(input);
  const attributes = attributesIn(optionalRecord(input, "attributePayload"));
  const thingTypeName = optionalText(input, "thingTypeName");
  const thingArn = arnOf(context, "thing", name);
  const existing = registry.thing(name);
  if (existing !== undefined) {
    if (sameProperties(existing, attributes, thingTypeName))
      return { thingName: name, thingArn, thingId: existing.thingId };
    throw new AwsError("ResourceAlreadyExists", `Thing ${name} already exists in account with different properties`, {
      resourceId: name,
      resourceArn: thingArn,
    });
  }
  const thingId = uuidOf(context.random);
  registry.putThing({
    thingName: name,
    thingId,
    attributes,
    ...(thingTypeName === undefined ? {} : { thingTypeName }),
    version: 1,
  });
  return { thingName: name, thingArn, thingId };
};

function sameProperties(
  thing: ThingRecord,
  attributes: Record<string, string>,
  thingTypeName: string | undefined,
): boolean {
  const names = Object.keys(attributes);
  return (
    thing.thingTypeName === thingTypeName &&
    names.length === Object.keys(thing.attributes).length &&
    names.every((name) => thing.attributes[name] === attributes[name])
  );
}

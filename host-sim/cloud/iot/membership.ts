import { nameInArn } from "../context/arns.js";
import { AwsError } from "../context/context.js";
import { type IotInput, optionalText, thingName } from "./input.js";
import type { IotService } from "./service.js";

/** Thing and group of an add or remove call, each given by name or ARN; both have to exist. */
export function membershipIn(iot: IotService, input: IotInput): { thingName: string; thingGroupName: string } {
  const group = optionalText(input, "thingGroupArn");
  const thing = optionalText(input, "thingArn");
  const thingGroupName = group === undefined ? thingName(input, "thingGroupName") : fromArn(iot, "thinggroup", group);
  const name = thing === undefined ? thingName(input) : fromArn(iot, "thing", thing);
  iot.registry.existingGroup(thingGroupName);
  iot.registry.existingThing(name);
  return { thingName: name, thingGroupName };
}

function fromArn(iot: IotService, kind: "thing" | "thinggroup", arn: string): string {
  const name = nameInArn(iot.context, kind, arn);
  if (name === undefined)
    throw new AwsError("InvalidRequest", `not the ARN of a ${kind} of this account: ${arn.slice(0, 200)}`);
  return name;
}

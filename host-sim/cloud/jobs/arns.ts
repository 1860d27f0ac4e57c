import { arnOf, nameInArn, type Place } from "../context/arns.js";
import { isThingName } from "../context/thing-name.js";

export function jobArn(place: Place, jobId: string): string {
  return arnOf(place, "job", jobId);
}

export function thingArn(place: Place, thingName: string): string {
  return arnOf(place, "thing", thingName);
}

export function thingGroupArn(place: Place, thingGroupName: string): string {
  return arnOf(place, "thinggroup", thingGroupName);
}

export type Target = { readonly kind: "thing" | "thinggroup"; readonly name: string };

/** The thing or thing group that an ARN of this region and account names; undefined for anything else. */
export function parseTarget(place: Place, arn: string): Target | undefined {
  for (const kind of ["thing", "thinggroup"] as const) {
    const name = nameInArn(place, kind, arn);
    if (name !== undefined && isThingName(name)) return { kind, name };
  }
  return undefined;
}

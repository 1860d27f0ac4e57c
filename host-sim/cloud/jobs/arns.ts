import type { CloudContext } from "../context.js";

type Place = Pick<CloudContext, "region" | "account">;

export function jobArn(place: Place, jobId: string): string {
  return `${prefix(place)}job/${jobId}`;
}

export function thingArn(place: Place, thingName: string): string {
  return `${prefix(place)}thing/${thingName}`;
}

export function thingGroupArn(place: Place, thingGroupName: string): string {
  return `${prefix(place)}thinggroup/${thingGroupName}`;
}

export type Target = { readonly kind: "thing" | "thinggroup"; readonly name: string };

/** The thing or thing group that an ARN of this region and account names; undefined for anything else. */
export function parseTarget(place: Place, arn: string): Target | undefined {
  if (!arn.startsWith(prefix(place))) return undefined;
  const match = /^(thing|thinggroup)\/([a-zA-Z0-9:_-]{1,128})$/.exec(arn.slice(prefix(place).length));
  const name = match?.[2];
  if (name === undefined) return undefined;
  return { kind: match?.[1] === "thing" ? "thing" : "thinggroup", name };
}

function prefix(place: Place): string {
  return `arn:aws:iot:${place.region}:${place.account}:`;
}

import { AwsError, type CloudContext } from "./context.js";

/** Where a resource lives. */
export type Place = Pick<CloudContext, "region" | "account">;
/** Kinds of things an ARN of service `iot` names here. */
export type ArnKind = "thing" | "thinggroup" | "cert" | "policy" | "job" | "jobtemplate" | "package";

/** The ARN of a resource of service `iot`. */
export function arnOf(place: Place, kind: ArnKind, name: string): string {
  return `arn:aws:iot:${place.region}:${place.account}:${kind}/${name}`;
}

/** The name in an ARN of this account and region, or undefined when it is of another kind, account or region. */
export function nameInArn(place: Place, kind: ArnKind, arn: string): string | undefined {
  const prefix = arnOf(place, kind, "");
  const name = arn.startsWith(prefix) ? arn.slice(prefix.length) : "";
  return name === "" ? undefined : name;
}

/** The certificate id of a principal's ARN. Error: `InvalidRequest` for anything else. */
export function certificateIdOf(place: Place, principal: string): string {
  const id = nameInArn(place, "cert", principal);
  if (id === undefined || !/^[0-9a-f]{64}$/.test(id)) {
    throw new AwsError("InvalidRequest", `not the ARN of a certificate of this account: ${principal.slice(0, 200)}`);
  }
  return id;
}

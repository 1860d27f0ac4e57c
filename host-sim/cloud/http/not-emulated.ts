import { AwsError } from "../context/context.js";
import type { RestInput, RestRoute } from "../message/rest-route.js";

/**
 * Members of AWS's own API that the operations here do not act on, by method and path. Taken and dropped they would be
 * believed: tags that a policy looks for, a namespace that keeps a job from a device.
 */
export const NOT_EMULATED: Readonly<Record<string, readonly string[]>> = Object.freeze({
  "PUT /jobs/{jobId}": ["documentParameters", "namespaceId", "tags"],
  "PATCH /jobs/{jobId}": ["namespaceId"],
  "DELETE /jobs/{jobId}": ["namespaceId"],
  "GET /jobs/{jobId}": ["beforeSubstitution"],
  "PUT /job-templates/{jobTemplateId}": ["tags"],
  "PUT /packages/{packageName}": ["tags"],
  "PUT /packages/{packageName}/versions/{versionName}": ["tags"],
  "GET /jobs": ["namespaceId", "thingGroupId"],
  "POST /jobs/{jobId}/targets": ["namespaceId"],
  "GET /things/{thingName}/jobs": ["namespaceId"],
  "DELETE /things/{thingName}/jobs/{jobId}/executionNumber/{executionNumber}": ["namespaceId"],
  "POST /things/{thingName}": ["billingGroupName"],
  "GET /things": ["usePrefixAttributeValue"],
  "PUT /things/{thingName}/principals": ["thingPrincipalType"],
  "PUT /thing-groups/addThingToThingGroup": ["thingArn", "thingGroupArn"],
  "PUT /thing-groups/removeThingFromThingGroup": ["thingArn", "thingGroupArn"],
  "POST /thing-groups/{thingGroupName}": ["tags"],
  "POST /policies/{policyName}": ["tags"],
  "POST /attached-policies/{target}": ["recursive"],
  "GET /policies": ["ascendingOrder"],
  "GET /certificates": ["ascendingOrder"],
});

/** @throws AwsError `InvalidRequest` naming a member that asks for what is not emulated */
export function refuseNotEmulated({ service, method, path }: RestRoute, input: RestInput): void {
  if (service !== "iot") return;
  for (const member of NOT_EMULATED[`${method} ${path}`] ?? []) {
    if (Object.hasOwn(input, member) && !isNothing(input[member])) {
      throw new AwsError("InvalidRequest", `${member} is not emulated by the local cloud`);
    }
  }
}

/** What asks for nothing: clients send it as a default. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "false") return true;
  if (typeof value !== "object") return false;
  return Object.keys(value).length === 0;
}

import { AwsError } from "../context/context.js";
import { invalidRequest, type OperationInput, optionalList } from "../context/fields.js";
import { parseTarget } from "./arns.js";
import { MAX_TARGETS } from "./limits.js";
import type { JobsService } from "./service.js";

/**
 * The member `targets`: 1 to 100 ARNs of things and thing groups of this region and account.
 *
 * @throws AwsError `InvalidRequest` for the list itself, `ResourceNotFound` for a target that does not exist here.
 */
export function requiredTargets(service: JobsService, input: OperationInput): readonly string[] {
  const targets = optionalList(input, "targets") ?? [];
  if (targets.length === 0 || targets.length > MAX_TARGETS) {
    throw invalidRequest(`targets must have 1 to ${MAX_TARGETS} ARNs`);
  }
  return targets.map((arn) => {
    if (typeof arn !== "string" || !arn.startsWith("arn:")) throw invalidRequest("targets must be ARNs");
    if (!exists(service, arn)) throw new AwsError("ResourceNotFound", `target ${arn} does not exist`);
    return arn;
  });
}

/** Names of the things behind the targets now, each once. */
export function targetThings(service: JobsService, targets: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const arn of targets) {
    const target = parseTarget(service.context, arn);
    if (target?.kind === "thing") names.add(target.name);
    if (target?.kind === "thinggroup") {
      for (const member of service.registry.thingGroup(target.name)?.members ?? []) names.add(member);
    }
  }
  return names;
}

function exists(service: JobsService, arn: string): boolean {
  const target = parseTarget(service.context, arn);
  if (target === undefined) return false;
  if (target.kind === "thing") return service.registry.thing(target.name) !== undefined;
  return service.registry.thingGroup(target.name) !== undefined;
}

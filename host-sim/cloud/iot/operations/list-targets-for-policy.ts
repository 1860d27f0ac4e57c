import { policyName } from "../input.js";
import { MARKER_PAGE, pageOf } from "../paging.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: ListTargetsForPolicy] */
export const listTargetsForPolicy: IotOperation = ({ registry }, input) => {
  const policy = registry.existingPolicy(policyName(input));
  const page = pageOf(registry.rightOf("policy", policy.policyName), (target) => target, input, MARKER_PAGE);
  return { targets: page.items, ...page.next };
};

import { arnOf } from "../../context/arns.js";
import { MARKER_PAGE, pageOf } from "../paging.js";
import { policyTargetIn } from "../policy-target.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: ListAttachedPolicies] */
export const listAttachedPolicies: IotOperation = (iot, input) => {
  const page = pageOf(iot.registry.leftOf("policy", policyTargetIn(iot, input)), (name) => name, input, MARKER_PAGE);
  const policies = page.items.map((policyName) => ({
    policyName,
    policyArn: arnOf(iot.context, "policy", policyName),
  }));
  return { policies, ...page.next };
};

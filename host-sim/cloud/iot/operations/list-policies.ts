import { arnOf } from "../../context/arns.js";
import { MARKER_PAGE, pageOf } from "../paging.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: ListPolicies] */
export const listPolicies: IotOperation = ({ context, registry }, input) => {
  const page = pageOf(registry.policies(), (policy) => policy.policyName, input, MARKER_PAGE);
  const policies = page.items.map(({ policyName }) => ({
    policyName,
    policyArn: arnOf(context, "policy", policyName),
  }));
  return { policies, ...page.next };
};

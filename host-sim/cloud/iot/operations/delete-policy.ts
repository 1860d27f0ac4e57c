import { AwsError } from "../../context/context.js";
import { policyName } from "../input.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: DeletePolicy] Refused while it is attached to anything. */
export const deletePolicy: IotOperation = ({ registry }, input) => {
  const policy = registry.existingPolicy(policyName(input));
  if (registry.rightOf("policy", policy.policyName).length > 0) {
    throw new AwsError(
      "DeleteConflict",
      `The policy cannot be deleted as the policy is attached to one or more principals (name=${policy.policyName})`,
    );
  }
  registry.remove("policies", policy.policyName);
  return {};
};

import { policyName } from "../input.js";
import { policyTargetIn } from "../policy-target.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: DetachPolicy] */
export const detachPolicy: IotOperation = (iot, input) => {
  const policy = iot.registry.existingPolicy(policyName(input));
  iot.registry.detach("policy", policy.policyName, policyTargetIn(iot, input));
  return {};
};

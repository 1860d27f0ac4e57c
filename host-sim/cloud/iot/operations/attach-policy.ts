import { policyName } from "../input.js";
import { checkRoomForPolicy, policyTargetIn } from "../policy-target.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: AttachPolicy] */
export const attachPolicy: IotOperation = (iot, input) => {
  const policy = iot.registry.existingPolicy(policyName(input));
  const target = policyTargetIn(iot, input);
  if (iot.registry.isAttached("policy", policy.policyName, target)) return {};
  checkRoomForPolicy(iot, target);
  iot.registry.attach("policy", policy.policyName, target);
  return {};
};

import { arnOf } from "../../context/arns.js";
import { policyName } from "../input.js";
import { type IotOperation, secondsOf } from "../service.js";

/** [AWS IoT: GetPolicy] */
export const getPolicy: IotOperation = ({ context, registry }, input) => {
  const policy = registry.existingPolicy(policyName(input));
  return {
    policyName: policy.policyName,
    policyArn: arnOf(context, "policy", policy.policyName),
    policyDocument: policy.policyDocument,
    defaultVersionId: "1",
    creationDate: secondsOf(policy.createdAt),
    lastModifiedDate: secondsOf(policy.createdAt),
  };
};

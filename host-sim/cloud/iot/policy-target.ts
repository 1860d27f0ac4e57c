import { certificateIdOf, nameInArn } from "../context/arns.js";
import { AwsError } from "../context/context.js";
import { type IotInput, text } from "./input.js";
import type { IotService } from "./service.js";

const MAX_POLICIES_PER_TARGET = 10; // AWS IoT

/** The ARN in `target`: of a certificate or a thing group that exists. Errors: `InvalidRequest`, `ResourceNotFound`. */
export function policyTargetIn({ context, registry }: IotService, input: IotInput): string {
  const target = text(input, "target");
  const group = nameInArn(context, "thinggroup", target);
  if (group !== undefined) registry.existingGroup(group);
  else registry.existingCertificate(certificateIdOf(context, target));
  return target;
}

/** Error `LimitExceeded` when one more policy would be too many. */
export function checkRoomForPolicy({ registry }: IotService, target: string): void {
  if (registry.leftOf("policy", target).length >= MAX_POLICIES_PER_TARGET) {
    throw new AwsError("LimitExceeded", `at most ${MAX_POLICIES_PER_TARGET} policies may be attached to a target`);
  }
}

import type { CloudContext } from "../context/context.js";

/** The policy that the local AWS attaches to the devices it makes. */
export const DEVICE_POLICY_NAME = "local-device";

/**
 * The least a device needs for Jobs, by thing policy variables: its certificate attached to the thing, its client id
 * the thing name.
 */
export function devicePolicyDocument({ region, account }: Pick<CloudContext, "region" | "account">): string {
  const arn = (rest: string) => `arn:aws:iot:${region}:${account}:${rest}`;
  const thing = "$" + "{iot:Connection.Thing.ThingName}";
  const topic = (tail: string) => arn(`topic/$aws/things/${thing}/jobs/${tail}`);
  const allow = (action: string, resource: string | string[]) => ({
    Effect: "Allow",
    Action: action,
    Resource: resource,
  });
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        ...allow("iot:Connect", arn(`client/${thing}`)),
        Condition: { Bool: { "iot:Connection.Thing.IsAttached": "true" } },
      },
      allow("iot:Publish", [topic("get"), topic("start-next"), topic("*/get"), topic("*/update")]),
      allow("iot:Subscribe", arn(`topicfilter/$aws/things/${thing}/jobs/*`)),
      allow("iot:Receive", topic("*")),
    ],
  });
}

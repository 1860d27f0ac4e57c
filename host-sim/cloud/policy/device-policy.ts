import { readFileSync } from "node:fs";
import type { CloudContext } from "../context/context.js";

/** The policy that the local AWS attaches to the devices it makes. */
export const DEVICE_POLICY_NAME = "local-device";

const TEMPLATE = new URL("./device-policy.json", import.meta.url);

/**
 * The policy of every device that the local cloud makes: the least a device needs for Jobs, by thing policy variables
 * (its certificate attached to the thing, its client id the thing name). `device-policy.json` beside this file is the
 * one source; docs/device.md prints it.
 */
export function devicePolicyDocument({ region, account }: Pick<CloudContext, "region" | "account">): string {
  return readFileSync(TEMPLATE, "utf8").replaceAll("REGION", region).replaceAll("ACCOUNT", account);
}

import { readFileSync } from "node:fs";

const TEMPLATE = new URL("./device-policy.json", import.meta.url);

/** Where a policy holds. */
export type PolicyPlace = { readonly region: string; readonly account: string; readonly partition: string };

/** The least a device needs for its jobs, by thing policy variables: one policy for all devices of an account. */
export function devicePolicy({ region, account, partition }: PolicyPlace): string {
  return readFileSync(TEMPLATE, "utf8")
    .replaceAll("REGION", region)
    .replaceAll("ACCOUNT", account)
    .replaceAll("arn:aws:", `arn:${partition}:`);
}

/** Whether two policies say the same, whatever their spaces. */
export function samePolicy(one: string, other: string): boolean {
  try {
    return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
  } catch {
    return false;
  }
}

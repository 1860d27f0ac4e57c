import { readFileSync } from "node:fs";

const TEMPLATE = new URL("./device-policy.json", import.meta.url);

/** Where a policy holds. */
export type PolicyPlace = { readonly region: string; readonly account: string; readonly partition: string };

/** Where a device's report goes, see docs/fleet.md. */
const REPORT_TOPIC = `topic/$aws/things/\${iot:Connection.Thing.ThingName}/shadow/name/SHADOW/update`;

/**
 * The least a device needs for its jobs, by thing policy variables: one policy for all devices of an account.
 * @param shadow that it may report in as well: `fota` or `$package`
 */
export function devicePolicy({ region, account, partition }: PolicyPlace, shadow?: string): string {
  const { Statement, ...rest }: { readonly Statement: readonly object[] } = JSON.parse(readFileSync(TEMPLATE, "utf8"));
  const resource = `arn:aws:iot:REGION:ACCOUNT:${REPORT_TOPIC.replace("SHADOW", () => shadow ?? "")}`;
  const report = shadow === undefined ? [] : [{ Effect: "Allow", Action: "iot:Publish", Resource: resource }];
  return JSON.stringify({ ...rest, Statement: [...Statement, ...report] }, undefined, 2)
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

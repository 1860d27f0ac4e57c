import { readFileSync } from "node:fs";
import type { LocalAws } from "../../../host-sim/cloud/server/local-aws.js";
import { httpsOperator } from "../../../host-sim/cloud/server/operator.js";

/** The operator of a running cloud, over HTTPS. */
export function operatorOf(cloud: LocalAws) {
  const { region, credentials } = cloud;
  return httpsOperator({ origin: cloud.https.url, region, ca: readFileSync(cloud.ca, "utf8"), credentials });
}

/** What `ask` gives once it is defined. */
export async function eventually<T>(ask: () => T | undefined): Promise<T> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it does not happen");
}

/** The status of the execution, undefined while there is none. */
export function statusOf(cloud: LocalAws, thing: string, job: string): string | undefined {
  try {
    const { execution } = cloud.jobExecution(thing, job);
    return typeof execution === "object" && execution !== null && "status" in execution
      ? String(execution.status)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Topics of the Jobs service. [AWS IoT Jobs: Jobs device MQTT API] */
const PREFIX = "$aws/things/";

export function notifyTopic(thingName: string): string {
  return `${PREFIX}${thingName}/jobs/notify`;
}

export function notifyNextTopic(thingName: string): string {
  return `${PREFIX}${thingName}/jobs/notify-next`;
}

/** What a device asks by publishing to a topic of the jobs namespace; `unknown` maps to no operation. */
export type DeviceRequest = { readonly thingName: string } & (
  | { readonly operation: "get-pending" | "start-next" | "unknown" }
  | { readonly operation: "describe" | "update"; readonly jobId: string }
);

/**
 * The request a topic stands for; undefined outside `$aws/things/<thing>/jobs/`. The number of levels tells a verb from
 * a job that is called like one: `jobs/get` asks for the pending list, `jobs/get/get` describes the job `get`.
 */
export function parseRequestTopic(topic: string): DeviceRequest | undefined {
  if (!topic.startsWith(PREFIX)) return undefined;
  const [thingName, service, ...rest] = topic.slice(PREFIX.length).split("/");
  if (thingName === undefined || service !== "jobs") return undefined;
  const [first, second] = rest;
  if (rest.length === 1 && first === "get") return { thingName, operation: "get-pending" };
  if (rest.length === 1 && first === "start-next") return { thingName, operation: "start-next" };
  if (rest.length === 2 && first !== undefined && first !== "") {
    if (second === "get") return { thingName, operation: "describe", jobId: first };
    if (second === "update" && first !== "$next") return { thingName, operation: "update", jobId: first };
  }
  return { thingName, operation: "unknown" };
}

import { THING_NAME } from "../context/thing-name.js";
import { SHADOW_NAME } from "./limits.js";
import type { ShadowId } from "./record.js";

const PREFIX = "$aws/things/";
const OPERATIONS = ["get", "update", "delete"] as const;

/** What a client asks by publishing to a topic of a shadow. */
export interface ShadowRequest {
  readonly id: ShadowId;
  readonly operation: (typeof OPERATIONS)[number];
}

/** The topic of a shadow's message, such as `update/accepted`. [AWS IoT: Device Shadow MQTT topics] */
export function shadowTopic({ thingName, shadowName }: ShadowId, what: string): string {
  const name = shadowName === undefined ? "" : `/name/${shadowName}`;
  return `${PREFIX}${thingName}/shadow${name}/${what}`;
}

/** The request a topic stands for; undefined for every other topic, the service's own answers among them. */
export function parseShadowTopic(topic: string): ShadowRequest | undefined {
  if (!topic.startsWith(PREFIX)) return undefined;
  const [thingName = "", service, ...rest] = topic.slice(PREFIX.length).split("/");
  if (service !== "shadow" || !THING_NAME.test(thingName)) return undefined;
  const [shadowName, verb] =
    rest.length === 1 ? [undefined, rest[0]] : rest.length === 3 && rest[0] === "name" ? [rest[1], rest[2]] : [];
  const operation = OPERATIONS.find((known) => known === verb);
  if (operation === undefined || (shadowName !== undefined && !SHADOW_NAME.test(shadowName))) return undefined;
  return { id: { thingName, shadowName }, operation };
}

import { hasWildcard, matchesFilter } from "./topics.js";

/** Answers of the Jobs service reach their requester without subscription. */
const ANSWER = /^\$aws\/things\/[^/]+\/jobs\/.*\/(?:accepted|rejected)$/;

/**
 * The subscription under which a message reaches a client, with the highest QoS; undefined when there is none. Retained
 * messages never reach wildcard filters. [AWS IoT: MQTT]
 */
export function mayDeliver(
  subscriptions: ReadonlyMap<string, 0 | 1>,
  topic: string,
  retained = false,
): { readonly qos: 0 | 1 | undefined } | undefined {
  let found: 0 | 1 | undefined;
  for (const [filter, qos] of subscriptions) {
    if (retained && hasWildcard(filter)) continue;
    if (matchesFilter(filter, topic)) found = found === 1 ? 1 : qos;
  }
  return found === undefined && !ANSWER.test(topic) ? undefined : { qos: found };
}

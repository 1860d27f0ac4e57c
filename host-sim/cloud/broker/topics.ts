import { type BrokerOptions, DEFAULT_BROKER_OPTIONS } from "./options.js";

/**
 * Reserved topics that clients may publish to. Those of Jobs and of shadows are answered, the others taken and ignored.
 * [AWS IoT: Reserved topics]
 */
const PUBLISHABLE =
  /^\$aws\/(?:things\/[^/]+\/(?:jobs|shadow|streams|defender|tunnels)\/|rules\/|certificates\/|provisioning-templates\/)/;
const SUBSCRIBABLE = /^\$aws\/(?:things|events|certificates|provisioning-templates)\//;

export function isReserved(topic: string): boolean {
  return topic.startsWith("$");
}

/**
 * Whether the name of a PUBLISH is one that AWS IoT takes: no wildcard, not too long, not too deep, no unknown `$`
 * topic.
 */
export function isTopic(topic: string, options: BrokerOptions = DEFAULT_BROKER_OPTIONS): boolean {
  return isName(topic, options) && !/[+#]/.test(topic) && (!isReserved(topic) || PUBLISHABLE.test(topic));
}

/** Whether a filter is well-formed and within the limits. */
export function isFilter(filter: string, options: BrokerOptions = DEFAULT_BROKER_OPTIONS): boolean {
  return isName(filter, options) && /^(?:(?:[^+#/]*|\+)\/)*(?:[^+#/]*|\+|#)$/.test(filter);
}

/** Whether a filter that starts with `$` is one of the documented ones. */
export function isOpenFilter(filter: string): boolean {
  return !isReserved(filter) || SUBSCRIBABLE.test(filter);
}

function isName(name: string, { maxTopicBytes, maxTopicSlashes }: BrokerOptions): boolean {
  if (name === "" || name.includes("\u0000")) return false;
  return Buffer.byteLength(name, "utf8") <= maxTopicBytes && name.split("/").length - 1 <= maxTopicSlashes;
}

/**
 * Whether a topic matches a filter on AWS IoT. Two differences to the letter of MQTT: `a/#` does not match `a`; and as
 * in MQTT a filter that starts with a wildcard does not match topics that start with `$`.
 */
export function matchesFilter(filter: string, topic: string): boolean {
  const levels = filter.split("/");
  const names = topic.split("/");
  if (isReserved(topic) && (levels[0] === "+" || levels[0] === "#")) return false;
  for (const [index, level] of levels.entries()) {
    const name = names[index];
    if (name === undefined) return false;
    if (level === "#") return true;
    if (level !== "+" && level !== name) return false;
  }
  return levels.length === names.length;
}

export function hasWildcard(filter: string): boolean {
  return /[+#]/.test(filter);
}

/** Topic names and filters. [MQTT 3.1.1, 4.7] */
import { utf8Length } from "./utf8.js";

/** Longest topic or filter in UTF-8 bytes. [AWS IoT Core quotas] MQTT itself allows 65 535. */
export const MAX_TOPIC_BYTES = 256;

/** True for a topic that may be published to: not empty, no wildcard, no NUL, at most {@link MAX_TOPIC_BYTES}. */
export function isTopic(topic: string): boolean {
  return isLevelText(topic) && !topic.includes("+") && !topic.includes("#");
}

/** True for a filter whose wildcards fill whole levels and whose `#` comes last. */
export function isFilter(filter: string): boolean {
  if (!isLevelText(filter)) return false;
  const levels = filter.split("/");
  return levels.every((level, index) => {
    if (level === "#") return index === levels.length - 1;
    return level === "+" || !(level.includes("+") || level.includes("#"));
  });
}

/**
 * True when a message to `topic` belongs to `filter`. A filter that starts with a wildcard does not match topics that
 * start with `$` ([MQTT-4.7.2-1]). `a/#` matches `a`, as the standard says. AWS IoT does not send `a` to a subscriber
 * of `a/#`; there is then nothing to match.
 */
export function matchesFilter(filter: string, topic: string): boolean {
  if (filter === topic) return true;
  if (topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) return false;
  const wanted = filter.split("/");
  const levels = topic.split("/");
  for (let index = 0; index < wanted.length; index++) {
    const level = wanted[index];
    if (level === "#") return true;
    if (index >= levels.length || (level !== "+" && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}

function isLevelText(text: string): boolean {
  return text.length > 0 && !text.includes("\0") && utf8Length(text) <= MAX_TOPIC_BYTES;
}

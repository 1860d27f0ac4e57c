import type { FaultMatch, FaultRule } from "./fault-plan.js";

const KINDS = Object.freeze([
  "drop",
  "duplicate",
  "reorder",
  "corrupt",
  "delay",
  "close",
  "close-after-bytes",
] as const);
const TEXTS = Object.freeze(["clientId", "packet", "topic"]);
const MAX_PATTERN_LENGTH = 256;
const MAX_QUANTIFIERS = 2;
const COUNTS = Object.freeze(["skip", "count", "offset", "ms", "bytes"]);

/** Reads a fault of MQTT packets from outside. Throws an Error that names the member which is unknown or wrong. */
export function readMqttFault(value: unknown): FaultRule {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("a fault must be an object");
  const members: Record<string, unknown> = { ...value };
  for (const [name, member] of Object.entries(members)) {
    const good =
      name === "kind" ||
      (name === "direction" && (member === "in" || member === "out")) ||
      (TEXTS.includes(name) && typeof member === "string") ||
      (COUNTS.includes(name) && typeof member === "number" && Number.isSafeInteger(member) && member >= 0);
    if (!good) throw new Error(`fault member ${name.slice(0, 40)} is unknown or has a wrong value`);
  }
  const { clientId, packet, topic, direction, skip, count, offset, ms, bytes } = members;
  if (typeof topic === "string") checkTopicPattern(topic);
  const match: FaultMatch = {
    ...(typeof clientId === "string" ? { clientId } : {}),
    ...(typeof packet === "string" ? { packet } : {}),
    ...(typeof topic === "string" ? { topic } : {}),
    ...(direction === "in" || direction === "out" ? { direction } : {}),
    ...(typeof skip === "number" ? { skip } : {}),
    ...(typeof count === "number" ? { count } : {}),
  };
  const kind = KINDS.find((known) => known === members.kind);
  switch (kind) {
    case undefined:
      throw new Error(`fault member kind must be one of ${KINDS.join(", ")}`);
    case "corrupt":
      return { ...match, kind, ...(typeof offset === "number" ? { offset } : {}) };
    case "delay":
      if (typeof ms !== "number") throw new Error("fault member ms is missing");
      return { ...match, kind, ms };
    case "close-after-bytes":
      if (typeof bytes !== "number") throw new Error("fault member bytes is missing");
      return { ...match, kind, bytes };
    default:
      return { ...match, kind };
  }
}

/**
 * The pattern is tried on every packet: one that can be tried in more ways than a polynomial of the topic's length
 * would stop the server. So there are two quantifiers at most, and none behind a group, which may have others inside
 * it.
 */
function checkTopicPattern(topic: string): void {
  const quantifiers = topic.match(/[*+?{]/g)?.length ?? 0;
  if (topic.length > MAX_PATTERN_LENGTH || quantifiers > MAX_QUANTIFIERS || /\)[*+?{]/.test(topic)) {
    throw new Error(
      "fault member topic is too involved: 256 characters and two of * + ? { at most, none behind a group",
    );
  }
  new RegExp(topic);
}

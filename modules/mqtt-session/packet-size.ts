import { utf8Length } from "./utf8.js";

/** Bytes of the "remaining length" field. [MQTT 3.1.1, 2.2.3] */
export function lengthFieldSize(length: number): number {
  if (length < 128) return 1;
  if (length < 16_384) return 2;
  return length < 2_097_152 ? 3 : 4;
}

/** Bytes of a PUBLISH before its payload. [MQTT 3.1.1, 3.3] */
export function publishHeaderSize(topic: string, qos: 0 | 1, payloadLength: number): number {
  const variable = 2 + utf8Length(topic) + (qos === 0 ? 0 : 2);
  return 1 + lengthFieldSize(variable + payloadLength) + variable;
}

/** Bytes of a SUBSCRIBE packet. [MQTT 3.1.1, 3.8] */
export function subscribeSize(filters: readonly string[]): number {
  const body = filters.reduce((sum, filter) => sum + 2 + utf8Length(filter) + 1, 2);
  return 1 + lengthFieldSize(body) + body;
}

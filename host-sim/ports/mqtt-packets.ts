/** MQTT 3.1.1 packets the client sends, as bytes. Pure. */
import { concat } from "./bytes.js";
import { encodeUtf8 } from "./utf8.js";

/** [MQTT 3.1.1: 2.2.1] control packet types. */
export const Operation = Object.freeze({
  CONNECT: 1,
  CONNACK: 2,
  PUBLISH: 3,
  PUBACK: 4,
  PUBREC: 5,
  PUBREL: 6,
  PUBCOMP: 7,
  SUBSCRIBE: 8,
  SUBACK: 9,
  UNSUBSCRIBE: 10,
  UNSUBACK: 11,
  PINGREQ: 12,
  PINGRESP: 13,
  DISCONNECT: 14,
});

export interface Will {
  readonly topic?: string;
  readonly message?: string | ArrayBuffer;
  readonly QoS?: number;
  readonly retain?: boolean;
}

export interface ConnectFields {
  readonly id: string;
  readonly clean: boolean;
  readonly keepAliveSeconds: number;
  readonly user?: string | ArrayBuffer | undefined;
  readonly password?: string | ArrayBuffer | undefined;
  readonly will?: Will | undefined;
}

export interface TopicItem {
  readonly topic: string;
  readonly QoS?: number;
}

function remainingLength(length: number): Uint8Array {
  const digits: number[] = [];
  do {
    const more = length > 127 ? 0x80 : 0;
    digits.push((length & 0x7f) | more);
    length >>>= 7;
  } while (length > 0);
  return Uint8Array.from(digits);
}

export function packet(first: number, ...body: readonly Uint8Array[]): Uint8Array {
  const bytes = concat(body);
  return concat([Uint8Array.of(first), remainingLength(bytes.byteLength), bytes]);
}

/** A length-prefixed field; nothing at all for an absent one. */
function field(value: unknown): Uint8Array {
  if (value === undefined) return new Uint8Array(0);
  // Everything that is no ArrayBuffer is taken for text: a Uint8Array password goes out as "1,2,3".
  const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : encodeUtf8(String(value));
  return concat([Uint8Array.of(bytes.byteLength >> 8, bytes.byteLength), bytes]);
}

export function packetId(id: number): Uint8Array {
  return Uint8Array.of(id >> 8, id);
}

/** [MQTT 3.1.1: 3.1]. A will counts only with topic and message; empty user and password are left out. */
export function connectPacket(fields: ConnectFields): Uint8Array {
  const { will } = fields;
  const user = field(fields.user);
  const password = field(fields.password);
  const topic = field(will?.topic);
  const message = field(will?.message);
  const hasWill = topic.length > 0 && message.length > 0;
  const flags =
    (fields.clean ? 2 : 0) |
    (hasWill ? 4 : 0) |
    (((will?.QoS ?? 0) & 3) << 3) |
    (will?.retain === true ? 0x20 : 0) |
    (password.length > 0 ? 0x40 : 0) |
    (user.length > 0 ? 0x80 : 0);
  const keepAlive = fields.keepAliveSeconds;
  const level = Uint8Array.of(4, flags, keepAlive >> 8, keepAlive);
  return packet(Operation.CONNECT << 4, field("MQTT"), level, field(fields.id), topic, message, user, password);
}

export interface PublishFields {
  readonly topic: unknown;
  readonly id: number;
  readonly QoS: number;
  readonly retain: boolean;
  readonly duplicate: boolean;
  /** Of the whole payload, of which the caller may append only a first part. */
  readonly byteLength: number;
}

/** Everything of a PUBLISH but its payload. */
export function publishHeader(fields: PublishFields): Uint8Array {
  const { QoS } = fields;
  const first = (Operation.PUBLISH << 4) | (fields.retain ? 1 : 0) | ((QoS & 3) << 1) | (fields.duplicate ? 8 : 0);
  const variable = concat([field(fields.topic ?? undefined), QoS > 0 ? packetId(fields.id) : new Uint8Array(0)]);
  return concat([Uint8Array.of(first), remainingLength(variable.byteLength + fields.byteLength), variable]);
}

export function subscribePacket(items: readonly TopicItem[], id: number): Uint8Array {
  const filters = items.flatMap((item) => [field(item.topic), Uint8Array.of((item.QoS ?? 0) & 3)]);
  return packet((Operation.SUBSCRIBE << 4) | 2, packetId(id), ...filters);
}

export function unsubscribePacket(items: readonly TopicItem[], id: number): Uint8Array {
  return packet((Operation.UNSUBSCRIBE << 4) | 2, packetId(id), ...items.map((item) => field(item.topic)));
}

export function acknowledgePacket(operation: number, id: number): Uint8Array {
  return packet((operation << 4) | (operation === Operation.PUBREL ? 2 : 0), packetId(id));
}

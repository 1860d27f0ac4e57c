import type { IConnackPacket, IConnectPacket, IPublishPacket } from "mqtt-packet";
import { REASON_CODE } from "./disconnect-reason.js";
import type { BrokerOptions } from "./options.js";

/** Topic aliases a client may use. [AWS IoT: MQTT 5] */
const TOPIC_ALIAS_MAXIMUM = 8;
const RECEIVE_MAXIMUM = 100;
const HEADER_ALLOWANCE_BYTES = 18_432; // AWS announces 149504 = 128 KiB + 18 KiB

/** A CONNACK of a session in the form of the client's protocol version. */
export function connackFor(
  connect: IConnectPacket,
  connack: IConnackPacket,
  settings: {
    readonly options: BrokerOptions;
    readonly keepAlive: number;
    readonly clientId: string;
    readonly expirySeconds: number;
  },
): IConnackPacket {
  if (connect.protocolVersion !== 5) return connack;
  const { options, keepAlive, clientId, expirySeconds } = settings;
  return {
    cmd: "connack",
    reasonCode: connack.returnCode ?? 0,
    sessionPresent: connack.sessionPresent,
    properties: {
      sessionExpiryInterval: expirySeconds,
      receiveMaximum: RECEIVE_MAXIMUM,
      maximumQoS: 1,
      retainAvailable: true,
      maximumPacketSize: options.maxPayloadBytes + HEADER_ALLOWANCE_BYTES,
      topicAliasMaximum: TOPIC_ALIAS_MAXIMUM,
      wildcardSubscriptionAvailable: true,
      // Not kept by a 3.1.1 session: said so, as the standard provides.
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
      serverKeepAlive: keepAlive,
      ...(connect.clientId === "" ? { assignedClientIdentifier: clientId } : {}),
    },
  };
}

/** A refusal of CONNECT, given as the return code of 3.1.1. */
export function refusedConnack(version: number | undefined, returnCode: number): IConnackPacket {
  if (version !== 5) return { cmd: "connack", returnCode, sessionPresent: false };
  const codes: Readonly<Record<number, number>> = { 1: 0x84, 2: 0x85, 3: 0x88, 4: 0x86, 5: 0x87, 7: 0x87 };
  return { cmd: "connack", reasonCode: codes[returnCode] ?? REASON_CODE.protocolError, sessionPresent: false };
}

/** Topic aliases of one connection, in the direction from the client. */
export class TopicAliases {
  readonly #topics = new Map<number, string>();

  /** The topic of a PUBLISH, resolved and remembered; undefined for a wrong alias. */
  resolve(packet: IPublishPacket): string | undefined {
    const alias = packet.properties?.topicAlias;
    if (alias === undefined) return packet.topic;
    if (alias < 1 || alias > TOPIC_ALIAS_MAXIMUM) return undefined;
    if (packet.topic === "") return this.#topics.get(alias);
    this.#topics.set(alias, packet.topic);
    return packet.topic;
  }
}

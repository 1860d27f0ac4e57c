import type { IConnectPacket, IPublishPacket, ISubscribePacket } from "mqtt-packet";
import type { Authorizer } from "../policy/authorizer.js";
import type { DisconnectReason, ReasonCode } from "./disconnect-reason.js";
import type { BrokerOptions } from "./options.js";
import { isFilter, isOpenFilter, isReserved, isTopic } from "./topics.js";

/** What the rules of AWS IoT say about a packet. Pure. [AWS IoT: MQTT; Message broker quotas] */
export type Verdict =
  | { readonly kind: "ok" }
  /** Taken without any answer. */
  | { readonly kind: "ignore" }
  | { readonly kind: "disconnect"; readonly reason: DisconnectReason; readonly code: ReasonCode; readonly why: string };

type Refusal = Exclude<Verdict, { readonly kind: "ok" }>;

const OK: Verdict = Object.freeze({ kind: "ok" });
const IGNORE: Refusal = Object.freeze({ kind: "ignore" });

function clientError(code: ReasonCode, why: string): Refusal {
  return { kind: "disconnect", reason: "CLIENT_ERROR", code, why };
}

function unauthorized(why: string): Refusal {
  return { kind: "disconnect", reason: "AUTH_ERROR", code: "notAuthorized", why };
}

export function checkPublish(
  packet: IPublishPacket,
  authorizer: Authorizer,
  options: BrokerOptions,
  isVersion5: boolean,
): Verdict {
  const { topic, qos, retain, payload } = packet;
  if (qos === 2) return isVersion5 ? clientError("qosNotSupported", "QoS 2") : IGNORE;
  if (Buffer.byteLength(payload) > options.maxPayloadBytes) return clientError("packetTooLarge", "payload too large");
  if (!isTopic(topic, options)) return clientError("topicNameInvalid", `topic not allowed: ${topic}`);
  if (retain && isReserved(topic)) {
    if (options.retainedReserved === "ignore") return IGNORE;
    return clientError("retainNotSupported", `retained publish to ${topic}`);
  }
  if (authorizer.mayPublish(topic, retain)) return OK;
  return options.unauthorizedPublish === "ignore" ? IGNORE : unauthorized(`publish to ${topic}`);
}

export type SubscribeVerdict = Refusal | SubscribeGrant;

export interface SubscribeGrant {
  readonly kind: "ok";
  /** One for each filter of the packet: the QoS to ask for, or the refusal. */
  readonly filters: readonly { readonly topic: string; readonly qos: 0 | 1; readonly refused?: ReasonCode }[];
}

export function checkSubscribe(
  packet: ISubscribePacket,
  authorizer: Authorizer,
  options: BrokerOptions,
  isVersion5: boolean,
  subscribed: ReadonlyMap<string, unknown>,
): SubscribeVerdict {
  const { subscriptions } = packet;
  if (subscriptions.length > options.maxFiltersPerSubscribe) {
    return clientError("quotaExceeded", `${subscriptions.length} filters in one SUBSCRIBE`);
  }
  // Over 3.1.1 a QoS 2 subscription is never acknowledged; over 5 the CONNACK said that 1 is the most there is.
  if (!isVersion5 && subscriptions.some(({ qos }) => qos === 2)) return IGNORE;
  const filters: { topic: string; qos: 0 | 1; refused?: ReasonCode }[] = [];
  let count = subscribed.size;
  for (const { topic, qos } of subscriptions) {
    if (!isFilter(topic, options)) return clientError("topicFilterInvalid", `filter not allowed: ${topic}`);
    if (!authorizer.maySubscribe(topic) && options.unauthorizedSubscribe === "disconnect") {
      return unauthorized(`subscribe to ${topic}`);
    }
    if (!subscribed.has(topic)) count++;
    const refused = refusal(topic, authorizer, count > options.maxSubscriptions);
    filters.push({ topic, qos: qos === 0 ? 0 : 1, ...(refused === undefined ? {} : { refused }) });
  }
  return { kind: "ok", filters };
}

/** More filters than a client may have cannot be meant; each of them costs a write. */
export function checkUnsubscribe(filters: readonly string[], options: BrokerOptions): Verdict {
  if (filters.length > options.maxSubscriptions) {
    return clientError("quotaExceeded", `${filters.length} filters in one UNSUBSCRIBE`);
  }
  const wrong = filters.find((filter) => !isFilter(filter, options));
  return wrong === undefined ? OK : clientError("topicFilterInvalid", "a filter of UNSUBSCRIBE is not allowed");
}

function refusal(topic: string, authorizer: Authorizer, tooMany: boolean): ReasonCode | undefined {
  if (!authorizer.maySubscribe(topic)) return "notAuthorized";
  if (!isOpenFilter(topic)) return "topicFilterInvalid";
  return tooMany ? "quotaExceeded" : undefined;
}

/** Client id rule: at most 128 bytes, a leading `$` is reserved. */
export function isClientId(clientId: string): boolean {
  return Buffer.byteLength(clientId, "utf8") <= 128 && !clientId.startsWith("$") && !clientId.includes("\u0000");
}

/** The keep-alive that counts, in seconds. */
export function effectiveKeepAlive(asked: number, options: BrokerOptions): number {
  if (asked === 0) return options.maxKeepAlive;
  return Math.min(options.maxKeepAlive, Math.max(options.minKeepAlive, asked));
}

/** How the session of a CONNECT begins and ends; MQTT 5 tells the two apart, 3.1.1 does not. */
export interface SessionPlan {
  readonly discardFirst: boolean;
  readonly clean: boolean;
  /** Seconds it outlives the connection; 0 ends it with the connection. */
  readonly expirySeconds: number;
}

export function sessionPlan(packet: IConnectPacket, options: BrokerOptions): SessionPlan {
  const cleanStart = packet.clean ?? true;
  if (packet.protocolVersion !== 5) {
    return {
      discardFirst: cleanStart,
      clean: cleanStart,
      expirySeconds: cleanStart ? 0 : options.sessionExpirySeconds,
    };
  }
  const asked = packet.properties?.sessionExpiryInterval ?? 0;
  const expirySeconds = Math.min(asked, options.sessionExpirySeconds);
  return { discardFirst: cleanStart, clean: cleanStart && expirySeconds === 0, expirySeconds };
}

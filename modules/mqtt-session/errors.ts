import { NEVER, type Retry, SAME_REQUEST } from "../foundation/retry.js";

/** Why something of an MQTT session failed. Stable: reports and fleet queries depend on the text. */
export type MqttSessionErrorCode =
  /** The host name was not resolved. */
  | "dns"
  /** TCP was refused, or ended before TLS began. */
  | "connect"
  /** The connection stood and was closed before CONNACK: so AWS IoT answers what it does not let in. */
  | "connection-failed"
  /** TLS refused the server, or was refused; the message begins with certificate, name, date, signature or protocol. */
  | "tls"
  /** CONNACK came with another code than 0; the message says which. */
  | "connack-refused"
  /** What answered speaks no MQTT. */
  | "not-mqtt"
  /** No CONNACK within `connectTimeoutMs`; the message says which step was not over. */
  | "connect-timeout"
  /** An established connection ended. */
  | "connection-lost"
  /** Inferred: the broker closes at the same unanswered SUBSCRIBE or PUBLISH, connection after connection. */
  | "policy-disconnect"
  /** Inferred: the broker closes again and again soon after CONNACK, and nothing is unanswered. */
  | "taken-over"
  /** Bytes that are no MQTT, on an established connection. */
  | "bad-packet"
  /** Nothing was heard from the broker for longer than the keep-alive allows. */
  | "liveness-timeout"
  /** A SUBSCRIBE stayed without SUBACK although it was repeated. */
  | "suback-timeout"
  /** A QoS 1 PUBLISH stayed without PUBACK although it was repeated. */
  | "puback-timeout"
  /** The broker answered a filter with 128 (0x80). [MQTT 3.1.1, 3.9.3] */
  | "subscribe-refused"
  /** An incoming message is longer than `maxMessageBytes`; it was dropped. */
  | "message-too-long"
  /** More arrived at once than is kept until the next turn; what came last was dropped. */
  | "inbox-full"
  /** `maxQueuedPublishes` messages already wait. */
  | "queue-full"
  /** A callback given to the session threw; the cause is in `cause`. */
  | "callback-threw"
  /** A topic or filter breaks the rules of MQTT or is longer than 256 bytes. */
  | "invalid-topic"
  /** An option, QoS or payload is out of range. */
  | "invalid-option";

/** No code of a session ends a job: the second member is false in every row. */
export const MQTT_SESSION_RETRY: Readonly<Record<MqttSessionErrorCode, Retry>> = Object.freeze({
  dns: SAME_REQUEST,
  connect: SAME_REQUEST,
  "connection-failed": SAME_REQUEST,
  tls: SAME_REQUEST, // also what a clock that is not set looks like
  "connect-timeout": SAME_REQUEST,
  "connack-refused": SAME_REQUEST,
  "not-mqtt": SAME_REQUEST,
  "connection-lost": SAME_REQUEST,
  "policy-disconnect": SAME_REQUEST,
  "taken-over": SAME_REQUEST,
  "bad-packet": SAME_REQUEST,
  "liveness-timeout": SAME_REQUEST,
  "suback-timeout": SAME_REQUEST,
  "puback-timeout": SAME_REQUEST,
  "subscribe-refused": NEVER,
  "message-too-long": NEVER,
  "inbox-full": NEVER,
  "queue-full": SAME_REQUEST,
  "callback-threw": NEVER,
  "invalid-topic": NEVER,
  "invalid-option": NEVER,
});

/** A wrong use of the session, or a message that did not get through; `code` says which, see `docs/errors.md`. */
export class MqttSessionError extends Error {
  override readonly name = "MqttSessionError";
  constructor(
    readonly code: MqttSessionErrorCode,
    message: string,
    /** Topic or filter concerned, where there is one. */
    readonly topic?: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }

  /** The same call may succeed later. */
  get repeatable(): boolean {
    return MQTT_SESSION_RETRY[this.code].repeatable;
  }
}

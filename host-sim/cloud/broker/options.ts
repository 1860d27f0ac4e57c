/** Switches of the MQTT front ends. Defaults are the values AWS documents; "open" marks what AWS leaves open. */
export interface BrokerOptions {
  /** Seconds; a keep-alive below is raised to it, 0 and anything above the maximum count as the maximum. */
  readonly minKeepAlive: number;
  readonly maxKeepAlive: number;
  /** Connections open at a time, those in their TLS handshake included; more are closed at once. */
  readonly maxConnections: number;
  readonly maxPayloadBytes: number;
  readonly maxTopicBytes: number;
  readonly maxTopicSlashes: number;
  readonly maxFiltersPerSubscribe: number;
  readonly maxSubscriptions: number;
  /** PUBLISH packets a second and connection, both directions together; 0 is no limit. What exceeds it is discarded. */
  readonly maxPublishesPerSecond: number;
  /** Seconds a persistent session outlives its connection. */
  readonly sessionExpirySeconds: number;
  /** Whether a TLS connection without server name is refused. */
  readonly requireServerName: boolean;
  /** Milliseconds from connection to CONNECT. */
  readonly connectTimeoutMs: number;
  /**
   * Whether a device that publishes, or subscribes, to what its policies do not allow is disconnected; else the request
   * is refused.
   */
  readonly unauthorizedPublish: "disconnect" | "ignore";
  readonly unauthorizedSubscribe: "disconnect" | "refuse";
  /**
   * How a CONNECT that the policies do not allow ends: with CONNACK 7 as AWS says, with 5 as MQTT says, or without
   * CONNACK.
   */
  readonly unauthorizedConnect: 7 | 5 | "close";
  /** Open: what a retained PUBLISH to a reserved topic does. */
  readonly retainedReserved: "disconnect" | "ignore";
  /** Open: what packets before CONNACK do. */
  readonly beforeConnack: "disconnect" | "hold";
  /** Open: QoS of an answer to a requester without matching subscription. */
  readonly unsubscribedAnswerQos: 0 | 1;
  /** Open: whether `notify` and `notify-next` are kept for persistent sessions that are offline. */
  readonly queueNotifications: boolean;
  /** Whether a persistent session needs a policy statement with a condition on `iot:ConnectAttributes`. */
  readonly persistentNeedsAttribute: boolean;
}

export const DEFAULT_BROKER_OPTIONS: BrokerOptions = Object.freeze({
  minKeepAlive: 30,
  maxKeepAlive: 1200,
  maxConnections: 20_000,
  maxPayloadBytes: 128 * 1024,
  maxTopicBytes: 256,
  maxTopicSlashes: 7,
  maxFiltersPerSubscribe: 8,
  maxSubscriptions: 50,
  maxPublishesPerSecond: 100,
  sessionExpirySeconds: 3600,
  requireServerName: true,
  connectTimeoutMs: 30_000,
  unauthorizedPublish: "disconnect",
  unauthorizedSubscribe: "disconnect",
  unauthorizedConnect: 7,
  retainedReserved: "disconnect",
  beforeConnack: "disconnect",
  unsubscribedAnswerQos: 0,
  queueNotifications: true,
  persistentNeedsAttribute: false,
});

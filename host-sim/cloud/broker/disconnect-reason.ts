/** Why the server ended a connection, as lifecycle events name it. [AWS IoT: Lifecycle events] */
export type DisconnectReason =
  | "AUTH_ERROR"
  | "CLIENT_ERROR"
  | "CLIENT_INITIATED_DISCONNECT"
  | "CONNECTION_LOST"
  | "DUPLICATE_CLIENTID"
  | "FORBIDDEN_ACCESS"
  | "MQTT_KEEP_ALIVE_TIMEOUT"
  | "SERVER_INITIATED_DISCONNECT"
  | "THROTTLED";

/** Reason codes of MQTT 5 for DISCONNECT by the server. [MQTT 5: 3.14.2.1] */
export const REASON_CODE = Object.freeze({
  malformedPacket: 0x81,
  protocolError: 0x82,
  notAuthorized: 0x87,
  serverShuttingDown: 0x8b,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  retainNotSupported: 0x9a,
  qosNotSupported: 0x9b,
});

export type ReasonCode = keyof typeof REASON_CODE;

/**
 * One shared MQTT connection that heals itself: reconnects, resubscribes, resends, and routes messages to its
 * subscribers.
 */
export type { Registration, SessionObserver, SubscribeOptions } from "./audience.js";
export type { MqttSessionState } from "./connection-state.js";
export type { MqttSessionErrorCode } from "./errors.js";
export { MQTT_SESSION_RETRY, MqttSessionError } from "./errors.js";
export type { MqttClient, MqttClientOptions, MqttEndpoint } from "./mqtt-client-port.js";
export type { PublishOptions } from "./session.js";
export { MqttSession } from "./session.js";
export type { MqttSessionOptions } from "./session-options.js";
export { matchesFilter } from "./topic-filter.js";
export { decodeUtf8, encodeUtf8 } from "./utf8.js";

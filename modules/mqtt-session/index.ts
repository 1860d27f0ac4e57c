/** One shared MQTT connection that heals itself: reconnects, resubscribes, resends, and routes messages to its subscribers. @module */
export type { Registration, SessionObserver } from "./audience.js";
export type { BackoffOptions } from "./backoff.js";
export { backoffDelay } from "./backoff.js";
export type { MqttSessionState } from "./connection-state.js";
export type { MqttSessionErrorCode } from "./errors.js";
export { MqttSessionError } from "./errors.js";
export type { MqttClient, MqttClientOptions, MqttEndpoint } from "./mqtt-client-port.js";
export type { PublishOptions, SubscribeOptions } from "./session.js";
export { MqttSession } from "./session.js";
export type { MqttSessionOptions } from "./session-options.js";
export type { TimerId, TimerPort } from "./timer-port.js";
export { matchesFilter } from "./topic-filter.js";
export { decodeUtf8, encodeUtf8 } from "./utf8.js";

import type { MqttSessionError } from "./errors.js";
import type { MqttSessionOptions } from "./session-options.js";

export type MqttSessionState = "closed" | "waiting" | "connecting" | "connected";
/** Ends a subscription, an observation or a publish. Calling it again does nothing. */
export type Registration = { close(): void };
export type SessionObserver = {
  /** CONNACK arrived; subscriptions are on their way but not yet acknowledged. */
  onConnected?(): void;
  /** The connection, or an attempt to make one, failed; the session tries again by itself. */
  onDisconnected?(error: MqttSessionError): void;
  /** Something that ends no connection: a message too long, a refused filter, a callback that threw. */
  onError?(error: MqttSessionError): void;
};
export type SubscribeOptions = {
  readonly qos?: 0 | 1;
  onMessage(topic: string, payload: Uint8Array): void;
  onSubscribed?(error?: MqttSessionError): void;
};
export type PublishOptions = { readonly qos?: 0 | 1; onDone?(error?: MqttSessionError): void };

export class MqttSession {
  constructor(readonly options: MqttSessionOptions) {}
  get state(): MqttSessionState {
    return "closed";
  }
  open(): void {}
  close(): void {}
  observe(_observer: SessionObserver): Registration {
    return { close() {} };
  }
  subscribe(_filter: string, _options: SubscribeOptions): Registration {
    return { close() {} };
  }
  publish(_topic: string, _payload: string | Uint8Array, _options: PublishOptions = {}): Registration {
    return { close() {} };
  }
}

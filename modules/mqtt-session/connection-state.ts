/**
 * The life of the connection: which event leads to which state, and what has to be done. An event that a state does not
 * list came too late and is ignored.
 */

/** `closed`: nobody wants a connection. `waiting`: the next attempt is due after a pause. */
export type MqttSessionState = "closed" | "waiting" | "connecting" | "connected";

export type ConnectionEvent =
  /** The owner wants a connection. */
  | "open"
  /** The owner wants none. */
  | "close"
  /** The back-off delay is over. */
  | "retry"
  /** CONNACK with return code 0. */
  | "accepted"
  /** The attempt, or the connection, failed. */
  | "failed";

export type ConnectionEffect =
  /** Back-off starts from the beginning; the first attempt is made on the next turn. */
  | "retry-at-once"
  /** Wait for the next back-off delay and count the failure. */
  | "retry-later"
  /** Make a client and start the connect time-out. */
  | "connect"
  /** Close the client without DISCONNECT; what was not acknowledged is sent again on the next connection. */
  | "drop"
  /** Send DISCONNECT, then close the client. */
  | "disconnect"
  | "tell-connected"
  | "tell-disconnected"
  /** Stop every timer and forget what is queued. */
  | "silence";

export type ConnectionStep = { readonly next: MqttSessionState; readonly effects: readonly ConnectionEffect[] };

const step = (next: MqttSessionState, ...effects: ConnectionEffect[]): ConnectionStep =>
  Object.freeze({ next, effects: Object.freeze(effects) });

export const CONNECTION_TABLE: Readonly<
  Record<MqttSessionState, Readonly<Partial<Record<ConnectionEvent, ConnectionStep>>>>
> = Object.freeze({
  closed: Object.freeze({
    open: step("waiting", "retry-at-once"),
    close: step("closed", "silence"),
  }),
  waiting: Object.freeze({
    retry: step("connecting", "connect"),
    close: step("closed", "silence"),
  }),
  connecting: Object.freeze({
    accepted: step("connected", "tell-connected"),
    failed: step("waiting", "drop", "retry-later", "tell-disconnected"),
    close: step("closed", "drop", "silence"),
  }),
  connected: Object.freeze({
    failed: step("waiting", "drop", "retry-later", "tell-disconnected"),
    close: step("closed", "disconnect", "silence"),
  }),
});

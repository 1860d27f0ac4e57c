import type { Packet } from "mqtt-packet";

/**
 * What keeps subscriptions and delivers to them. The connection in front of it has already checked policies and limits,
 * speaks MQTT 5 where the client does, and handles PUBLISH, PINGREQ and keep-alive itself: a session only ever gets
 * 3.1.1 packets CONNECT, SUBSCRIBE, UNSUBSCRIBE, PUBACK and DISCONNECT, and produces CONNACK, SUBACK, UNSUBACK and
 * PUBLISH.
 */
export interface Session {
  receive(packet: Packet): void;
  /** Sends a message to this client alone, with or without subscription. */
  deliver(topic: string, payload: Uint8Array, qos: 0 | 1): void;
  /** Filters and their granted QoS. */
  subscriptions(): ReadonlyMap<string, 0 | 1>;
  /** The connection is gone. A persistent session stays for the next one. */
  close(): void;
}

export interface SessionOutput {
  send(packet: Packet): void;
  /** The session ends the connection. */
  end(): void;
}

export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

export interface Sessions {
  open(clientId: string, output: SessionOutput): Session;
  /** To all matching subscriptions. `done` is called when the message cannot be lost any more. */
  publish(message: OutgoingMessage, done?: () => void): void;
  /** Clients whose session is stored, connected or not. */
  stored(): Iterable<string>;
  /** Forgets the stored session of a client. */
  discard(clientId: string): void;
  close(done: () => void): void;
}

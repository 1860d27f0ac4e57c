import { TlsRefusal } from "./errors.js";

/** What has been seen of a handshake, or rather what has to come next. */
export type HandshakeState =
  | "server-hello"
  | "certificate"
  | "server-key-exchange"
  | "certificate-request"
  | "server-hello-done"
  | "client-flight"
  | "change-cipher-spec"
  | "finished"
  | "established"
  | "ended";

export type HandshakeEvent =
  | "server-hello"
  | "certificate"
  | "server-key-exchange"
  | "certificate-request"
  | "server-hello-done"
  /** This side has sent its half of the key exchange and encrypts from here on. */
  | "client-flight-sent"
  | "change-cipher-spec"
  | "finished"
  | "application-data";

/**
 * A full handshake with an ephemeral, signed key exchange, which is the only kind that is offered. [RFC 5246, 7.3]
 * Whatever is not in the table ends the connection: messages left out, sent twice or too early, data before the end,
 * and everything but data after it.
 */
export const HANDSHAKE_ORDER: Readonly<
  Record<HandshakeState, Readonly<Partial<Record<HandshakeEvent, HandshakeState>>>>
> = Object.freeze({
  "server-hello": Object.freeze({ "server-hello": "certificate" }),
  certificate: Object.freeze({ certificate: "server-key-exchange" }),
  "server-key-exchange": Object.freeze({ "server-key-exchange": "certificate-request" }),
  "certificate-request": Object.freeze({
    "certificate-request": "server-hello-done",
    "server-hello-done": "client-flight",
  }),
  "server-hello-done": Object.freeze({ "server-hello-done": "client-flight" }),
  "client-flight": Object.freeze({ "client-flight-sent": "change-cipher-spec" }),
  "change-cipher-spec": Object.freeze({ "change-cipher-spec": "finished" }),
  finished: Object.freeze({ finished: "established" }),
  established: Object.freeze({ "application-data": "established" }),
  ended: Object.freeze({}),
});

/** Numbers of the messages a server may send. [RFC 5246, 7.4] */
const EVENTS: Readonly<Record<number, HandshakeEvent>> = Object.freeze({
  2: "server-hello",
  11: "certificate",
  12: "server-key-exchange",
  13: "certificate-request",
  14: "server-hello-done",
  20: "finished",
});

/** @throws TlsRefusal `protocol` for a message that no server may send, or only to one that asked for it */
export function eventOf(messageType: number): HandshakeEvent {
  const event = Object.hasOwn(EVENTS, messageType) ? EVENTS[messageType] : undefined;
  if (event === undefined) throw new TlsRefusal("protocol", `unexpected message ${messageType}`);
  return event;
}

/** Where one handshake stands. */
export class HandshakeOrder {
  #state: HandshakeState = "server-hello";

  get state(): HandshakeState {
    return this.#state;
  }

  /** @throws TlsRefusal `protocol` when it is not this event's turn; nothing is accepted after that */
  take(event: HandshakeEvent): void {
    const expected = this.#state;
    const next = HANDSHAKE_ORDER[expected][event];
    this.#state = next ?? "ended";
    if (next === undefined) throw new TlsRefusal("protocol", `${event} in the place of ${expected}`);
  }

  /** Nothing is accepted from here on. */
  end(): void {
    this.#state = "ended";
  }
}

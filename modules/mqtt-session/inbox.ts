import { MqttSessionError } from "./errors.js";
import type { Turns } from "./turns.js";

/**
 * Most messages and acknowledgements kept until the next turn: one TLS record (16 KiB) may hold thousands of short
 * ones, more than there is memory for.
 */
const MAX_WAITING_EVENTS = 64;

/**
 * Puts off what the SDK's MQTT client reports to the next turn. The client's callbacks run deep inside TCP, TLS and its
 * parser, and handling them there, which often means writing through TLS again, would overflow the engine's small
 * stack. Besides, the client must not be closed inside some of its callbacks.
 */
export class Inbox {
  readonly #turns: Turns;
  readonly #connection: () => object | undefined;
  readonly #report: (error: MqttSessionError) => void;
  #waiting = 0;

  /** @param connection the present one: what came over another is not handled any more */
  constructor(turns: Turns, connection: () => object | undefined, report: (error: MqttSessionError) => void) {
    this.#turns = turns;
    this.#connection = connection;
    this.#report = report;
  }

  /** For an event of which there are few. */
  later(body: () => void): void {
    const connection = this.#connection();
    this.#turns.later(() => {
      if (connection === this.#connection()) body();
    });
  }

  /** For an event of which there may be very many: what is too much is dropped, and reported once. */
  bounded(body: () => void): void {
    this.#waiting += 1;
    if (this.#waiting <= MAX_WAITING_EVENTS) this.later(body);
    else if (this.#waiting === MAX_WAITING_EVENTS + 1)
      this.later(() => this.#report(new MqttSessionError("inbox-full", "too much arrived at once")));
  }

  /** Everything that waited was handled. */
  emptied(): void {
    this.#waiting = 0;
  }
}

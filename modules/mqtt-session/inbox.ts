import { MqttSessionError } from "./errors.js";
import type { Turns } from "./turns.js";

/** Messages and acknowledgements kept until the next turn. A TLS record of a broker gone mad holds thousands; memory does not. */
const MAX_WAITING_EVENTS = 64;

/**
 * What the client says is handled on the next turn. Its callbacks come from deep inside of TCP, TLS and its parser; what is done about them goes
 * as deep again, down to TLS, and the engine's stack is small. Besides, the client cannot be closed inside of all of them.
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

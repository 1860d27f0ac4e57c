import { CLOSED, type LinkFailure } from "./link-failure.js";

/** How a connection was, that the broker or the network ended. */
export type LostConnection = {
  /** It ended before it counted as stable. */
  readonly soon: boolean;
  /** The oldest packet without an answer: "SUBSCRIBE filter" or "PUBLISH topic". */
  readonly unanswered: string | undefined;
};

/** As often in a row the same packet stays unanswered, a policy is suspected. */
const REFUSALS = 2;
/** As often in a row a connection ends soon, with nothing unanswered, another client is suspected. */
const TAKE_OVERS = 3;

/**
 * MQTT 3.1.1 has no word for why a broker ends a connection, so two of AWS IoT's reasons are inferred. It closes at
 * once when the policy does not allow a SUBSCRIBE or PUBLISH: then that packet never got its answer, connection after
 * connection. And it closes when another client connects with the same id: then nothing is unanswered, and it happens
 * again and again, as each of the two drives the other out. Both are guesses, and are told as such; a single loss is
 * just that.
 */
export class LossHistory {
  #unanswered: string | undefined;
  #refusals = 0;
  #takeOvers = 0;

  /** @returns what to call the loss */
  lost({ soon, unanswered }: LostConnection): LinkFailure {
    this.#refusals = unanswered !== undefined && unanswered === this.#unanswered ? this.#refusals + 1 : 1;
    this.#takeOvers = unanswered === undefined && soon ? this.#takeOvers + 1 : 0;
    this.#unanswered = unanswered;
    if (unanswered !== undefined) {
      const text = `closed with ${unanswered} unanswered: the policy may not allow it`;
      return { code: this.#refusals < REFUSALS ? "connection-lost" : "policy-disconnect", message: text };
    }
    if (this.#takeOvers < TAKE_OVERS) return { code: "connection-lost", message: CLOSED };
    const text = `closed ${this.#takeOvers} times in a row soon after CONNACK: another client may use the same id`;
    return { code: "taken-over", message: text };
  }

  /** A connection ended for another reason, or never stood: what is suspected has to show itself anew. */
  forget(): void {
    this.#unanswered = undefined;
    this.#refusals = 0;
    this.#takeOvers = 0;
  }
}

import type { MqttSession, MqttSessionError, Registration } from "../mqtt-session/index.js";
import { answerFilters } from "./topics.js";

/** How the answers to requests reach the device. */
export type AnswerState =
  /** Nothing is known yet. */
  | "waiting"
  /** They come by themselves. */
  | "direct"
  /** A request stayed without one: SUBSCRIBE was sent, and SUBACK is missing. */
  | "asked"
  /** SUBACK came, whatever it said. The session subscribes again on every connection. */
  | "subscribed";

export type AnswerEvent = "answer" | "timeout" | "acknowledged" | "connection-lost";

const TABLE: Readonly<Record<AnswerState, Readonly<Partial<Record<AnswerEvent, AnswerState>>>>> = Object.freeze({
  waiting: Object.freeze({ answer: "direct", timeout: "asked" } as const),
  direct: Object.freeze({}),
  // AWS IoT closes the connection of a device that subscribes to what its policy does not allow: the next one begins
  // without.
  asked: Object.freeze({ acknowledged: "subscribed", "connection-lost": "waiting" } as const),
  subscribed: Object.freeze({}),
});

export type AnswerSubscriptionsOptions = {
  readonly session: Pick<MqttSession, "subscribe">;
  readonly thingName: string;
  /** The broker refused one of the filters. Answers may come nevertheless. */
  readonly onRefused: (filter: string, error: MqttSessionError) => void;
};

/**
 * AWS IoT sends an answer to the client that asked, whether it subscribed or not [AWS Jobs: Jobs MQTT API]. So the
 * policy of a device need not allow the subscription, and a device that tries nevertheless is disconnected. Other
 * brokers deliver to subscribers only. Therefore answers are subscribed only after a request stayed unanswered, and
 * only if no answer ever came by itself.
 */
export class AnswerSubscriptions {
  readonly #options: AnswerSubscriptionsOptions;
  #state: AnswerState = "waiting";
  #registrations: readonly Registration[] = [];
  #unacknowledged = 0;

  constructor({ session, thingName, onRefused }: AnswerSubscriptionsOptions) {
    this.#options = { session, thingName, onRefused };
  }

  get state(): AnswerState {
    return this.#state;
  }

  event(event: AnswerEvent): void {
    const next = TABLE[this.#state][event];
    if (next === undefined) return;
    this.#state = next;
    if (next === "asked") this.subscribe();
    else if (next === "waiting") this.unsubscribe();
  }

  /** Unsubscribes, and forgets what was learnt about the broker. */
  close(): void {
    this.unsubscribe();
    this.#state = "waiting";
  }

  private subscribe(): void {
    const { session, thingName, onRefused } = this.#options;
    const filters = answerFilters(thingName);
    this.#unacknowledged = filters.length;
    this.#registrations = filters.map((filter) =>
      session.subscribe(filter, {
        // AwsJobs observes these topics already, for the answers that come without a subscription.
        onMessage() {},
        onSubscribed: (error) => {
          if (error !== undefined) onRefused(filter, error);
          this.#unacknowledged -= 1;
          if (this.#unacknowledged === 0) this.event("acknowledged");
        },
      }),
    );
  }

  private unsubscribe(): void {
    for (const registration of this.#registrations) registration.close();
    this.#registrations = [];
  }
}

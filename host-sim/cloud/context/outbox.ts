import type { CloudClock, CloudStore } from "./context.js";
import type { NamedTimers } from "./named-timers.js";

/** Sends a message of a service to the subscribers of `topic`. */
export type PublishMessage = (topic: string, payload: string) => void;

/**
 * Messages of a service to its subscribers. They leave on a later turn, so that the answer to a request always goes
 * first, and only when the transaction in which they were written is kept. What waits is lost with the process, as at a
 * power cut.
 */
export class Outbox {
  readonly #store: CloudStore;
  readonly #clock: CloudClock;
  readonly #timers: NamedTimers;
  readonly #publishers = new Set<PublishMessage>();
  readonly #waiting: { readonly topic: string; readonly payload: string }[] = [];

  constructor({ store, clock }: { readonly store: CloudStore; readonly clock: CloudClock }, timers: NamedTimers) {
    this.#store = store;
    this.#clock = clock;
    this.#timers = timers;
  }

  /** Adds a front end that carries messages to subscribers. Returns what removes it. */
  attach(publish: PublishMessage): () => void {
    this.#publishers.add(publish);
    return () => {
      this.#publishers.delete(publish);
    };
  }

  /** All changes and messages of `body`, or none when it throws. */
  transaction<T>(body: () => T): T {
    const mark = this.#waiting.length;
    try {
      return this.#store.transaction(body);
    } catch (error) {
      this.#waiting.length = Math.min(this.#waiting.length, mark);
      throw error;
    }
  }

  /** Queues a message; it leaves on a later turn. */
  send(topic: string, payload: unknown): void {
    this.#waiting.push({ topic, payload: JSON.stringify(payload) });
    if (!this.#timers.has("outbox")) this.#timers.set("outbox", this.#clock.now(), () => this.#flush());
  }

  /** Nobody hears anything any more. */
  close(): void {
    this.#publishers.clear();
  }

  #flush(): void {
    for (const { topic, payload } of this.#waiting.splice(0)) {
      for (const publish of this.#publishers) publish(topic, payload);
    }
  }
}

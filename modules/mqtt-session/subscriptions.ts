import { type AckVerdict, tickVerdict } from "./outbox.js";
import type { PacketIds } from "./packet-ids.js";
import { subscribeSize } from "./packet-size.js";
import { matchesFilter } from "./topic-filter.js";

/** [AWS IoT Core quotas] More filters in one SUBSCRIBE make the broker close the connection. */
export const MAX_FILTERS_PER_SUBSCRIBE = 8;
/** SUBACK return code of a refused filter. [MQTT 3.1.1, 3.9.3] */
const REFUSED = 0x80;

type Entry<Subscriber> = {
  readonly filter: string;
  qos: 0 | 1;
  subscribers: readonly Subscriber[];
  phase: "wanted" | "asked" | "granted" | "refused";
  /** The broker may have this subscription, so that UNSUBSCRIBE is sent when nobody wants it any more. */
  known: boolean;
};

/** One SUBSCRIBE packet that waits to be written or to be acknowledged. */
export type SubscribeBatch = {
  readonly id: number;
  readonly items: readonly { readonly topic: string; readonly QoS: 0 | 1 }[];
};

type Batch<Subscriber> = SubscribeBatch & {
  readonly entries: readonly Entry<Subscriber>[];
  sent: boolean;
  age: number;
  repeats: number;
};

export type SubackResult<Subscriber> = {
  readonly filter: string;
  readonly granted: boolean;
  readonly subscribers: readonly Subscriber[];
};

/** Who wants which filter, and what the broker knows of it on the present connection. */
export class Subscriptions<Subscriber> {
  readonly #ids: PacketIds;
  readonly #persistent: boolean;
  #entries: Entry<Subscriber>[] = [];
  #batches: Batch<Subscriber>[] = [];
  #unwanted: string[] = [];

  /** @param persistent the broker keeps subscriptions between connections (clean session off) */
  constructor(ids: PacketIds, persistent = false) {
    this.#ids = ids;
    this.#persistent = persistent;
  }

  /** True while a SUBACK is awaited. */
  get awaiting(): boolean {
    return this.#batches.some(({ sent }) => sent);
  }

  /** The filters, with spaces between them, whose SUBACK is awaited longest. */
  get oldestAwaited(): string | undefined {
    const batch = this.#batches.find(({ sent }) => sent);
    return batch && topics(batch).join(" ");
  }

  get filters(): readonly string[] {
    return this.#entries.map(({ filter }) => filter);
  }

  /** @returns true when the broker has granted the filter already, so that no SUBACK will come for this subscriber */
  add(filter: string, qos: 0 | 1, subscriber: Subscriber): boolean {
    const entry = this.#entries.find((candidate) => candidate.filter === filter);
    if (entry === undefined) {
      const known = this.#unwanted.includes(filter);
      this.#entries.push({ filter, qos, subscribers: [subscriber], phase: "wanted", known });
      this.#unwanted = this.#unwanted.filter((candidate) => candidate !== filter);
      return false;
    }
    entry.subscribers = [...entry.subscribers, subscriber];
    if (qos > entry.qos || entry.phase === "refused") {
      entry.qos = qos > entry.qos ? qos : entry.qos;
      entry.phase = "wanted";
    }
    return entry.phase === "granted";
  }

  remove(filter: string, subscriber: Subscriber): void {
    const entry = this.#entries.find((candidate) => candidate.filter === filter);
    if (entry === undefined) return;
    entry.subscribers = entry.subscribers.filter((candidate) => candidate !== subscriber);
    if (entry.subscribers.length > 0) return;
    this.#entries = this.#entries.filter((candidate) => candidate !== entry);
    if (entry.known) this.#unwanted.push(filter);
  }

  /** Everybody whose filter matches, each once for every filter that matches. */
  matching(topic: string): Subscriber[] {
    return this.#entries.flatMap(({ filter, subscribers }) => (matchesFilter(filter, topic) ? [...subscribers] : []));
  }

  /** The filter to be unsubscribed next; ends with {@link unsubscribed}. */
  nextUnwanted(): string | undefined {
    return this.#unwanted[0];
  }

  unsubscribed(): void {
    this.#unwanted = this.#unwanted.slice(1);
  }

  /** The SUBSCRIBE to be written next: one to be repeated, or as many wanted filters as fit into `writable` bytes. */
  next(writable: number): SubscribeBatch | undefined {
    const repeat = this.#batches.find(({ sent }) => !sent);
    if (repeat !== undefined) return subscribeSize(topics(repeat)) <= writable ? repeat : undefined;
    const entries: Entry<Subscriber>[] = [];
    for (const entry of this.#entries) {
      if (entry.phase !== "wanted" || entries.length === MAX_FILTERS_PER_SUBSCRIBE) continue;
      if (subscribeSize([...entries, entry].map(({ filter }) => filter)) > writable) break;
      entries.push(entry);
    }
    if (entries.length === 0) return undefined;
    const items = entries.map(({ filter, qos }) => ({ topic: filter, QoS: qos }));
    const batch = { id: this.#ids.take(), items, entries, sent: false, age: 0, repeats: 0 };
    for (const entry of entries) {
      entry.phase = "asked";
      entry.known = true;
    }
    this.#batches.push(batch);
    return batch;
  }

  written(written: SubscribeBatch): void {
    for (const batch of this.#batches) if (batch === written) batch.sent = true;
  }

  /** SUBACK arrived. @returns what to tell whom; empty for an unknown or repeated one */
  acknowledge(id: number, codes: readonly number[]): SubackResult<Subscriber>[] {
    const batch = this.#batches.find((candidate) => candidate.id === id);
    if (batch === undefined) return [];
    this.forget(batch);
    return batch.entries.flatMap((entry, index) => {
      if (!this.#entries.includes(entry)) return [];
      // Asked for again meanwhile, with a higher QoS: the later SUBACK counts.
      if (entry.phase !== "asked" || this.#batches.some(({ entries }) => entries.includes(entry))) return [];
      // A SUBACK with too few codes: what it does not name was not granted.
      const granted = (codes[index] ?? REFUSED) < REFUSED;
      entry.phase = granted ? "granted" : "refused";
      entry.known = granted;
      return [{ filter: entry.filter, granted, subscribers: entry.subscribers }];
    });
  }

  /** A quarter of the ack time-out passed. @returns "give-up" when the connection has to be replaced */
  tick(): AckVerdict {
    let result: AckVerdict = "wait";
    for (const batch of this.#batches) {
      if (!batch.sent) continue;
      const verdict = tickVerdict(batch);
      if (verdict === "give-up") return "give-up";
      if (verdict === "wait") continue;
      batch.sent = false;
      result = "repeat";
    }
    return result;
  }

  /** Every filter has to be asked for again on the next connection. */
  connectionLost(): void {
    for (const batch of this.#batches) this.forget(batch);
    for (const entry of this.#entries) {
      entry.phase = "wanted";
      entry.known &&= this.#persistent;
    }
    if (!this.#persistent) this.#unwanted = [];
  }

  private forget(batch: Batch<Subscriber>): void {
    this.#ids.release(batch.id);
    this.#batches = this.#batches.filter((candidate) => candidate !== batch);
  }
}

function topics(batch: SubscribeBatch): string[] {
  return batch.items.map(({ topic }) => topic);
}

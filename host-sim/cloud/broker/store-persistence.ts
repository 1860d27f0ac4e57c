import { Readable } from "node:stream";
import type { AedesPublishPacket } from "aedes";
import type { CloudStore, Stored } from "../context/context.js";
import { hasWildcard, matchesFilter } from "./topics.js";

/** Messages kept for one offline session; further ones are dropped. */
const MAX_QUEUED = 1000;
/** Bytes of all kept messages together, retained and queued, in memory; further ones are dropped. */
const MAX_KEPT_BYTES = 128 * 1024 * 1024;
/** What keeping a message costs beside its topic and its payload: about. */
const ENTRY_BYTES = 200;

interface ClientRef {
  readonly id: string;
}

interface Queued {
  readonly key: number;
  packet: AedesPublishPacket;
}

/**
 * Where aedes keeps persistent sessions and retained messages: in memory, and in the store for the next start of the
 * cloud. Every change is in the store before aedes acknowledges it. Wills and QoS 2 never get here. The methods are
 * aedes' persistence interface.
 */
export class StorePersistence {
  readonly #store: CloudStore;
  readonly #queueOffline: (topic: string) => boolean;
  readonly #subscriptions = new Map<string, Map<string, 0 | 1>>();
  readonly #outgoing = new Map<string, Queued[]>();
  readonly #retained = new Map<string, AedesPublishPacket>();
  readonly #online = new Map<string, number>();
  readonly #now: () => number;
  readonly #maxKeptBytes: number;
  #keptBytes = 0;
  #nextKey = 1;

  constructor(
    store: CloudStore,
    queueOffline: (topic: string) => boolean,
    { now, maxKeptBytes = MAX_KEPT_BYTES }: { now(): number; maxKeptBytes?: number },
  ) {
    this.#store = store;
    this.#queueOffline = queueOffline;
    this.#now = now;
    this.#maxKeptBytes = maxKeptBytes;
  }

  /** Bytes of all kept messages. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  subscriptionsOf(clientId: string): readonly { readonly topic: string; readonly qos: 0 | 1 }[] {
    return [...(this.#subscriptions.get(clientId) ?? [])].map(([topic, qos]) => ({ topic, qos }));
  }

  /** Clients with a persistent session. */
  clientIds(): readonly string[] {
    return [...new Set([...this.#subscriptions.keys(), ...this.#outgoing.keys()])];
  }

  /** Connections of a client id are counted: a take-over opens the new one before the old one closed. */
  setOnline(clientId: string, online: boolean): void {
    this.#online.set(clientId, (this.#online.get(clientId) ?? 0) + (online ? 1 : -1));
    if (this.#online.get(clientId) === 0) this.#online.delete(clientId);
  }

  /** Forgets a session. */
  discard(clientId: string): void {
    this.#subscriptions.delete(clientId);
    for (const { packet } of this.#outgoing.get(clientId) ?? []) this.#keptBytes -= sizeOf(packet);
    this.#outgoing.delete(clientId);
    this.#store.transaction(() => {
      for (const kind of ["subscription", "outgoing"]) {
        for (const { key } of this.#store.list(["mqtt", kind, clientId])) this.#store.remove(key);
      }
    });
  }

  async setup(broker: { readonly id: string }): Promise<void> {
    for (const { key, value } of this.#store.list(["mqtt", "subscription"])) {
      this.#filters(key[2] ?? "").set(key[3] ?? "", value === 0 ? 0 : 1);
    }
    for (const { key, value } of this.#store.list(["mqtt", "outgoing"])) {
      const number = Number(key[3]);
      this.#nextKey = Math.max(this.#nextKey, number + 1);
      // Marked as this broker's own, with counters that no message of this run has.
      const packet = { ...decoded(value), brokerId: broker.id, brokerCounter: -number };
      this.#keptBytes += sizeOf(packet);
      this.#queue(key[2] ?? "").push({ key: number, packet });
    }
    for (const { key, value } of this.#store.list(["mqtt", "retained"])) {
      const packet = decoded(value);
      this.#keptBytes += sizeOf(packet);
      this.#retained.set(key[2] ?? "", packet);
    }
  }

  async storeRetained(packet: AedesPublishPacket): Promise<void> {
    const key = ["mqtt", "retained", packet.topic];
    const before = this.#retained.get(packet.topic);
    const freed = before === undefined ? 0 : sizeOf(before);
    if (packet.payload.length === 0) {
      this.#keptBytes -= freed;
      this.#retained.delete(packet.topic);
      this.#store.remove(key);
    } else if (this.#keptBytes - freed + sizeOf(packet) <= this.#maxKeptBytes) {
      this.#keptBytes += sizeOf(packet) - freed;
      this.#retained.set(packet.topic, { ...packet });
      this.#store.put(key, { ...encoded(packet), modifiedAt: this.#now() });
    }
  }

  /** Wildcard filters never receive retained messages. [AWS IoT: MQTT] */
  createRetainedStreamCombi(filters: readonly string[]): Readable {
    const exact = filters.filter((filter) => !hasWildcard(filter));
    return Readable.from(exact.flatMap((topic) => this.#retained.get(topic) ?? []));
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter]);
  }

  async addSubscriptions({ id }: ClientRef, subscriptions: readonly { topic: string; qos: number }[]): Promise<void> {
    this.#store.transaction(() => {
      for (const { topic, qos } of subscriptions) {
        this.#filters(id).set(topic, qos === 0 ? 0 : 1);
        this.#store.put(["mqtt", "subscription", id, topic], qos === 0 ? 0 : 1);
      }
    });
  }

  async removeSubscriptions({ id }: ClientRef, filters: readonly string[]): Promise<void> {
    this.#store.transaction(() => {
      for (const filter of filters) {
        this.#subscriptions.get(id)?.delete(filter);
        this.#store.remove(["mqtt", "subscription", id, filter]);
      }
    });
  }

  async subscriptionsByClient({ id }: ClientRef): Promise<readonly { topic: string; qos: number }[]> {
    return this.subscriptionsOf(id);
  }

  async subscriptionsByTopic(topic: string): Promise<readonly { clientId: string; topic: string; qos: number }[]> {
    const found: { clientId: string; topic: string; qos: number }[] = [];
    for (const [clientId, filters] of this.#subscriptions) {
      if (!this.#online.has(clientId) && !this.#queueOffline(topic)) continue;
      const filter = [...filters].find(([candidate, qos]) => qos > 0 && matchesFilter(candidate, topic))?.[0];
      if (filter !== undefined) found.push({ clientId, topic: filter, qos: 1 });
    }
    return found;
  }

  async cleanSubscriptions({ id }: ClientRef): Promise<void> {
    this.discard(id);
  }

  async outgoingEnqueue(subscription: { readonly clientId: string }, packet: AedesPublishPacket): Promise<void> {
    await this.outgoingEnqueueCombi([subscription], packet);
  }

  async outgoingEnqueueCombi(
    subscriptions: readonly { readonly clientId: string }[],
    packet: AedesPublishPacket,
  ): Promise<void> {
    if (subscriptions.length === 0) return;
    this.#store.transaction(() => {
      for (const { clientId } of subscriptions) {
        const queue = this.#queue(clientId);
        if (queue.length >= MAX_QUEUED || this.#keptBytes + sizeOf(packet) > this.#maxKeptBytes) continue;
        this.#keptBytes += sizeOf(packet);
        const key = this.#nextKey++;
        queue.push({ key, packet: { ...packet } });
        this.#store.put(["mqtt", "outgoing", clientId, padded(key)], encoded(packet));
      }
    });
  }

  async outgoingUpdate({ id }: ClientRef, packet: AedesPublishPacket): Promise<void> {
    const queued = this.#outgoing
      .get(id)
      ?.find(({ packet: one }) => one.brokerId === packet.brokerId && one.brokerCounter === packet.brokerCounter);
    const { messageId } = packet;
    if (queued !== undefined && messageId !== undefined) queued.packet = { ...queued.packet, messageId };
  }

  async outgoingClearMessageId(
    { id }: ClientRef,
    packet: { readonly messageId?: number | undefined },
  ): Promise<AedesPublishPacket | undefined> {
    const queue = this.#outgoing.get(id) ?? [];
    const index = queue.findIndex((queued) => queued.packet.messageId === packet.messageId);
    const [queued] = index < 0 ? [] : queue.splice(index, 1);
    if (queued === undefined) return undefined;
    this.#keptBytes -= sizeOf(queued.packet);
    this.#store.remove(["mqtt", "outgoing", id, padded(queued.key)]);
    return queued.packet;
  }

  outgoingStream({ id }: ClientRef): Readable {
    // Sent before when they have a packet id: then they are duplicates. [MQTT-4.4.0-1]
    const packets = (this.#outgoing.get(id) ?? []).map(({ packet }) => ({
      ...packet,
      dup: packet.messageId !== undefined,
    }));
    return Readable.from(packets);
  }

  async incomingStorePacket(): Promise<void> {}
  async incomingGetPacket(): Promise<never> {
    throw new Error("no such packet");
  }
  async incomingDelPacket(): Promise<void> {}
  async cleanIncoming(): Promise<void> {}
  async putWill(): Promise<void> {}
  async getWill(): Promise<undefined> {}
  async delWill(): Promise<undefined> {}
  streamWill(): Readable {
    return Readable.from([]);
  }
  getClientList(filter: string): Readable {
    return Readable.from([...this.#subscriptions].filter(([, filters]) => filters.has(filter)).map(([id]) => id));
  }
  async countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    const subsCount = [...this.#subscriptions.values()].reduce((sum, filters) => sum + filters.size, 0);
    return { subsCount, clientsCount: this.#subscriptions.size };
  }
  async destroy(): Promise<void> {}

  #filters(clientId: string): Map<string, 0 | 1> {
    const filters = this.#subscriptions.get(clientId) ?? new Map<string, 0 | 1>();
    this.#subscriptions.set(clientId, filters);
    return filters;
  }

  #queue(clientId: string): Queued[] {
    const queue = this.#outgoing.get(clientId) ?? [];
    this.#outgoing.set(clientId, queue);
    return queue;
  }
}

function padded(key: number): string {
  return String(key).padStart(16, "0");
}

function encoded({ topic, payload, qos, retain }: AedesPublishPacket) {
  return { topic, payload: Buffer.from(payload).toString("base64"), qos, retain };
}

function decoded(value: Stored): AedesPublishPacket {
  const { topic, payload, qos, retain } = value as { topic: string; payload: string; qos: 0 | 1; retain: boolean };
  const packet = { cmd: "publish" as const, topic, payload: Buffer.from(payload, "base64"), qos, retain, dup: false };
  return { ...packet, brokerId: "", brokerCounter: 0 } as AedesPublishPacket;
}

function sizeOf({ topic, payload }: AedesPublishPacket): number {
  return ENTRY_BYTES + topic.length + payload.length;
}

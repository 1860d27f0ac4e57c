import type { IConnectPacket, Packet } from "mqtt-packet";
import type { OutgoingMessage, Session, SessionOutput, Sessions } from "../broker/sessions.js";
import { matchesFilter } from "../broker/topics.js";

/** Unacknowledged messages of a client; more are dropped. [AWS IoT: 100 in flight each direction] */
const MAX_IN_FLIGHT = 100;

/** Sessions in memory that deliver before the call returns: for virtual networks, where the clock is virtual too. */
export function memorySessions(queueOffline: (topic: string) => boolean): Sessions {
  return new MemorySessions(queueOffline);
}

/** What outlives a connection. */
class Stored {
  readonly subscriptions = new Map<string, 0 | 1>();
  readonly inFlight = new Map<number, OutgoingMessage>();
  nextId = 1;
  clean = true;
  output: SessionOutput | undefined;
}

class MemorySessions implements Sessions {
  readonly #queueOffline: (topic: string) => boolean;
  readonly #stored = new Map<string, Stored>();
  readonly #retained = new Map<string, OutgoingMessage>();

  constructor(queueOffline: (topic: string) => boolean) {
    this.#queueOffline = queueOffline;
  }

  open(clientId: string, output: SessionOutput): Session {
    return new MemorySession(this.#stored, this.#retained, clientId, output);
  }

  publish(message: OutgoingMessage, done?: () => void): void {
    if (message.retain) {
      if (message.payload.byteLength === 0) this.#retained.delete(message.topic);
      else this.#retained.set(message.topic, message);
    }
    for (const stored of [...this.#stored.values()]) {
      const granted = [...stored.subscriptions].filter(([filter]) => matchesFilter(filter, message.topic));
      if (granted.length === 0) continue;
      const qos = message.qos === 1 && granted.some(([, level]) => level === 1) ? 1 : 0;
      if (stored.output === undefined && (qos === 0 || !this.#queueOffline(message.topic))) continue;
      send(stored, { ...message, qos, retain: false });
    }
    done?.();
  }

  stored(): Iterable<string> {
    return [...this.#stored].filter(([, stored]) => !stored.clean).map(([clientId]) => clientId);
  }

  discard(clientId: string): void {
    this.#stored.delete(clientId);
  }

  close(done: () => void): void {
    for (const stored of this.#stored.values()) stored.output = undefined;
    done();
  }
}

class MemorySession implements Session {
  readonly #all: Map<string, Stored>;
  readonly #retained: ReadonlyMap<string, OutgoingMessage>;
  readonly #clientId: string;
  readonly #output: SessionOutput;
  #stored = new Stored();

  constructor(
    all: Map<string, Stored>,
    retained: ReadonlyMap<string, OutgoingMessage>,
    clientId: string,
    output: SessionOutput,
  ) {
    this.#all = all;
    this.#retained = retained;
    this.#clientId = clientId;
    this.#output = output;
  }

  receive(packet: Packet): void {
    switch (packet.cmd) {
      case "connect":
        this.#connect(packet);
        break;
      case "subscribe":
        this.#subscribe(packet.messageId ?? 0, packet.subscriptions);
        break;
      case "unsubscribe":
        for (const filter of packet.unsubscriptions) this.#stored.subscriptions.delete(filter);
        this.#output.send({ cmd: "unsuback", messageId: packet.messageId ?? 0, granted: [] });
        break;
      case "puback":
        this.#stored.inFlight.delete(packet.messageId ?? 0);
        break;
      default:
        break;
    }
  }

  deliver(topic: string, payload: Uint8Array, qos: 0 | 1): void {
    send(this.#stored, { topic, payload, qos, retain: false });
  }

  subscriptions(): ReadonlyMap<string, 0 | 1> {
    return this.#stored.subscriptions;
  }

  close(): void {
    if (this.#stored.output !== this.#output) return;
    this.#stored.output = undefined;
    if (this.#stored.clean && this.#all.get(this.#clientId) === this.#stored) this.#all.delete(this.#clientId);
  }

  #connect(packet: IConnectPacket): void {
    const clean = packet.clean ?? true;
    const before = clean ? undefined : this.#all.get(this.#clientId);
    this.#stored = before ?? new Stored();
    this.#stored.clean = clean;
    this.#stored.output = this.#output;
    this.#all.set(this.#clientId, this.#stored);
    this.#output.send({ cmd: "connack", returnCode: 0, sessionPresent: before !== undefined });
    for (const [messageId, message] of this.#stored.inFlight) write(this.#output, message, messageId, true);
  }

  #subscribe(messageId: number, filters: readonly { readonly topic: string; readonly qos: number }[]): void {
    for (const { topic, qos } of filters) this.#stored.subscriptions.set(topic, qos === 0 ? 0 : 1);
    this.#output.send({ cmd: "suback", messageId, granted: filters.map(({ qos }) => qos) });
    for (const { topic } of filters) {
      const retained = this.#retained.get(topic);
      if (retained !== undefined) send(this.#stored, retained);
    }
  }
}

function send(stored: Stored, message: OutgoingMessage): void {
  if (message.qos === 0) {
    if (stored.output !== undefined) write(stored.output, message, undefined, false);
    return;
  }
  if (stored.inFlight.size >= MAX_IN_FLIGHT) return;
  while (stored.inFlight.has(stored.nextId)) stored.nextId = (stored.nextId % 65_535) + 1;
  const messageId = stored.nextId;
  stored.nextId = (messageId % 65_535) + 1;
  stored.inFlight.set(messageId, message);
  if (stored.output !== undefined) write(stored.output, message, messageId, false);
}

function write(output: SessionOutput, message: OutgoingMessage, messageId: number | undefined, dup: boolean): void {
  const { topic, payload, qos, retain } = message;
  const id = messageId === undefined ? {} : { messageId };
  output.send({ cmd: "publish", topic, payload: Buffer.from(payload), qos, retain, dup, ...id });
}

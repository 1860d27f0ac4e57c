import { Duplex } from "node:stream";
import { Aedes, type Client } from "aedes";
import { generate, type Packet, parser } from "mqtt-packet";
import type { CloudContext } from "../context/context.js";
import type { OutgoingMessage, Session, SessionOutput, Sessions } from "./sessions.js";
import { StorePersistence } from "./store-persistence.js";

/**
 * Sessions kept by aedes: matching of subscriptions, QoS 1 delivery, retained messages, persistent sessions in the
 * store. Each connection is a stream inside this process into aedes, which sees well-behaved 3.1.1 clients only.
 *
 * @param queueOffline whether a message is kept for a persistent session that is offline
 */
export async function openAedesSessions(
  { store, clock, log }: CloudContext,
  queueOffline: (topic: string) => boolean,
): Promise<Sessions> {
  const persistence = new StorePersistence(store, queueOffline, { now: () => clock.now() });
  const aedes = await Aedes.createBroker({
    persistence,
    // Both are this project's connections' business, which have limits of their own.
    connectTimeout: 0x7fffffff,
    keepaliveLimit: 0,
    queueLimit: 1000,
    drainTimeout: 0,
    authorizePublish: (_client, _packet, callback) => callback(null),
  });
  aedes.on("clientError", (client, error) => log(`mqtt: ${client.id}: ${error.message}`));
  return new AedesSessions(aedes, persistence);
}

class AedesSessions implements Sessions {
  readonly #aedes: Aedes;
  readonly #persistence: StorePersistence;
  readonly #queue: { readonly message: OutgoingMessage; readonly done: (() => void) | undefined }[] = [];

  constructor(aedes: Aedes, persistence: StorePersistence) {
    this.#aedes = aedes;
    this.#persistence = persistence;
  }

  open(clientId: string, output: SessionOutput): Session {
    return new AedesSession(this.#aedes, this.#persistence, clientId, output);
  }

  /**
   * One after the other: aedes numbers a message when it takes it and drops what arrives at a client with a number
   * below the last one, but QoS 0 overtakes QoS 1 inside it.
   */
  publish(message: OutgoingMessage, done?: () => void): void {
    this.#queue.push({ message, done });
    if (this.#queue.length === 1) this.#publishNext();
  }

  stored(): Iterable<string> {
    return this.#persistence.clientIds();
  }

  discard(clientId: string): void {
    this.#persistence.discard(clientId);
  }

  #publishNext(): void {
    const next = this.#queue[0];
    if (next === undefined) return;
    const { topic, payload, qos, retain } = next.message;
    const packet = { cmd: "publish", topic, payload: Buffer.from(payload), qos, retain, dup: false } as const;
    this.#aedes.publish(packet, () => {
      this.#queue.shift();
      next.done?.();
      this.#publishNext();
    });
  }

  close(done: () => void): void {
    this.#aedes.close(done);
  }
}

class AedesSession implements Session {
  readonly #stream: SessionStream;
  readonly #client: Client;
  readonly #subscriptions = new Map<string, 0 | 1>();
  readonly #asked = new Map<number, readonly { readonly topic: string; readonly qos: number }[]>();
  readonly #persistence: StorePersistence;
  readonly #clientId: string;

  constructor(aedes: Aedes, persistence: StorePersistence, clientId: string, output: SessionOutput) {
    this.#persistence = persistence;
    this.#clientId = clientId;
    const decoder = parser({ protocolVersion: 4 });
    decoder.on("packet", (packet: Packet) => {
      this.#note(packet);
      output.send(packet);
    });
    this.#stream = new SessionStream(
      (bytes) => decoder.parse(bytes),
      () => output.end(),
    );
    this.#client = aedes.handle(this.#stream);
  }

  receive(packet: Packet): void {
    if (packet.cmd === "connect") {
      this.#persistence.setOnline(this.#clientId, true);
      if (packet.clean === false) {
        for (const { topic, qos } of this.#persistence.subscriptionsOf(this.#clientId))
          this.#subscriptions.set(topic, qos);
      }
    }
    if (packet.cmd === "subscribe") this.#asked.set(packet.messageId ?? 0, packet.subscriptions);
    if (packet.cmd === "unsubscribe") for (const filter of packet.unsubscriptions) this.#subscriptions.delete(filter);
    this.#stream.push(generate(packet));
  }

  deliver(topic: string, payload: Uint8Array, qos: 0 | 1): void {
    const message = { cmd: "publish", topic, payload: Buffer.from(payload), qos, retain: false, dup: false } as const;
    // Numbered apart from what is published, for the same reason.
    const numberedApart = { ...message, brokerId: "direct" };
    this.#client.publish(numberedApart, () => {});
  }

  subscriptions(): ReadonlyMap<string, 0 | 1> {
    return this.#subscriptions;
  }

  close(): void {
    this.#persistence.setOnline(this.#clientId, false);
    this.#stream.destroy();
  }

  /** Subscriptions count from the SUBACK on, before aedes can deliver to them. */
  #note(packet: Packet): void {
    if (packet.cmd !== "suback") return;
    const asked = this.#asked.get(packet.messageId ?? 0) ?? [];
    this.#asked.delete(packet.messageId ?? 0);
    for (const [index, { topic, qos }] of asked.entries()) {
      if (packet.granted[index] !== 0x80) this.#subscriptions.set(topic, qos === 0 ? 0 : 1);
    }
  }
}

/** The client's end of a connection to aedes, as the stream that aedes reads and writes. */
class SessionStream extends Duplex {
  readonly #onBytes: (bytes: Buffer) => void;
  readonly #onEnd: () => void;

  constructor(onBytes: (bytes: Buffer) => void, onEnd: () => void) {
    super({ decodeStrings: true });
    this.#onBytes = onBytes;
    this.#onEnd = onEnd;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.#onBytes(chunk);
    callback();
  }

  override _destroy(_error: Error | null, callback: (error?: Error | null) => void): void {
    callback(null);
    this.#onEnd();
  }
}

import { type GuardedDns, guardResolver } from "../foundation/resolver-guard.js";
import { greetingFailure, type LinkFailure, linkFailure, timedOut } from "./link-failure.js";
import {
  CONNACK,
  type ControlMessage,
  DISCONNECT,
  type MqttClient,
  type MqttClientOptions,
  type MqttEndpoint,
  type ReadableOptions,
  SUBSCRIBE,
  UNSUBSCRIBE,
  type WriteOptions,
} from "./mqtt-client-port.js";
import type { OutgoingMessage } from "./outbox.js";
import { publishHeaderSize, subscribeSize } from "./packet-size.js";
import { type IncomingMessage, Reassembly } from "./reassembly.js";
import { newSocketSigns, witnessSocket } from "./socket-witness.js";
import type { SubscribeBatch } from "./subscriptions.js";

/**
 * Bytes of the socket's room that are never used. The SDK counts 32 bytes of overhead for a TLS record, but CBC cipher
 * suites need up to 69. A write that does not fit throws, and for the acknowledgements and pings that the client sends
 * by itself it throws inside a timer, which restarts the board. 128 bytes hold two of those packets.
 */
const SOCKET_MARGIN = 128;
/** Over TLS the SDK's client writes an UNSUBSCRIBE as two TLS records, but counts the overhead of one only. */
const UNSUBSCRIBE_MARGIN = 64;

export type LinkEvents = {
  /** Something came from the broker; called before the event itself. */
  onHeard(): void;
  /** CONNACK with return code 0. */
  onAccepted(): void;
  /** There is room to write. */
  onWritable(): void;
  /** SUBACK, PUBACK and so on. */
  onControl(message: ControlMessage): void;
  /** Asked when the first fragment of a message arrives; false: the message is read and dropped. */
  wants(topic: string): boolean;
  onMessage(message: IncomingMessage): void;
  onTooLong(topic: string, byteLength: number): void;
  /** The link is dead and waits to be closed. Called once, never after `close()`. */
  onFailed(failure: LinkFailure, cause: unknown): void;
};

export type LinkOptions = {
  readonly mqtt: MqttEndpoint;
  readonly client: Omit<MqttClientOptions, "dns" | "socket" | "onReadable" | "onWritable" | "onControl" | "onError">;
  readonly maxMessageBytes: number;
  readonly events: LinkEvents;
};

/**
 * One connection of the SDK's MQTT client, from the client's constructor to its end. It does what that client leaves to
 * its user: it counts what may be written, splits long publishes, reads every incoming fragment to its end, closes the
 * resolver, and lets no exception escape from the client's callbacks.
 */
export class MqttLink {
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  readonly #reassembly: Reassembly;
  #client: MqttClient | undefined;
  #dns: GuardedDns | undefined;
  #open = true;
  #failed = false;
  #accepted = false;
  /** Bytes that may be given to the client at once. */
  #writable = 0;
  /** Payload bytes of a publish that did not fit at once. */
  #rest: Uint8Array | undefined;
  readonly #signs = newSocketSigns();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#events = options.events;
    this.#reassembly = new Reassembly(options.maxMessageBytes);
  }

  /** False once it failed or was closed. */
  get isOpen(): boolean {
    return this.#open && !this.#failed;
  }

  get writable(): number {
    return this.#writable;
  }

  /** Why there is no CONNACK. */
  get overdue(): LinkFailure {
    return greetingFailure(this.#signs.head) ?? timedOut(this.#signs, this.secure);
  }

  /** Makes the client. What its constructor throws is a failure like any other. */
  start(): void {
    const { mqtt, client } = this.#options;
    this.guard(() => {
      this.#dns = guardResolver(mqtt.dns, (error) => this.fail(error));
      this.#client = new mqtt.io({
        ...client,
        dns: this.#dns.dns,
        socket: witnessSocket(mqtt.socket, this.#signs, () => this.onRead()),
        onReadable: (count, options) => this.guard(() => this.onReadable(count, options)),
        onWritable: (count) => this.guard(() => this.onWritable(count)),
        onControl: (message) => this.guard(() => this.onControl(message)),
        onError: () => this.guard(() => this.fail()),
      });
    });
  }

  /**
   * Not to be called from inside of the events: after onReadable the client goes on using its socket, which throws when
   * it is closed.
   * @param disconnect sends DISCONNECT, so that the broker does not publish the will
   */
  close(disconnect: boolean): void {
    if (!this.#open) return;
    this.#open = false;
    this.#dns?.close();
    if (disconnect && this.#accepted && !this.#failed && this.#rest === undefined) {
      try {
        this.#client?.write(null, { operation: DISCONNECT });
      } catch {
        // There is no room, or the socket is gone: the connection ends without DISCONNECT.
      }
    }
    this.closeClient();
  }

  /** @returns false when there is no room yet */
  subscribe(batch: SubscribeBatch): boolean {
    if (subscribeSize(batch.items.map(({ topic }) => topic)) > this.#writable) return false;
    return this.write(null, { operation: SUBSCRIBE, id: batch.id, items: batch.items });
  }

  /** @returns false when there is no room yet */
  unsubscribe(id: number, filter: string): boolean {
    if (subscribeSize([filter]) + UNSUBSCRIBE_MARGIN > this.#writable) return false;
    return this.write(null, { operation: UNSUBSCRIBE, id, items: [{ topic: filter }] });
  }

  /**
   * @returns "part" when {@link resume} has to write the rest before anything else, "blocked" when there is no room yet
   */
  publish(message: OutgoingMessage): "whole" | "part" | "blocked" {
    const { topic, payload, qos, id } = message;
    const room = this.#writable - publishHeaderSize(topic, qos, payload.length);
    if (room < Math.min(1, payload.length)) return "blocked";
    const first = payload.subarray(0, room);
    const options = { topic, QoS: qos, id, byteLength: payload.length, duplicate: qos === 1 && message.attempts > 0 };
    if (!this.write(first, options)) return "blocked";
    if (first.length === payload.length) return "whole";
    this.#rest = payload.subarray(first.length);
    return "part";
  }

  /** Writes more of a publish that was split. @returns true when nothing is left of it */
  resume(): boolean {
    while (this.#rest !== undefined && this.isOpen) {
      const rest = this.#rest;
      if (this.#writable < 1) return false;
      const next = rest.subarray(0, this.#writable);
      if (!this.write(next)) return false;
      this.#rest = next.length < rest.length ? rest.subarray(next.length) : undefined;
    }
    return this.isOpen;
  }

  private write(data: Uint8Array | null, options?: WriteOptions): boolean {
    const client = this.#client;
    if (!this.isOpen || client === undefined) return false;
    try {
      const left = client.write(data, options);
      this.setWritable(left);
      return true;
    } catch (error) {
      this.#writable = 0;
      // The client used the room for an acknowledgement of its own. Nothing of this packet was sent; onWritable will
      // tell when there is room again.
      if (error instanceof Error && error.message === "overflow") return false;
      this.fail(error);
      return false;
    }
  }

  /** What is no CONNACK, the client may take for anything, or wait on for ever. */
  private onRead(): void {
    if (!this.#accepted && greetingFailure(this.#signs.head) !== undefined) this.fail();
  }

  private onControl(message: ControlMessage): void {
    if (!this.isOpen) return;
    this.#events.onHeard();
    if (message.operation === CONNACK) {
      this.#accepted = true;
      this.#events.onAccepted();
    } else {
      this.#events.onControl(message);
    }
  }

  private onWritable(count: number): void {
    this.setWritable(count);
    if (this.isOpen) this.#events.onWritable();
  }

  /** @param count no number when the socket is gone */
  private setWritable(count: unknown): void {
    this.#writable = typeof count === "number" ? Math.max(0, count - SOCKET_MARGIN) : 0;
  }

  private onReadable(count: number, options?: ReadableOptions): void {
    if (!this.isOpen) return;
    this.#events.onHeard();
    const message = this.take(count, options);
    if (message !== undefined) this.#events.onMessage(message);
  }

  private take(count: number, options?: ReadableOptions): IncomingMessage | undefined {
    const topic = options?.topic;
    if (topic !== undefined) {
      const byteLength = options?.byteLength ?? count;
      if (this.#reassembly.begin(topic, byteLength, this.#events.wants(topic)) === "too-long")
        this.#events.onTooLong(topic, byteLength);
    }
    for (let left = count; left > 0 && this.isOpen; ) {
      const space = this.#reassembly.space(left);
      this.#client?.read(space);
      this.#reassembly.filled(space.length);
      left -= space.length;
    }
    return options?.more === true ? undefined : this.#reassembly.end();
  }

  private guard(body: () => void): void {
    try {
      body();
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * Does not close the client, because this may run inside one of its callbacks: the owner calls `close()` on a later
   * turn.
   */
  private fail(thrown?: unknown): void {
    if (!this.#open || this.#failed) return;
    this.#failed = true;
    this.#dns?.close();
    const signs = { ...this.#signs, exception: this.#signs.exception ?? thrown };
    this.#events.onFailed(linkFailure(signs, this.secure, this.#accepted), signs.exception);
  }

  private get secure(): boolean {
    return "TCP" in this.#options.mqtt.socket;
  }

  private closeClient(): void {
    const client = this.#client;
    this.#client = undefined;
    try {
      client?.close();
    } catch {
      // Nothing is left to be closed.
    }
  }
}

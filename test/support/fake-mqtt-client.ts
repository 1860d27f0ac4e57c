/**
 * What the test does as the broker takes effect at once: timers that are due run before its call returns.
 *
 * The SDK's MQTT client as it behaves, defects included, without a network: the test plays the broker. It refuses what the SDK's client
 * refuses, calls back as it does (one argument to onControl, none to onError, close by itself after onError), and goes wrong where it does:
 * an empty payload blocks all that follows, a string as data destroys the stream, an answer of the resolver after close throws, and a
 * socket that is closed inside onReadable throws when the parser goes on.
 */
import assert from "node:assert/strict";
import type { FakeTimer } from "./fake-timer.js";

const OVERHEAD = 8;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;
const PINGREQ = 12;
const DISCONNECT = 14;

export type FakeClientOptions = {
  readonly host: string;
  readonly port?: number;
  readonly id?: string;
  readonly clean?: boolean;
  readonly keepAlive?: number;
  readonly will?: object;
  readonly dns: object;
  readonly socket: object;
  onReadable?(count: number, options?: object): void;
  onWritable?(count: number): void;
  onControl?(message: { operation: number; id?: number; payload?: number[]; returnCode?: number }): void;
  onError?(): void;
};

export type SentPacket =
  | {
      readonly type: "publish";
      topic: string;
      payload: Uint8Array;
      qos: number;
      id: number;
      dup: boolean;
      fragments: number;
    }
  | { readonly type: "subscribe"; id: number; filters: string[]; qos: number[] }
  | { readonly type: "unsubscribe"; id: number; filters: string[] }
  | { readonly type: "pingreq" }
  | { readonly type: "disconnect" };

type WriteOptions = {
  operation?: number;
  id?: number;
  topic?: string;
  QoS?: number;
  duplicate?: boolean;
  byteLength?: number;
  items?: readonly { topic: string; QoS?: number }[];
};

export type FakeEndpointSettings = {
  readonly timer: FakeTimer;
  /** Bytes the socket takes before it has to drain; the simulator's TLS gives about this. */
  capacity?: number;
  /** Socket drains this long after a write. */
  drainMs?: number;
  /** False: nothing is ever drained. */
  draining?: boolean;
  /** The broker of the test; called for each whole packet. */
  onPacket?(client: FakeMqttClient, packet: SentPacket): void;
  /** Called when the client asks for the address; default: resolved on the next turn, and connected. */
  onResolve?(client: FakeMqttClient): void;
  /** Thrown by the next constructor. */
  constructorError?: Error | undefined;
  /** Thrown by the constructor of each socket. */
  socketError?: Error | undefined;
  readonly clients: FakeMqttClient[];
};

/** An endpoint as `device.network.mqtts`, whose clients are collected in `settings.clients`. */
export function fakeEndpoint(settings: FakeEndpointSettings) {
  class Client extends FakeMqttClient {
    constructor(options: FakeClientOptions) {
      super(options, settings);
    }
  }
  class Resolver {
    closed = false;
    resolve(request: { host: string; onResolved(host: string, address: string): void; onError(host: string): void }) {
      const client = settings.clients.at(-1);
      assert.ok(client !== undefined);
      client.resolver = this;
      client.resolution = request;
      if (settings.onResolve === undefined) settings.timer.set(() => client.resolve());
      else settings.onResolve(client);
    }
    close() {
      this.closed = true;
    }
  }
  class Socket {
    readonly given: SocketCallbacks;
    constructor(given: SocketCallbacks) {
      if (settings.socketError !== undefined) throw settings.socketError;
      this.given = given;
    }
  }
  return { io: Client, dns: { io: Resolver }, socket: { io: Socket } };
}

type SocketCallbacks = { onError(error?: unknown): void };
type SocketOption = { readonly io: new (options: SocketCallbacks) => { readonly given: SocketCallbacks } };

export class FakeMqttClient {
  readonly options: FakeClientOptions;
  readonly sent: SentPacket[] = [];
  /** Packet ids that the client acknowledged by itself. */
  readonly acknowledged: number[] = [];
  closed = false;
  resolver: { closed: boolean } | undefined;
  resolution:
    | { host: string; onResolved(host: string, address: string): void; onError(host: string): void }
    | undefined;
  readonly #settings: FakeEndpointSettings;
  #state: "resolving" | "connecting" | "login" | "connected" | "publishing" = "resolving";
  #writable = 0;
  #capacity: number;
  #payload: Uint8Array = new Uint8Array(0);
  #wedged = false;
  #remaining = 0;
  #partial: Extract<SentPacket, { type: "publish" }> | undefined;
  #draining = false;
  #timers: object[] = [];
  #corrupt = false;

  constructor(options: FakeClientOptions, settings: FakeEndpointSettings) {
    this.options = options;
    this.#settings = settings;
    this.#capacity = settings.capacity ?? 1432;
    settings.clients.push(this);
    if (settings.constructorError !== undefined) {
      const error = settings.constructorError;
      settings.constructorError = undefined;
      throw error;
    }
    const dns = options.dns as { io: new (o: object) => { resolve(request: object): void } };
    new dns.io(options.dns).resolve({
      host: options.host,
      onResolved: () => {
        // The SDK's client reads its options here; close() has deleted them.
        if (this.closed) throw new TypeError("cannot read property of undefined");
        this.#state = "connecting";
      },
      onError: () => this.fail(),
    });
  }

  // --- what the session calls

  write(data: Uint8Array | null, options?: WriteOptions): number {
    if (this.closed) throw new TypeError("no socket");
    assert.ok(!this.#corrupt, "the stream is corrupt");
    if (this.#state !== "connected") return this.#continue(data, options);
    assert.ok(options !== undefined, "options are missing");
    const packet = this.#packet(data, options);
    const header = packet.type === "publish" ? 5 + packet.topic.length + 2 : 0;
    const body = packet.type === "publish" ? packet.payload.length : this.#size(packet);
    if (header + body > this.#writable) throw new Error("overflow");
    this.#used(header + body);
    if (packet.type === "publish") {
      this.#remaining = (options.byteLength ?? packet.payload.length) - packet.payload.length;
      if (this.#remaining > 0) {
        this.#state = "publishing";
        this.#partial = packet;
        return this.#left();
      }
    }
    this.#whole(packet);
    return this.#left();
  }

  read(buffer: Uint8Array): number | undefined {
    const count = Math.min(buffer.length, this.#payload.length);
    if (count === 0) return undefined;
    buffer.set(this.#payload.subarray(0, count));
    this.#payload = this.#payload.subarray(count);
    return count;
  }

  close(): void {
    this.closed = true;
    for (const timer of this.#timers) this.#settings.timer.clear(timer);
    this.#timers = [];
  }

  // --- what the test calls

  /** DNS answers and the socket connects: CONNECT leaves. */
  resolve(): void {
    this.resolution?.onResolved(this.options.host, "127.0.0.1");
    if (!this.closed && this.#state === "connecting") this.#state = "login";
  }

  /** CONNACK, then onWritable at once, as the SDK does. */
  accept(): void {
    if (this.closed) return;
    assert.equal(this.#state, "login");
    this.#state = "connected";
    this.#writable = this.#capacity;
    this.#keepAlive();
    this.options.onControl?.call(this, { operation: 2, returnCode: 0 });
    if (!this.closed) this.options.onWritable?.call(this, this.#writable - OVERHEAD);
    this.#settings.timer.catchUp();
  }

  /** DNS, TCP, TLS failure, refused CONNACK, FIN, RST: all look the same. */
  fail(): void {
    if (this.closed) return;
    this.options.onError?.call(this);
    this.close();
    this.#settings.timer.catchUp();
  }

  /** The socket ends and says why, which the client does not pass on. */
  failSocket(cause: unknown): void {
    const { io } = this.options.socket as SocketOption;
    // Only now, as what is made of it is all that counts here.
    new io({ onError: () => this.fail() }).given.onError(cause);
  }

  suback(id: number, ...codes: number[]): void {
    this.#control({ operation: 9, id, payload: codes });
  }

  puback(id: number): void {
    this.#control({ operation: 4, id });
  }

  unsuback(id: number): void {
    this.#control({ operation: 11, id });
  }

  /** A message from the broker in fragments of at most `fragment` bytes. */
  deliver(
    topic: string,
    payload: Uint8Array | string,
    options: { qos?: number; id?: number; fragment?: number } = {},
  ): void {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    if (bytes.length === 0) {
      this.#wedged = true;
      return;
    }
    const size = options.fragment ?? bytes.length;
    for (let start = 0; start < bytes.length; start += size) {
      const part = bytes.subarray(start, start + size);
      const more = start + size < bytes.length;
      const first = start === 0 ? { topic, byteLength: bytes.length, QoS: options.qos ?? 0 } : {};
      this.#parse(() => {
        this.#payload = part;
        if (!more && options.id !== undefined) this.acknowledged.push(options.id);
        this.options.onReadable?.call(this, part.length, { ...first, more });
        // The parser goes on with the socket that was closed.
        if (this.closed) throw new SyntaxError("invalid host object");
        assert.equal(this.#payload.length, 0, "every byte that is offered has to be read");
      });
    }
    this.#settings.timer.catchUp();
  }

  /** Room in the socket changes without the client saying so, as when it writes a PUBACK of its own. */
  steal(bytes: number): void {
    this.#writable = Math.max(0, this.#writable - bytes);
    this.#drainLater();
  }

  // --- inside

  #parse(event: () => void): void {
    if (this.closed || this.#wedged) return;
    event();
  }

  #control(message: { operation: number; id?: number; payload?: number[] }): void {
    this.#parse(() => this.options.onControl?.call(this, message));
    this.#settings.timer.catchUp();
  }

  #continue(data: Uint8Array | null, options?: WriteOptions): number {
    const partial = this.#partial;
    if (this.#state !== "publishing" || options !== undefined || data === null || partial === undefined)
      throw new Error("");
    if (data.length > this.#remaining) throw new Error("");
    if (data.length > this.#writable) throw new Error("would block");
    this.#used(data.length);
    this.#remaining -= data.length;
    partial.fragments += 1;
    const joined = new Uint8Array(partial.payload.length + data.length);
    joined.set(partial.payload);
    joined.set(data, partial.payload.length);
    partial.payload = joined;
    if (this.#remaining === 0) {
      this.#state = "connected";
      this.#partial = undefined;
      this.#whole(partial);
    }
    return this.#left();
  }

  #packet(data: Uint8Array | null, options: WriteOptions): SentPacket {
    const { operation = 3, id = 0, items = [], topic } = options;
    const filters = items.map((item) => item.topic);
    switch (operation) {
      case 3: {
        if (!(data instanceof Uint8Array)) {
          this.#corrupt = true;
          throw new TypeError("data is no buffer");
        }
        assert.ok(topic !== undefined && topic.length > 0);
        assert.ok((options.QoS ?? 0) === 0 || id > 0, "a packet id is passed");
        const { QoS: qos = 0, duplicate: dup = false } = options;
        return { type: "publish", topic, payload: data.slice(), qos, id, dup, fragments: 1 };
      }
      case SUBSCRIBE:
        assert.ok(id > 0 && id < 65_536 && filters.length > 0);
        return { type: "subscribe", id, filters, qos: items.map((item) => item.QoS ?? 0) };
      case UNSUBSCRIBE:
        assert.ok(id > 0 && filters.length > 0);
        return { type: "unsubscribe", id, filters };
      case PINGREQ:
        return { type: "pingreq" };
      case DISCONNECT:
        return { type: "disconnect" };
      default:
        throw new Error("unknown");
    }
  }

  #size(packet: SentPacket): number {
    if (packet.type !== "subscribe" && packet.type !== "unsubscribe") return 2;
    const body = packet.filters.reduce((sum, filter) => sum + filter.length + 3, 2);
    return body + (body < 128 ? 2 : 3);
  }

  #whole(packet: SentPacket): void {
    this.sent.push(packet);
    if (packet.type === "disconnect") return;
    this.#later(0, () => this.#settings.onPacket?.(this, packet));
  }

  #used(count: number): void {
    this.#writable -= count;
    this.#drainLater();
  }

  #left(): number {
    return Math.max(0, this.#writable - OVERHEAD);
  }

  #drainLater(): void {
    if (this.#draining || this.#settings.draining === false) return;
    this.#draining = true;
    this.#later(this.#settings.drainMs ?? 20, () => {
      this.#draining = false;
      this.#writable = this.#capacity;
      this.options.onWritable?.call(this, this.#writable - OVERHEAD);
    });
  }

  /** Answers to PINGREQ are left to `answerPings`. */
  answerPings = true;
  #pong = 0;

  #keepAlive(): void {
    const interval = Math.ceil((this.options.keepAlive ?? 0) / 1000) * 1000;
    if (interval === 0) return;
    this.#pong = this.#settings.timer.now;
    let ping = this.#pong;
    const tick = () => {
      const { now } = this.#settings.timer;
      if (now - this.#pong >= interval * 1.5) return this.fail();
      if (now - ping >= interval * 0.75 - 500) {
        ping = now;
        this.sent.push({ type: "pingreq" });
        if (this.answerPings)
          this.#parse(() => {
            this.#pong = now;
            this.options.onControl?.call(this, { operation: 13 });
          });
      }
      if (!this.closed) this.#later(interval / 4, tick);
    };
    this.#later(interval / 4, tick);
  }

  #later(ms: number, body: () => void): void {
    const timer = this.#settings.timer.set(() => {
      this.#timers = this.#timers.filter((candidate) => candidate !== timer);
      if (!this.closed) body();
    }, ms);
    this.#timers.push(timer);
  }
}

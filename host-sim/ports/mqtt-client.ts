/**
 * SDK `embedded:network/mqtt/client`: MQTT 3.1.1 over a socket class, with the limits a session above it has to live
 * with. No reconnect, no repetition, no reason in `onError`, no cancelled name resolution, and {@link MqttParser}'s
 * weakness for empty payloads.
 */
import { concat, isByteBuffer } from "./bytes.js";
import {
  byteTarget,
  type ClientSocket,
  type ResolverEndpoint,
  type SocketEndpoint,
  shortened,
} from "./client-socket.js";
import { callHost } from "./host.js";
import {
  acknowledgePacket,
  connectPacket,
  Operation,
  publishHeader,
  subscribePacket,
  type TopicItem,
  unsubscribePacket,
  type Will,
} from "./mqtt-packets.js";
import { type ControlMessage, type IncomingPublish, MqttParser } from "./mqtt-parser.js";
import Time from "./time.js";
import Timer, { type TimerId } from "./timer.js";

interface MQTTClientOptions {
  readonly host: string;
  readonly port?: number;
  readonly id?: string;
  readonly clean?: boolean;
  /** ms; 0 = none. `keepalive` is taken too. */
  readonly keepAlive?: number;
  readonly keepalive?: number;
  readonly user?: string | ArrayBuffer;
  readonly password?: string | ArrayBuffer;
  readonly will?: Will;
  readonly format?: string;
  readonly target?: unknown;
  readonly dns: ResolverEndpoint;
  readonly socket: SocketEndpoint;
  readonly onReadable?: (this: MQTTClient, count: number, options: object) => void;
  readonly onWritable?: (this: MQTTClient, count: number) => void;
  readonly onControl?: (this: MQTTClient, message: ControlMessage) => void;
  readonly onError?: (this: MQTTClient) => void;
}

interface WriteOptions {
  readonly operation?: number;
  readonly id?: number;
  readonly topic?: string;
  readonly QoS?: number;
  readonly retain?: boolean;
  readonly duplicate?: boolean;
  readonly byteLength?: number;
  readonly items?: readonly TopicItem[];
}

/** A packet of the client's own, waiting for room or for the end of a partial publish. */
interface Pending {
  readonly bytes: number;
  readonly options: WriteOptions;
  readonly isKeepAlive: boolean;
}

type State = "resolving" | "connecting" | "login" | "connected" | "publishing" | "closed";

/** Room held back from what the program is told it may write. */
const OVERHEAD = 8;
const CONNECT_TIMEOUT_MS = 30_000;
const DEFAULT_PORT = 1883;
const ACKNOWLEDGE_BYTES = 4;
const PING_BYTES = 2;
const PING_TOLERANCE_MS = 500;

class MQTTClient {
  static readonly CONNECT = Operation.CONNECT;
  static readonly CONNACK = Operation.CONNACK;
  static readonly PUBLISH = Operation.PUBLISH;
  static readonly PUBACK = Operation.PUBACK;
  static readonly PUBREC = Operation.PUBREC;
  static readonly PUBREL = Operation.PUBREL;
  static readonly PUBCOMP = Operation.PUBCOMP;
  static readonly SUBSCRIBE = Operation.SUBSCRIBE;
  static readonly SUBACK = Operation.SUBACK;
  static readonly UNSUBSCRIBE = Operation.UNSUBSCRIBE;
  static readonly UNSUBACK = Operation.UNSUBACK;
  static readonly PINGREQ = Operation.PINGREQ;
  static readonly PINGRESP = Operation.PINGRESP;
  static readonly DISCONNECT = Operation.DISCONNECT;

  declare target: unknown;
  #options: MQTTClientOptions | undefined;
  #socket: ClientSocket | undefined;
  #state: State = "resolving";
  #parser = new MqttParser();
  #parsing = false;
  /** Room in the socket. */
  #writable = 0;
  /** Unread bytes in the socket; those of the current payload offered to the program. */
  #readable = 0;
  #payload = 0;
  #incoming: (IncomingPublish & { remaining: number; offered: boolean }) | undefined;
  /** Bytes still owed to a partial publish. */
  #owed = 0;
  #lastId = 1;
  #pending: Pending[] = [];
  #pingAt = 0;
  #pongAt = 0;
  #timers: { connect?: TimerId; keepAlive?: TimerId; resume?: TimerId | undefined; flush?: TimerId | undefined } = {};

  constructor(options: MQTTClientOptions) {
    this.format = options.format ?? "buffer";
    if (options.target !== undefined) this.target = options.target;
    if (!options.host) throw new Error("host required");
    this.#options = { ...options };
    const dns = new options.dns.io(options.dns);
    dns.resolve({
      host: options.host,
      onResolved: (host, address) => {
        // Also after close(): the resolution is not cancelled, and what follows fails outside of any guard.
        try {
          this.#connect(this.#open(), host, address);
        } catch {
          this.#fail();
        }
      },
      onError: () => this.#fail(),
    });
  }

  get format(): string {
    return "buffer";
  }

  set format(value: string) {
    if (value !== "buffer") throw new RangeError();
  }

  /** Sends no DISCONNECT. No callback follows. */
  close(): void {
    for (const timer of Object.values(this.#timers)) Timer.clear(timer);
    this.#timers = {};
    this.#state = "closed";
    this.#socket?.close();
    this.#socket = undefined;
    this.#options = undefined;
    this.#writable = 0;
    this.#readable = 0;
    this.#payload = 0;
  }

  /** Reads from the current payload: everything offered, a count (clamped), or into a buffer. */
  read(argument: unknown = this.#payload): unknown {
    let target = typeof argument === "object" && argument !== null ? byteTarget(argument) : undefined;
    let count = target === undefined ? Number(argument) : target.byteLength;
    if (count > this.#payload) {
      count = this.#payload;
      if (count === 0) return undefined;
      if (target !== undefined) target = shortened(target, count);
    }
    this.#readable -= count;
    this.#payload -= count;
    const socket = this.#live();
    socket.format = "buffer";
    const result = socket.read(target ?? count);
    if (this.#payload === 0 && !this.#parsing) {
      this.#timers.resume ??= Timer.set(() => {
        this.#timers.resume = undefined;
        if (this.#readable > 0) this.#parse();
      });
    }
    return result;
  }

  /** Returns how much may be written next. A packet, or the first part of a publish, must fit into the socket whole. */
  write(data: unknown, options?: WriteOptions): number {
    const socket = this.#live();
    socket.format = "buffer";
    if (this.#state !== "connected") return this.#writePart(socket, data, options);
    if (options === undefined) throw new TypeError("no options");
    // Counted up by every write that brings no id, and never wrapped.
    const id = options.id ?? ++this.#lastId;
    const operation = options.operation ?? Operation.PUBLISH;
    switch (operation) {
      case Operation.PUBLISH:
        this.#publish(socket, data, options, id);
        break;
      case Operation.SUBSCRIBE:
        this.#send(socket, subscribePacket(options.items ?? [], id));
        break;
      case Operation.UNSUBSCRIBE:
        this.#send(socket, unsubscribePacket(options.items ?? [], id));
        break;
      case Operation.PUBACK:
      case Operation.PUBREC:
      case Operation.PUBREL:
      case Operation.PUBCOMP:
        this.#send(socket, acknowledgePacket(operation, id));
        break;
      case Operation.PINGREQ:
        this.#pingAt = Time.ticks;
        this.#send(socket, Uint8Array.of(operation << 4, 0));
        break;
      case Operation.DISCONNECT:
        this.#send(socket, Uint8Array.of(operation << 4, 0));
        break;
      default:
        throw new Error("unknown");
    }
    return this.#room();
  }

  #room(): number {
    return this.#writable > OVERHEAD ? this.#writable - OVERHEAD : 0;
  }

  #live(): ClientSocket {
    if (this.#socket === undefined) throw new TypeError("cannot coerce undefined to object");
    return this.#socket;
  }

  #open(): MQTTClientOptions {
    if (this.#options === undefined) throw new TypeError("cannot coerce undefined to object");
    return this.#options;
  }

  #connect(options: MQTTClientOptions, host: string, address: string): void {
    this.#state = "connecting";
    this.#socket = new options.socket.io({
      ...options.socket,
      address,
      host,
      port: options.port ?? DEFAULT_PORT,
      onReadable: (count: number) => {
        this.#readable = count;
        if (this.#payload === 0) this.#parse();
      },
      onWritable: (count: number) => this.#roomChanged(count),
      onError: (error?: string) => this.#fail(error),
    });
    this.#timers.connect = Timer.set(() => this.#fail(), CONNECT_TIMEOUT_MS);
  }

  #login(socket: ClientSocket): void {
    const options = this.#open();
    Timer.clear(this.#timers.connect);
    const keepAliveSeconds = Math.ceil((options.keepAlive ?? options.keepalive ?? 0) / 1000);
    const packet = connectPacket({
      id: options.id ?? "",
      clean: options.clean ?? true,
      keepAliveSeconds,
      user: options.user,
      password: options.password,
      will: options.will,
    });
    this.#writable = socket.write(packet) ?? 0;
    if (keepAliveSeconds > 0) {
      this.#pingAt = this.#pongAt = Time.ticks;
      const interval = keepAliveSeconds * 1000;
      this.#timers.keepAlive = Timer.repeat(() => this.#keepAlive(interval), interval / 4);
    }
    this.#state = "login";
  }

  #roomChanged(count: number): void {
    this.#writable = count;
    if (this.#state === "connecting") {
      this.#login(this.#live());
      return;
    }
    if (this.#state !== "connected" && this.#state !== "publishing") return;
    while (this.#state === "connected") {
      const next = this.#pending[0];
      if (next === undefined) break;
      if (this.#writable < next.bytes) return;
      this.#pending.shift();
      this.write(null, next.options);
    }
    if (this.#writable > OVERHEAD) this.#options?.onWritable?.call(this, this.#writable - OVERHEAD);
  }

  #send(socket: ClientSocket, packet: Uint8Array): void {
    if (packet.byteLength > this.#writable) throw new Error("overflow");
    this.#writable = socket.write(packet) ?? 0;
  }

  #writePart(socket: ClientSocket, data: unknown, options: WriteOptions | undefined): number {
    const length = lengthOf(data);
    if (this.#state !== "publishing" || options !== undefined || length > this.#owed) throw new Error();
    this.#writable = socket.write(data) ?? 0;
    this.#owed -= length;
    if (this.#owed === 0) this.#state = "connected";
    return this.#room();
  }

  #publish(socket: ClientSocket, data: unknown, options: WriteOptions, id: number): void {
    const part = lengthOf(data);
    const total = options.byteLength ?? part;
    if (part > total) throw new Error("invalid");
    const header = publishHeader({
      topic: options.topic,
      id,
      QoS: options.QoS ?? 0,
      retain: options.retain === true,
      duplicate: options.duplicate === true,
      byteLength: total,
    });
    if (header.byteLength + part > this.#writable) throw new Error("overflow");
    if (!isByteBuffer(data)) {
      // The header is out before the payload turns out to be no buffer: the stream is of no use from here on.
      socket.write(header);
      throw new TypeError("no buffer");
    }
    const payload = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, part)
      : new Uint8Array(data);
    this.#writable = socket.write(concat([header, payload])) ?? 0;
    if (part < total) {
      this.#state = "publishing";
      this.#owed = total - part;
    }
  }

  #parse(): void {
    const socket = this.#live();
    socket.format = "number";
    this.#parsing = true;
    while (this.#readable > 0 && !this.#parser.wedged) {
      if (this.#incoming !== undefined) {
        this.#offer(socket, this.#incoming);
        if (this.#payload > 0) break;
        continue;
      }
      this.#readable -= 1;
      const parsed = this.#parser.take(Number(socket.read()));
      if (parsed.kind === "invalid") {
        this.#fail(parsed.reason);
        break;
      }
      if (parsed.kind === "control") {
        if (!this.#control(parsed.message)) return;
      } else if (parsed.kind === "publish") {
        this.#incoming = { ...parsed.publish, remaining: parsed.publish.byteLength, offered: false };
      }
    }
    this.#parsing = false;
  }

  /**
   * Hands what has arrived of a payload to the program. The acknowledgement is on its way before the program has seen
   * the end.
   */
  #offer(socket: ClientSocket, incoming: IncomingPublish & { remaining: number; offered: boolean }): void {
    const available = Math.min(incoming.remaining, this.#readable);
    this.#payload = available;
    incoming.remaining -= available;
    const more = incoming.remaining > 0;
    const { topic, byteLength, QoS } = incoming;
    const options = incoming.offered ? { more } : { topic, byteLength, QoS, more };
    incoming.offered = true;
    if (!more) {
      this.#incoming = undefined;
      if (incoming.id !== undefined) {
        this.#queue(QoS === 1 ? Operation.PUBACK : Operation.PUBREC, incoming.id);
      }
    }
    this.#options?.onReadable?.call(this, available, options);
    // On a plain socket that the program closed in its callback this throws.
    socket.format = "number";
  }

  /** `false` when the client was closed meanwhile. */
  #control(message: ControlMessage): boolean {
    const { operation } = message;
    if (operation === Operation.PINGRESP) this.#pongAt = Time.ticks;
    if (operation === Operation.CONNACK) {
      if (message.returnCode !== 0) {
        this.#fail("connection rejected");
        return false;
      }
      this.#state = "connected";
    }
    if (operation === Operation.PUBREC) this.#queue(Operation.PUBREL, message.id ?? 0);
    if (operation === Operation.PUBREL) this.#queue(Operation.PUBCOMP, message.id ?? 0);
    this.#options?.onControl?.call(this, message);
    if (operation === Operation.CONNACK && this.#writable > OVERHEAD) {
      this.#options?.onWritable?.call(this, this.#writable - OVERHEAD);
    }
    if (this.#socket === undefined) return false;
    this.#socket.format = "number";
    return true;
  }

  #queue(operation: number, id: number | undefined): void {
    const isKeepAlive = operation === Operation.PINGREQ;
    const options = id === undefined ? { operation } : { operation, id };
    this.#pending.push({ bytes: isKeepAlive ? PING_BYTES : ACKNOWLEDGE_BYTES, options, isKeepAlive });
    this.#timers.flush ??= Timer.set(() => {
      this.#timers.flush = undefined;
      this.#roomChanged(this.#writable);
    });
  }

  /** A ping at about 3/4 of the interval, whatever else was sent. */
  #keepAlive(interval: number): void {
    const now = Time.ticks;
    if (Time.delta(this.#pongAt, now) >= interval * 1.5) {
      this.#fail("time out");
      return;
    }
    if (Time.delta(this.#pingAt, now) < (interval / 4) * 3 - PING_TOLERANCE_MS) return;
    if (this.#pending.some((pending) => pending.isKeepAlive)) this.#fail("time out");
    else this.#queue(Operation.PINGREQ, undefined);
  }

  #fail(reason?: string): void {
    callHost("trace", `mqttClient error: ${reason ?? "unknown"}\n`);
    this.#open().onError?.call(this);
    this.close();
  }
}

/** `byteLength` as JavaScript would read it: NaN for a string, TypeError for null. */
function lengthOf(data: unknown): number {
  if (data === null || data === undefined) throw new TypeError("cannot coerce to object");
  return isByteBuffer(data) ? data.byteLength : Number.NaN;
}

export default MQTTClient;

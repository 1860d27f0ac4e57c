/** The session's MQTT client, which is host-sim's port, and a broker at the other end that does what the test says. */
import assert from "node:assert/strict";
import mqttPacket, { type Packet } from "mqtt-packet";
import type { PeerConnection } from "../../host-sim/board/network/index.js";
import type { ResolverEndpoint, SocketEndpoint } from "../../host-sim/ports/client-socket.js";
import Resolver from "../../host-sim/ports/dns-resolver.js";
import MQTTClient from "../../host-sim/ports/mqtt-client.js";
import TCP from "../../host-sim/ports/tcp.js";
import { type MqttClientOptions, type MqttEndpoint, SUBACK } from "../../modules/mqtt-session/mqtt-client-port.js";
import { type Delivery, packetReader, publishBytes, type SentPacket } from "./mqtt-packets.js";
import type { PortsBoard } from "./ports-board.js";

type Resolution = {
  readonly host: string;
  onResolved(host: string, address: string): void;
  onError(host: string): void;
};

export type BrokerSettings = {
  readonly board: PortsBoard;
  readonly clients: MqttConnection[];
  /** False: names are resolved and connections accepted by hand. */
  connect: boolean;
  /** Called for each whole packet that reaches the broker, pings and DISCONNECT apart. */
  onPacket(client: MqttConnection, packet: SentPacket): void;
  /** Called in place of the resolver. */
  onResolve?(client: MqttConnection): void;
  /** Thrown by the next constructor of a client. */
  constructorError?: Error | undefined;
  /** Thrown by the constructor of each socket. */
  socketError?: Error | undefined;
};

/**
 * One client as the session made it, and what the broker does to it. What the test does as the broker takes effect at
 * once: all that is due then runs before the call returns, unless something is running already.
 */
export class MqttConnection {
  readonly sent: SentPacket[] = [];
  /** Packet ids that the client acknowledged by itself. */
  readonly acknowledged: number[] = [];
  closed = false;
  /** Thrown by everything the session writes. */
  refuseWrites: Error | undefined;
  /** False: PINGREQ stays unanswered. */
  answerPings = true;
  resolver: { closed: boolean } | undefined;
  resolution: Resolution | undefined;
  /** Lets the name be resolved, where that waits for the test. */
  lookUp: () => void = () => {};
  client: { close(): void } | undefined;
  /** Ends the socket, as one does that gives a reason. */
  endSocket: ((cause: unknown) => void) | undefined;
  readonly #settings: BrokerSettings;
  #peer: PeerConnection | undefined;
  #loggedIn = false;

  constructor(
    readonly options: MqttClientOptions,
    settings: BrokerSettings,
  ) {
    this.#settings = settings;
  }

  /** DNS answers and the socket connects: CONNECT arrives. */
  resolve(): void {
    this.lookUp();
    this.#settle();
  }

  /** CONNACK. */
  accept(): void {
    if (this.closed) return;
    assert.ok(this.#loggedIn, "CONNECT has come");
    this.#send({ cmd: "connack", returnCode: 0, sessionPresent: false });
    this.#settle();
  }

  /** The name is not resolved, or the connection is reset. */
  fail(): void {
    if (this.closed) return;
    if (this.#peer !== undefined) this.#peer.reset();
    else this.resolution?.onError(this.options.host);
    this.#settle();
  }

  /** The socket, connected or not, ends and says why. */
  failSocket(cause: unknown): void {
    if (this.endSocket === undefined) this.lookUp();
    this.#settle();
    assert.ok(this.endSocket !== undefined, "there is a socket");
    this.endSocket(cause);
    this.#settle();
  }

  /** Closes the client, of which the session is not told. */
  close(): void {
    this.client?.close();
  }

  /** Any bytes. */
  answer(bytes: Uint8Array | string): void {
    this.#peer?.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    this.#settle();
  }

  suback(id: number, ...granted: number[]): void {
    // Put together here: the codec makes none whose codes are too few.
    this.#peer?.write(Uint8Array.of(SUBACK << 4, 2 + granted.length, id >> 8, id, ...granted));
    this.#settle();
  }

  puback(id: number): void {
    this.#send({ cmd: "puback", messageId: id });
    this.#settle();
  }

  unsuback(id: number): void {
    this.#send({ cmd: "unsuback", messageId: id, granted: [] });
    this.#settle();
  }

  /** A message from the broker, in segments of at most `fragment` bytes. */
  deliver(
    topic: string,
    payload: Uint8Array | string,
    { fragment, ...options }: Pick<Delivery, "qos" | "id"> & { fragment?: number } = {},
  ): void {
    const { network } = this.#settings.board;
    const { link } = network;
    if (fragment !== undefined) network.link = { ...link, chunkBytes: fragment };
    this.deliverAll([{ topic, payload, ...options }]);
    network.link = link;
  }

  /** Several messages in one segment. */
  deliverAll(messages: readonly Delivery[]): void {
    this.#peer?.write(Buffer.concat(messages.map(publishBytes)));
    this.#settle();
  }

  /** The beginning of a message, with so many bytes of its payload. */
  deliverPart(message: Delivery & { readonly payload: string }, bytes: number): void {
    this.#settle();
    const whole = publishBytes(message);
    this.#peer?.write(whole.subarray(0, whole.length - message.payload.length + bytes));
    this.#settle();
  }

  /** The TCP connection stands. */
  serve(peer: PeerConnection): void {
    this.#peer = peer;
    peer.onData = packetReader((packet, sent) => this.#received(packet, sent));
  }

  /** Bytes that the client writes. */
  readonly observe = packetReader((packet, sent) => {
    if (packet.cmd === "puback") this.acknowledged.push(packet.messageId ?? 0);
    if (sent !== undefined) this.sent.push(sent);
  });

  #received(packet: Packet, sent: SentPacket | undefined): void {
    if (packet.cmd === "connect") {
      this.#loggedIn = true;
      if (this.#settings.connect) this.accept();
    } else if (packet.cmd === "pingreq") {
      if (this.answerPings) this.#send({ cmd: "pingresp" });
    } else if (sent !== undefined && packet.cmd !== "disconnect") {
      this.#settings.onPacket(this, sent);
    }
  }

  #send(packet: Packet): void {
    this.#peer?.write(mqttPacket.generate(packet));
  }

  #settle(): void {
    this.#settings.board.timer.settle();
  }
}

/** An endpoint as `device.network.mqtts`, over plain TCP, whose clients are collected in `settings.clients`. */
export function brokerEndpoint(settings: BrokerSettings): MqttEndpoint {
  const latest = (): MqttConnection => settings.clients.at(-1) ?? assert.fail("no client was made");
  class Client extends MQTTClient {
    declare connection: MqttConnection | undefined;

    constructor(options: MqttClientOptions) {
      const connection = new MqttConnection(options, settings);
      settings.clients.push(connection);
      const { constructorError } = settings;
      settings.constructorError = undefined;
      if (constructorError !== undefined) throw constructorError;
      super({
        ...options,
        dns: options.dns as ResolverEndpoint,
        socket: options.socket as SocketEndpoint,
        onReadable(count, fragment) {
          options.onReadable(count, fragment);
          if (!connection.closed) assert.equal(this.read(1), undefined, "every byte that is offered has to be read");
        },
      });
      this.connection = connection;
      connection.client = this;
    }

    override write(data: unknown, options?: Parameters<MQTTClient["write"]>[1]): number {
      if (this.connection?.refuseWrites !== undefined) throw this.connection.refuseWrites;
      const needsId = (options?.QoS ?? 0) > 0 || options?.items !== undefined;
      if (needsId) assert.ok((options?.id ?? 0) > 0 && (options?.id ?? 0) < 65_536, "a packet id is passed");
      return super.write(data, options);
    }

    override close(): void {
      // A client that closes itself within its constructor is the latest one.
      (this.connection ?? latest()).closed = true;
      super.close();
    }
  }
  class ObservedResolver extends Resolver {
    closed = false;

    override resolve(request: Resolution): void {
      const connection = latest();
      connection.resolver = this;
      connection.resolution = request;
      connection.lookUp = () => super.resolve(request);
      if (settings.onResolve !== undefined) settings.onResolve(connection);
      else if (settings.connect) connection.lookUp();
    }

    override close(): void {
      this.closed = true;
      super.close();
    }
  }
  class ObservedTcp extends TCP {
    readonly #connection = latest();

    constructor(options: ConstructorParameters<typeof TCP>[0]) {
      if (settings.socketError !== undefined) throw settings.socketError;
      super(options);
      const { onError } = options as { onError?(this: TCP, cause: unknown): void };
      this.#connection.endSocket = (cause) => onError?.call(this, cause);
    }

    override write(value: Uint8Array): number | undefined {
      const room = super.write(value);
      this.#connection.observe(value);
      return room;
    }
  }
  return {
    io: Client,
    dns: { io: ObservedResolver, servers: ["192.0.2.53"], socket: {} },
    socket: { io: ObservedTcp },
  };
}

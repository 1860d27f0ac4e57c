import {
  generate,
  type IConnackPacket,
  type IConnectPacket,
  type IPublishPacket,
  type ISubackPacket,
  type ISubscribePacket,
  type Packet,
  parser,
} from "mqtt-packet";
import type { CancelTimer } from "../context.js";
import { FaultLane } from "../faults/fault-lane.js";
import { RateLimit } from "../jobs/rate-limit.js";
import type { Authorizer } from "../policy/authorizer.js";
import { mayDeliver } from "./delivery.js";
import { type DisconnectReason, REASON_CODE, type ReasonCode } from "./disconnect-reason.js";
import { PacketFramer, peekPacket } from "./framing.js";
import type { MqttHub } from "./hub.js";
import {
  checkPublish,
  checkSubscribe,
  effectiveKeepAlive,
  type SessionPlan,
  sessionPlan,
  type Verdict,
} from "./rules.js";
import type { Session } from "./sessions.js";
import { connackFor, refusedConnack, TopicAliases, toVersion5 } from "./version5.js";

/** Header and topic beside the largest payload; more cannot be a packet that AWS IoT takes. */
const PACKET_ALLOWANCE_BYTES = 16 * 1024;

/** The bytes' way to the client. */
export interface ClientPort {
  write(bytes: Uint8Array): void;
  /** Ends the connection once what was written is out. */
  close(): void;
  readonly address?: string;
}

/**
 * One client connection: frames and decodes, applies the rules and policies of AWS IoT, keeps the keep-alive, speaks MQTT 5 towards
 * clients that do, answers requests to the Jobs service, and hands the rest to a {@link Session}. Synchronous; both front ends use it.
 */
export class ClientConnection {
  readonly #hub: MqttHub;
  readonly #port: ClientPort;
  readonly certificateId: string;
  readonly #framer: PacketFramer;
  readonly #parser = parser();
  readonly #in: FaultLane;
  readonly #out: FaultLane;
  readonly #rate: RateLimit;
  readonly #aliases = new TopicAliases();
  readonly #subscribes = new Map<number, readonly { readonly topic: string; readonly refused?: ReasonCode }[]>();
  readonly #unsubscribes = new Map<number, number>();
  readonly #held: Packet[] = [];
  readonly #undecoded: Uint8Array[] = [];
  #isDecoding = false;
  #state: "new" | "connecting" | "connected" | "closed" = "new";
  #clientId = "";
  #connect: IConnectPacket | undefined;
  #authorizer: Authorizer | undefined;
  #session: Session | undefined;
  #plan: SessionPlan | undefined;
  #keepAliveSeconds = 0;
  #lastActivity = 0;
  #stopTimer: CancelTimer;

  constructor(hub: MqttHub, port: ClientPort, certificateId: string) {
    this.#hub = hub;
    this.#port = port;
    this.certificateId = certificateId;
    const { clock } = hub.context;
    const { options } = hub;
    this.#framer = new PacketFramer(options.maxPayloadBytes + PACKET_ALLOWANCE_BYTES);
    this.#rate = new RateLimit(clock, options.maxPublishesPerSecond);
    const lane = { clock, plan: hub.faults, clientId: () => this.#clientId, close: () => this.end("CONNECTION_LOST") };
    this.#in = new FaultLane({ ...lane, direction: "in", pass: (bytes) => this.#parse(bytes) });
    this.#out = new FaultLane({ ...lane, direction: "out", pass: (bytes) => this.#port.write(bytes) });
    this.#parser.on("packet", (packet: Packet) => this.#guarded(packet));
    this.#parser.on("error", (error: unknown) => this.#fail("malformedPacket", String(error)));
    this.#stopTimer = clock.after(options.connectTimeoutMs, () => this.#fail("protocolError", "no CONNECT"));
  }

  get clientId(): string {
    return this.#clientId;
  }

  get address(): string | undefined {
    return this.#port.address;
  }

  get isConnected(): boolean {
    return this.#state === "connected";
  }

  /** Bytes from the client. */
  receive(bytes: Uint8Array): void {
    if (this.#state === "closed") return;
    const error = this.#framer.push(bytes, (packet) => {
      const { name, topic } = peekPacket(packet);
      this.#in.push(packet, name, topic);
      return this.#state !== "closed";
    });
    if (error === "malformed") this.#fail("malformedPacket", "no MQTT");
    if (error === "too-large") this.#fail("packetTooLarge", "packet too large");
  }

  /** The client closed the transport. */
  transportClosed(): void {
    this.#finish("CONNECTION_LOST");
  }

  /** Ends the connection; over MQTT 5 with DISCONNECT and its reason. */
  end(reason: DisconnectReason, code: ReasonCode = "serverShuttingDown"): void {
    if (this.#state === "closed") return;
    if (this.#isVersion5 && this.#state === "connected") {
      this.#send({ cmd: "disconnect", reasonCode: REASON_CODE[code] });
    }
    this.#finish(reason);
    this.#port.close();
  }

  /** A message for this client alone, subject to `iot:Receive`. */
  deliver(topic: string, payload: string): void {
    const session = this.#session;
    if (session === undefined || this.#state === "closed") return;
    const qos = mayDeliver(session.subscriptions(), topic)?.qos ?? this.#hub.options.unsubscribedAnswerQos;
    session.deliver(topic, Buffer.from(payload, "utf8"), qos);
  }

  get #isVersion5(): boolean {
    return this.#connect?.protocolVersion === 5;
  }

  /** The decoder cannot be entered again, but a client without a network between answers before `write` returns. */
  #parse(bytes: Uint8Array): void {
    this.#undecoded.push(bytes);
    if (this.#isDecoding) return;
    this.#isDecoding = true;
    for (let next = this.#undecoded.shift(); next !== undefined; next = this.#undecoded.shift()) {
      if (this.#state !== "closed") this.#parser.parse(Buffer.from(next));
    }
    this.#isDecoding = false;
  }

  /** No packet of a client may end the server, whatever it finds. */
  #guarded(packet: Packet): void {
    try {
      this.#packet(packet);
    } catch (error) {
      this.#hub.context.log(`mqtt: ${this.#clientId}: ${packet.cmd} failed: ${error}`);
      this.end("SERVER_INITIATED_DISCONNECT");
    }
  }

  #packet(packet: Packet): void {
    if (this.#state === "closed") return;
    if (this.#state === "new") {
      if (packet.cmd === "connect") this.#onConnect(packet);
      else this.#fail("protocolError", `${packet.cmd} before CONNECT`);
      return;
    }
    if (this.#state === "connecting" && packet.cmd !== "connect") {
      if (this.#hub.options.beforeConnack === "hold") this.#held.push(packet);
      else this.#fail("protocolError", `${packet.cmd} before CONNACK`);
      return;
    }
    this.#lastActivity = this.#hub.context.clock.now();
    switch (packet.cmd) {
      case "publish":
        this.#onPublish(packet);
        break;
      case "subscribe":
        this.#onSubscribe(packet);
        break;
      case "unsubscribe":
        this.#unsubscribes.set(packet.messageId ?? 0, packet.unsubscriptions.length);
        this.#session?.receive({
          cmd: "unsubscribe",
          messageId: packet.messageId ?? 0,
          unsubscriptions: packet.unsubscriptions,
        });
        break;
      case "puback":
        this.#session?.receive({ cmd: "puback", messageId: packet.messageId ?? 0 });
        break;
      case "pingreq":
        this.#send({ cmd: "pingresp" });
        break;
      case "disconnect":
        // MQTT 5 lets a client leave and still have its will published.
        this.#finish(packet.reasonCode === 4 ? "CONNECTION_LOST" : "CLIENT_INITIATED_DISCONNECT");
        this.#port.close();
        break;
      default:
        this.#fail("protocolError", `unexpected ${packet.cmd}`);
    }
  }

  #onConnect(packet: IConnectPacket): void {
    this.#connect = packet;
    const admission = this.#hub.admit(this, packet);
    if (admission.kind === "refused") {
      if (admission.returnCode !== undefined) this.#send(refusedConnack(packet.protocolVersion, admission.returnCode));
      this.#hub.context.log(`mqtt: ${packet.clientId}: CONNECT refused: ${admission.why}`);
      this.end("AUTH_ERROR");
      return;
    }
    const { options } = this.#hub;
    this.#state = "connecting";
    this.#clientId = admission.clientId;
    this.#authorizer = admission.authorizer;
    this.#plan = sessionPlan(packet, options);
    this.#keepAliveSeconds = effectiveKeepAlive(packet.keepalive ?? 0, options);
    this.#hub.takeOver(this);
    if (this.#plan.discardFirst) this.#hub.sessions.discard(this.#clientId);
    this.#session = this.#hub.sessions.open(this.#clientId, {
      send: (out) => this.#fromSession(out),
      end: () => this.end("SERVER_INITIATED_DISCONNECT"),
    });
    this.#session.receive({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: this.#plan.clean,
      clientId: this.#clientId,
      keepalive: 0, // kept here
    });
  }

  #onPublish(received: IPublishPacket): void {
    const topic = this.#aliases.resolve(received);
    if (topic === undefined) {
      this.#fail("protocolError", "unknown topic alias");
      return;
    }
    const packet = { ...received, topic };
    if (!this.#rate.take()) return; // discarded, without PUBACK
    const { options } = this.#hub;
    const authorizer = this.#authorizer;
    if (authorizer === undefined) return;
    if (!this.#follow(checkPublish(packet, authorizer, options, this.#isVersion5))) return;
    const acknowledge = () => {
      if (packet.qos === 1) this.#send({ cmd: "puback", messageId: packet.messageId ?? 0 });
    };
    this.#hub.publishFrom(this, packet, acknowledge);
  }

  #onSubscribe(packet: ISubscribePacket): void {
    const session = this.#session;
    const authorizer = this.#authorizer;
    if (session === undefined || authorizer === undefined) return;
    const { options } = this.#hub;
    const verdict = checkSubscribe(packet, authorizer, options, this.#isVersion5, session.subscriptions());
    if (verdict.kind !== "ok") {
      this.#follow(verdict);
      return;
    }
    const messageId = packet.messageId ?? 0;
    const granted = new Map(verdict.filters.filter((one) => one.refused === undefined).map((one) => [one.topic, one]));
    this.#subscribes.set(messageId, verdict.filters);
    const subscriptions = [...granted.values()].map(({ topic, qos }) => ({ topic, qos }));
    if (subscriptions.length > 0) session.receive({ cmd: "subscribe", messageId, subscriptions });
    else this.#onSuback({ cmd: "suback", messageId, granted: [] });
  }

  #follow(verdict: Verdict): boolean {
    if (verdict.kind !== "disconnect") return verdict.kind === "ok";
    this.#hub.context.log(`mqtt: ${this.#clientId}: ${verdict.reason}: ${verdict.why}`);
    this.end(verdict.reason, verdict.code);
    return false;
  }

  #fail(code: ReasonCode, why: string): void {
    this.#follow({ kind: "disconnect", reason: "CLIENT_ERROR", code, why });
  }

  #fromSession(packet: Packet): void {
    if (this.#state === "closed") return;
    if (packet.cmd === "connack") this.#onConnack(packet);
    else if (packet.cmd === "suback") this.#onSuback(packet);
    else if (packet.cmd === "publish") this.#onDelivery(packet);
    else if (packet.cmd === "unsuback") {
      const count = this.#unsubscribes.get(packet.messageId ?? 0) ?? 0;
      this.#unsubscribes.delete(packet.messageId ?? 0);
      this.#send(this.#isVersion5 ? toVersion5(packet, count) : packet);
    } else this.#send(packet);
  }

  #onConnack(packet: IConnackPacket): void {
    const connect = this.#connect;
    if (connect === undefined || this.#state !== "connecting") return;
    this.#state = "connected";
    const expirySeconds = this.#plan?.expirySeconds ?? 0;
    const settings = { options: this.#hub.options, keepAlive: this.#keepAliveSeconds, clientId: this.#clientId };
    this.#send(connackFor(connect, packet, { ...settings, expirySeconds }));
    this.#lastActivity = this.#hub.context.clock.now();
    this.#watchKeepAlive();
    this.#hub.connected(this);
    for (const held of this.#held.splice(0)) this.#guarded(held);
  }

  #onSuback(packet: ISubackPacket): void {
    const messageId = packet.messageId ?? 0;
    const filters = this.#subscribes.get(messageId) ?? [];
    this.#subscribes.delete(messageId);
    const asked = [...new Set(filters.filter((one) => one.refused === undefined).map((one) => one.topic))];
    const granted = filters.map(({ topic, refused }) => {
      if (refused !== undefined) return this.#isVersion5 ? REASON_CODE[refused] : 0x80;
      const code = packet.granted[asked.indexOf(topic)];
      return typeof code === "number" ? code : 0x80;
    });
    const suback: Packet = { cmd: "suback", messageId, granted };
    this.#send(this.#isVersion5 ? toVersion5(suback, 0) : suback);
  }

  #onDelivery(packet: IPublishPacket): void {
    const session = this.#session;
    const allowed =
      session !== undefined &&
      mayDeliver(session.subscriptions(), packet.topic, packet.retain) !== undefined &&
      this.#authorizer?.mayReceive(packet.topic);
    if (allowed) {
      if (this.#rate.take()) this.#send(packet);
      return;
    }
    // The session takes it for delivered, so that it does not keep it.
    if (packet.qos > 0) session?.receive({ cmd: "puback", messageId: packet.messageId ?? 0 });
  }

  #send(packet: Packet): void {
    if (this.#state === "closed") return;
    const bytes = generate(packet, { protocolVersion: this.#connect?.protocolVersion ?? 4 });
    this.#out.push(bytes, packet.cmd, packet.cmd === "publish" ? packet.topic : undefined);
  }

  #watchKeepAlive(): void {
    this.#stopTimer();
    const { clock } = this.#hub.context;
    const left = this.#lastActivity + this.#keepAliveSeconds * 1500 - clock.now();
    if (left <= 0) this.end("MQTT_KEEP_ALIVE_TIMEOUT", "keepAliveTimeout");
    else this.#stopTimer = clock.after(left, () => this.#watchKeepAlive());
  }

  #finish(reason: DisconnectReason): void {
    if (this.#state === "closed") return;
    const wasAdmitted = this.#state !== "new";
    this.#state = "closed";
    this.#stopTimer();
    this.#in.close();
    this.#out.close();
    this.#session?.close();
    const will = reason === "CLIENT_INITIATED_DISCONNECT" ? undefined : this.#connect?.will;
    const authorizer = this.#authorizer;
    if (wasAdmitted) this.#hub.disconnected(this, reason, this.#plan?.expirySeconds ?? 0);
    if (will !== undefined && authorizer !== undefined) this.#hub.publishWill(will, authorizer);
  }
}

import type {
  IConnackPacket,
  IConnectPacket,
  IPublishPacket,
  ISubscribePacket,
  IUnsubscribePacket,
  Packet,
} from "mqtt-packet";
import { RateLimit } from "../context/rate-limit.js";
import type { Authorizer } from "../policy/authorizer.js";
import type { ClientTransport, ConnectionHub, HubClient } from "./connection-hub.js";
import { mayDeliver } from "./delivery.js";
import { type DisconnectReason, REASON_CODE, type ReasonCode } from "./disconnect-reason.js";
import { KeepAlive } from "./keep-alive.js";
import { PacketCodec } from "./packet-codec.js";
import { PendingSubscribes } from "./pending-subscribes.js";
import {
  checkPublish,
  checkSubscribe,
  checkUnsubscribe,
  effectiveKeepAlive,
  type SessionPlan,
  sessionPlan,
  type Verdict,
} from "./rules.js";
import type { Session } from "./sessions.js";
import { connackFor, refusedConnack, TopicAliases } from "./version5.js";

/** Header and topic beside the largest payload; more cannot be a packet that AWS IoT takes. */
const PACKET_ALLOWANCE_BYTES = 16 * 1024;

/**
 * One client connection: frames and decodes, applies the rules and policies of AWS IoT, keeps the keep-alive, speaks
 * MQTT 5 towards clients that do, answers requests to the Jobs service, and hands the rest to a {@link Session}.
 * Synchronous; both front ends use it.
 */
export class ClientConnection implements HubClient {
  readonly certificateId: string;
  readonly #hub: ConnectionHub;
  readonly #transport: ClientTransport;
  readonly #codec: PacketCodec;
  readonly #keepAlive: KeepAlive;
  readonly #rate: RateLimit;
  readonly #aliases = new TopicAliases();
  readonly #pending = new PendingSubscribes();
  readonly #held: Packet[] = [];
  #state: "new" | "connecting" | "connected" | "closed" = "new";
  #clientId = "";
  #connect: IConnectPacket | undefined;
  #authorizer: Authorizer | undefined;
  #session: Session | undefined;
  #plan: SessionPlan | undefined;

  constructor(hub: ConnectionHub, transport: ClientTransport, certificateId: string) {
    this.#hub = hub;
    this.#transport = transport;
    this.certificateId = certificateId;
    const { context, options, faults } = hub;
    this.#rate = new RateLimit(context.clock, options.maxPublishesPerSecond);
    this.#codec = new PacketCodec({
      clock: context.clock,
      faults,
      maxPacketBytes: options.maxPayloadBytes + PACKET_ALLOWANCE_BYTES,
      clientId: () => this.#clientId,
      write: (bytes) => transport.write(bytes),
      onPacket: (packet) => this.#guarded(packet),
      onError: (error) => this.#fail(error === "too-large" ? "packetTooLarge" : "malformedPacket", error),
      onFault: () => this.end("CONNECTION_LOST"),
    });
    this.#keepAlive = new KeepAlive(context.clock, options.connectTimeoutMs, () =>
      this.#fail("protocolError", "no CONNECT"),
    );
  }

  get clientId(): string {
    return this.#clientId;
  }

  get address(): string | undefined {
    return this.#transport.address;
  }

  get isConnected(): boolean {
    return this.#state === "connected";
  }

  /** Bytes from the client. */
  receive(bytes: Uint8Array): void {
    this.#codec.receive(bytes);
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
    this.#transport.close();
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
    this.#keepAlive.touch();
    switch (packet.cmd) {
      case "publish":
        this.#onPublish(packet);
        break;
      case "subscribe":
        this.#onSubscribe(packet);
        break;
      case "unsubscribe":
        this.#onUnsubscribe(packet);
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
        this.#transport.close();
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
    const subscriptions = [...this.#pending.subscribe(messageId, verdict.filters)];
    if (subscriptions.length > 0) session.receive({ cmd: "subscribe", messageId, subscriptions });
    else this.#fromSession({ cmd: "suback", messageId, granted: [] });
  }

  #onUnsubscribe({ messageId = 0, unsubscriptions }: IUnsubscribePacket): void {
    if (!this.#follow(checkUnsubscribe(unsubscriptions, this.#hub.options))) return;
    this.#pending.unsubscribe(messageId, unsubscriptions.length);
    this.#session?.receive({ cmd: "unsubscribe", messageId, unsubscriptions });
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
    else if (packet.cmd === "publish") this.#onDelivery(packet);
    else if (packet.cmd === "suback") this.#send(this.#pending.suback(packet, this.#isVersion5));
    else if (packet.cmd === "unsuback") this.#send(this.#pending.unsuback(packet, this.#isVersion5));
  }

  #onConnack(packet: IConnackPacket): void {
    const connect = this.#connect;
    if (connect === undefined || this.#state !== "connecting") return;
    this.#state = "connected";
    const { options } = this.#hub;
    const keepAlive = effectiveKeepAlive(connect.keepalive ?? 0, options);
    const expirySeconds = this.#plan?.expirySeconds ?? 0;
    this.#send(connackFor(connect, packet, { options, keepAlive, clientId: this.#clientId, expirySeconds }));
    this.#keepAlive.start(keepAlive, () => this.end("MQTT_KEEP_ALIVE_TIMEOUT", "keepAliveTimeout"));
    this.#hub.connected(this);
    for (const held of this.#held.splice(0)) this.#guarded(held);
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
    this.#codec.send(packet, this.#connect?.protocolVersion ?? 4);
  }

  #finish(reason: DisconnectReason): void {
    if (this.#state === "closed") return;
    const wasAdmitted = this.#state !== "new";
    this.#state = "closed";
    this.#keepAlive.stop();
    this.#codec.close();
    this.#session?.close();
    const will = reason === "CLIENT_INITIATED_DISCONNECT" ? undefined : this.#connect?.will;
    const authorizer = this.#authorizer;
    if (wasAdmitted) this.#hub.disconnected(this, reason, this.#plan?.expirySeconds ?? 0);
    if (will !== undefined && authorizer !== undefined) this.#hub.publishWill(will, authorizer);
  }
}

import { createHash } from "node:crypto";
import type { IConnectPacket, IPublishPacket } from "mqtt-packet";
import type { CloudContext } from "../context/context.js";
import type { CloudMessage, MessageBus } from "../context/message-bus.js";
import { NamedTimers } from "../context/named-timers.js";
import type { FaultPlan } from "../faults/fault-plan.js";
import { uuidOf } from "../iot/service.js";
import { answerRequest, type JobsService, type Registry } from "../jobs/index.js";
import { isJobsTopic } from "../jobs/mqtt/answer-request.js";
import { type Authorizer, authorizerFor, type ConnectAttribute } from "../policy/authorizer.js";
import type { PresenceBook } from "../presence/presence-book.js";
import { answerShadowRequest, isShadowTopic } from "../shadows/answer-request.js";
import type { ShadowService } from "../shadows/service.js";
import { ClientConnection } from "./connection.js";
import type { Admission, ClientTransport, ConnectionHub, HubClient, Will } from "./connection-hub.js";
import type { DisconnectReason } from "./disconnect-reason.js";
import { type BrokerOptions, DEFAULT_BROKER_OPTIONS } from "./options.js";
import { isClientId } from "./rules.js";
import type { Sessions } from "./sessions.js";
import { isReserved, isTopic } from "./topics.js";

export interface HubSettings {
  readonly context: CloudContext;
  readonly registry: Registry;
  readonly jobs: JobsService;
  readonly shadows: ShadowService;
  readonly presence: PresenceBook;
  readonly bus: MessageBus;
  readonly sessions: Sessions;
  readonly faults?: FaultPlan | undefined;
  readonly options?: Partial<BrokerOptions> | undefined;
}

/** What the two lifecycle events of a connection have in common. */
interface Life {
  readonly versionNumber: number;
  readonly sessionIdentifier: string;
}

/** What all connections share: who is connected, the sessions, the way to Jobs and to shadows, and presence events. */
export class MqttHub implements ConnectionHub {
  readonly context: CloudContext;
  readonly options: BrokerOptions;
  readonly faults: FaultPlan | undefined;
  readonly sessions: Sessions;
  readonly #registry: Registry;
  readonly #jobs: JobsService;
  readonly #shadows: ShadowService;
  readonly #presenceBook: PresenceBook;
  readonly #lives = new WeakMap<HubClient, Life>();
  readonly #all = new Set<HubClient>();
  readonly #byClientId = new Map<string, HubClient>();
  readonly #expiries: NamedTimers;
  readonly #detach: readonly (() => void)[];
  #away = false;

  constructor(settings: HubSettings) {
    this.context = settings.context;
    this.options = { ...DEFAULT_BROKER_OPTIONS, ...settings.options };
    this.faults = settings.faults;
    this.sessions = settings.sessions;
    this.#registry = settings.registry;
    this.#jobs = settings.jobs;
    this.#shadows = settings.shadows;
    this.#presenceBook = settings.presence;
    this.#expiries = new NamedTimers(this.context.clock, (error) => this.context.log(`mqtt: timer failed: ${error}`));
    this.#detach = [
      this.#jobs.attach((topic, payload) => this.publish(topic, payload)),
      this.#shadows.attach((topic, payload) => this.publish(topic, payload)),
      settings.bus.attach((message) => this.#publishFromCloud(message)),
    ];
    this.#restoreExpiries();
  }

  /** Connections open now, admitted or not. */
  get connectionCount(): number {
    return this.#all.size;
  }

  /** Takes a connection whose certificate the transport has seen; undefined while the cloud is away. */
  accept(transport: ClientTransport, certificateId: string): ClientConnection | undefined {
    if (this.#away || this.#registry.certificate(certificateId)?.status !== "ACTIVE") {
      transport.close();
      return undefined;
    }
    const connection = new ClientConnection(this, transport, certificateId);
    this.#all.add(connection);
    return connection;
  }

  /** The transport of a connection is gone, before or after the connection itself ended. */
  forget(connection: ClientConnection): void {
    try {
      connection.transportClosed();
    } catch (error) {
      // Its will, or its leaving, could not be published: no reason to end the server.
      this.context.log(`mqtt: ${connection.clientId}: closing failed: ${error}`);
    }
    this.#all.delete(connection);
  }

  /** Closes every connection and refuses new ones until {@link comeBack}. */
  goAway(): void {
    this.#away = true;
    for (const connection of [...this.#all]) connection.end("SERVER_INITIATED_DISCONNECT");
  }

  comeBack(): void {
    this.#away = false;
  }

  kick(clientId: string): void {
    this.#byClientId.get(clientId)?.end("SERVER_INITIATED_DISCONNECT");
  }

  /** A message of the cloud to all subscribers. */
  publish(topic: string, payload: string): void {
    this.sessions.publish({ topic, payload: Buffer.from(payload, "utf8"), qos: 1, retain: false });
  }

  close(done: () => void): void {
    for (const detach of this.#detach) detach();
    this.goAway();
    this.#expiries.close();
    this.sessions.close(done);
  }

  admit(connection: HubClient, packet: IConnectPacket): Admission {
    if (packet.protocolVersion !== 4 && packet.protocolVersion !== 5) {
      return { kind: "refused", returnCode: 1, why: "protocol version" };
    }
    if (!isClientId(packet.clientId)) return { kind: "refused", returnCode: 2, why: "client id" };
    if (packet.clientId === "" && packet.clean === false)
      return { kind: "refused", returnCode: 2, why: "no client id" };
    const clientId = packet.clientId === "" ? this.#generatedId() : packet.clientId;
    const certificate = this.#registry.certificate(connection.certificateId);
    if (certificate?.status !== "ACTIVE") return this.#unauthorized("certificate is not active");
    if (packet.will !== undefined && !isTopic(packet.will.topic, this.options)) {
      return { kind: "refused", why: "topic of the will" };
    }
    const authorizer = authorizerFor(this.context, certificate, clientId, this.options.persistentNeedsAttribute);
    const attributes: ConnectAttribute[] = [];
    if (packet.clean === false) attributes.push("PersistentConnect");
    if (packet.will !== undefined) attributes.push("LastWill");
    return authorizer.mayConnect(attributes)
      ? { kind: "admitted", clientId, authorizer }
      : this.#unauthorized("policies do not allow iot:Connect");
  }

  /** Makes a connection the one of its client id; the one before it ends. */
  takeOver(connection: HubClient): void {
    const before = this.#byClientId.get(connection.clientId);
    this.#byClientId.set(connection.clientId, connection);
    before?.end("DUPLICATE_CLIENTID", "sessionTakenOver");
    this.#expiries.clear(connection.clientId);
    this.context.store.remove(["mqtt", "expiry", connection.clientId]);
  }

  connected(connection: HubClient): void {
    const { clientId, address } = connection;
    const versionNumber = this.#presenceBook.connected(clientId, address);
    const life = { versionNumber, sessionIdentifier: this.#sessionIdentifier(clientId, versionNumber) };
    this.#lives.set(connection, life);
    this.#tellPresence(connection, life, "connected", address === undefined ? {} : { ipAddress: address });
  }

  disconnected(connection: HubClient, reason: DisconnectReason, expirySeconds: number): void {
    this.#all.delete(connection);
    this.#noteEnd(connection, reason);
    if (this.#byClientId.get(connection.clientId) !== connection) return;
    this.#byClientId.delete(connection.clientId);
    if (expirySeconds === 0) this.sessions.discard(connection.clientId);
    else this.#expireAt(connection.clientId, this.context.clock.now() + expirySeconds * 1000);
  }

  /** A PUBLISH that the rules allow. `acknowledge` is called once its effect is durable. */
  publishFrom(connection: HubClient, packet: IPublishPacket, acknowledge: () => void): void {
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload, "utf8") : packet.payload;
    if (isJobsTopic(packet.topic)) {
      const answer = answerRequest(this.#jobs, packet.topic, payload);
      acknowledge();
      if (answer !== undefined) connection.deliver(answer.topic, answer.payload);
      return;
    }
    if (isShadowTopic(packet.topic)) {
      answerShadowRequest(this.#shadows, packet.topic, payload);
      acknowledge();
      return;
    }
    // Reserved topics of services that are not emulated take messages and do nothing.
    if (isReserved(packet.topic)) {
      acknowledge();
      return;
    }
    const qos = packet.qos === 0 ? 0 : 1;
    this.sessions.publish({ topic: packet.topic, payload, qos, retain: packet.retain }, acknowledge);
  }

  publishWill(will: Will, authorizer: Authorizer): void {
    const retain = will.retain ?? false;
    if (isReserved(will.topic) || !authorizer.mayPublish(will.topic, retain)) return;
    const payload = typeof will.payload === "string" ? Buffer.from(will.payload, "utf8") : will.payload;
    this.sessions.publish({ topic: will.topic, payload, qos: will.qos === 0 ? 0 : 1, retain });
  }

  /** As a client's PUBLISH, but nobody is there for an answer of Jobs. */
  #publishFromCloud({ topic, payload, qos, retain }: CloudMessage): void {
    if (isJobsTopic(topic)) answerRequest(this.#jobs, topic, payload);
    else if (isShadowTopic(topic)) answerShadowRequest(this.#shadows, topic, payload);
    else if (!isReserved(topic)) this.sessions.publish({ topic, payload, qos, retain });
  }

  #unauthorized(why: string): Admission {
    const how = this.options.unauthorizedConnect;
    return how === "close" ? { kind: "refused", why } : { kind: "refused", returnCode: how, why };
  }

  /** Without a random number: runs on a seed are the same whoever connects meanwhile. */
  #sessionIdentifier(clientId: string, versionNumber: number): string {
    const text = `${clientId}/${versionNumber}/${this.context.clock.now()}`;
    return uuidOf(() => createHash("sha256").update(text).digest().subarray(0, 16));
  }

  #generatedId(): string {
    return `$GEN/${Buffer.from(this.context.random(16)).toString("hex")}`;
  }

  /** One that ends before its CONNACK was never there. */
  #noteEnd(connection: HubClient, reason: DisconnectReason): void {
    const life = this.#lives.get(connection);
    if (life === undefined) return;
    this.#presenceBook.disconnected(connection.clientId, life.versionNumber, reason);
    this.#tellPresence(connection, life, "disconnected", {
      clientInitiatedDisconnect: reason === "CLIENT_INITIATED_DISCONNECT",
      disconnectReason: reason,
    });
  }

  /** [AWS IoT: Lifecycle events] None of a client whose id could not stand in their topic. */
  #tellPresence(
    connection: HubClient,
    { sessionIdentifier, versionNumber }: Life,
    eventType: "connected" | "disconnected",
    more: object,
  ): void {
    const { clientId } = connection;
    if (/[+#]/.test(clientId)) return;
    const event = {
      clientId,
      timestamp: this.context.clock.now(),
      eventType,
      ...more,
      sessionIdentifier,
      principalIdentifier: connection.certificateId,
      versionNumber,
    };
    this.publish(`$aws/events/presence/${eventType}/${clientId}`, JSON.stringify(event));
  }

  #expireAt(clientId: string, at: number): void {
    this.context.store.put(["mqtt", "expiry", clientId], at);
    this.#expiries.set(clientId, at, () => {
      this.context.store.remove(["mqtt", "expiry", clientId]);
      this.sessions.discard(clientId);
    });
  }

  /** Sessions that the last run left: those that were connected at its end lose their connection now. */
  #restoreExpiries(): void {
    const usual = this.context.clock.now() + this.options.sessionExpirySeconds * 1000;
    for (const clientId of this.sessions.stored()) {
      const at = this.context.store.get(["mqtt", "expiry", clientId]);
      this.#expireAt(clientId, typeof at === "number" ? at : usual);
    }
  }
}

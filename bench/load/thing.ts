import { request } from "node:https";
import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import type { CloudDescription } from "local-aws-iot";
import { generate, type IPublishPacket, type Packet, parser } from "mqtt-packet";
import type { ThingIdentity } from "./identities.js";

export interface ThingSettings {
  readonly identity: ThingIdentity;
  readonly cloud: CloudDescription;
  readonly caPem: string;
  /** Trusts the authority; for downloads. */
  readonly trust: SecureContext;
}

/** Service limits are met by waiting: from 200 ms, doubled up to 5 s, any part of it. */
const RETRY_BASE_MS = 200;
const RETRY_CAP_MS = 5000;
const KEEP_ALIVE_SEC = 1200;

type Fields = Readonly<Record<string, unknown>>;

/**
 * A thing at the level of the protocols: TLS with its certificate, MQTT 3.1.1, the Jobs topics, and one GET of the
 * image. It takes the job it is notified of to SUCCEEDED, and counts what it sees.
 */
export class FleetThing {
  readonly thingName: string;
  /** Milliseconds of `performance.now()`. */
  connectedAt: number | undefined;
  notifiedAt: number | undefined;
  terminalAt: number | undefined;
  /** `notify-next` with an execution, and without one. */
  notifications = 0;
  emptyNotifications = 0;
  /** `notify-next` that repeats what is known. */
  repeated = 0;
  messagesIn = 0;
  messagesOut = 0;
  throttled = 0;
  bytes = 0;
  /** What went wrong; empty when nothing did. */
  readonly faults: string[] = [];
  readonly #settings: ThingSettings;
  readonly #answers = new Map<string, (accepted: boolean, body: Fields) => void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #socket: TLSSocket | undefined;
  #ready: (() => void) | undefined;
  #packetId = 0;
  #token = 0;
  #jobId: string | undefined;
  #closed = false;

  constructor(settings: ThingSettings) {
    this.#settings = settings;
    this.thingName = settings.identity.thingName;
  }

  /** Notified, updated, and told that nothing else is pending. */
  get isDone(): boolean {
    return this.terminalAt !== undefined && this.emptyNotifications > 0;
  }

  /** Resolves when the subscriptions are acknowledged. */
  connect(): Promise<void> {
    const { identity, cloud, caPem } = this.#settings;
    return new Promise((resolve, reject) => {
      const socket = connect({
        host: "127.0.0.1",
        port: cloud.mqtt.port,
        servername: cloud.mqtt.host,
        ALPNProtocols: ["x-amzn-mqtt-ca"],
        secureContext: createSecureContext({ ca: caPem, cert: identity.certificatePem, key: identity.privateKeyPem }),
      });
      this.#socket = socket;
      socket.setNoDelay(true);
      const decoder = parser({ protocolVersion: 4 });
      decoder.on("packet", (packet: Packet) => this.#packet(packet));
      socket.on("data", (bytes) => decoder.parse(bytes));
      socket.once("secureConnect", () => {
        this.#send({
          cmd: "connect",
          clientId: this.thingName,
          protocolId: "MQTT",
          protocolVersion: 4,
          clean: true,
          keepalive: KEEP_ALIVE_SEC,
        });
      });
      socket.on("error", (error) => this.#fault(`socket: ${error.message}`));
      socket.once("close", () => {
        if (!this.#closed) this.#fault("the broker closed the connection");
        reject(new Error(`${this.thingName}: ${this.faults[0] ?? "closed"}`));
      });
      this.#ready = () => {
        this.connectedAt = performance.now();
        resolve();
      };
    });
  }

  /** Asks for a pending job, as a device does after each connect. Resolves with whether there is one. */
  async checkIn(): Promise<boolean> {
    const body = await this.#ask("$next/get", {});
    return recordOf(body.execution).jobId !== undefined;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#socket?.destroyed === false) {
      this.#send({ cmd: "disconnect" });
      this.#socket.destroySoon();
    }
  }

  #packet(packet: Packet): void {
    if (packet.cmd === "connack") this.#subscribe(packet.returnCode ?? 0);
    else if (packet.cmd === "suback") {
      if (packet.granted.some((granted) => granted === 0x80)) this.#fault("a subscription was refused");
      this.#ready?.();
    } else if (packet.cmd === "publish") this.#message(packet);
  }

  #subscribe(returnCode: number): void {
    if (returnCode !== 0) {
      this.#fault(`CONNACK ${returnCode}`);
      return;
    }
    // Answers come to the client that asked without a subscription, which the policy does not allow.
    const subscriptions = [{ topic: this.#topic("notify-next"), qos: 1 as const }];
    this.#send({ cmd: "subscribe", messageId: this.#nextPacketId(), subscriptions });
  }

  #message(packet: IPublishPacket): void {
    this.messagesIn += 1;
    if (packet.qos > 0) this.#send({ cmd: "puback", messageId: packet.messageId ?? 0 });
    const body = recordOf(JSON.parse(packet.payload.toString("utf8")));
    if (packet.topic === this.#topic("notify-next")) {
      this.#notified(body);
      return;
    }
    const answer = typeof body.clientToken === "string" ? this.#answers.get(body.clientToken) : undefined;
    if (answer === undefined) this.#fault(`an answer to nothing: ${packet.topic}`);
    else answer(packet.topic.endsWith("/accepted"), body);
  }

  #notified(body: Fields): void {
    const execution = recordOf(body.execution);
    if (execution.jobId === undefined) {
      this.emptyNotifications += 1;
      return;
    }
    this.notifications += 1;
    if (this.#jobId === execution.jobId) {
      this.repeated += 1;
      return;
    }
    this.#jobId = String(execution.jobId);
    this.notifiedAt = performance.now();
    this.#update(this.#jobId, recordOf(execution.jobDocument)).catch((error: unknown) => {
      if (!this.#closed) this.#fault(error instanceof Error ? error.message : String(error));
    });
  }

  async #update(jobId: string, document: Fields): Promise<void> {
    await this.#ask(`${jobId}/update`, { status: "IN_PROGRESS", expectedVersion: 1 });
    const { url } = recordOf(document.location);
    if (typeof url !== "string") throw new Error("the job document has no URL");
    this.bytes = await this.#download(url);
    if (this.bytes !== document.size) throw new Error(`${this.bytes} bytes of ${document.size} arrived`);
    await this.#ask(`${jobId}/update`, { status: "SUCCEEDED", expectedVersion: 2 });
    this.terminalAt = performance.now();
  }

  #download(url: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const options = { agent: false as const, secureContext: this.#settings.trust, headers: { range: "bytes=0-" } };
      const outgoing = request(url, options, (incoming) => {
        let bytes = 0;
        incoming.on("data", (part: Buffer) => {
          bytes += part.length;
        });
        incoming.on("error", reject);
        incoming.on("end", () =>
          incoming.statusCode === 206 ? resolve(bytes) : reject(new Error(`download: status ${incoming.statusCode}`)),
        );
      });
      outgoing.on("error", reject);
      outgoing.end();
    });
  }

  /** One request, repeated while the service is at its limit. Rejects with the service's code. */
  async #ask(operation: string, body: Fields): Promise<Fields> {
    for (let attempt = 0; ; attempt++) {
      const [accepted, answer] = await this.#request(operation, body);
      if (accepted) return answer;
      if (answer.code !== "RequestThrottled") throw new Error(`${operation}: ${String(answer.code)}`);
      this.throttled += 1;
      await this.#pause(Math.random() * Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** attempt));
    }
  }

  #request(operation: string, body: Fields): Promise<[boolean, Fields]> {
    const clientToken = `t${++this.#token}`;
    return new Promise((resolve) => {
      this.#answers.set(clientToken, (accepted, answer) => {
        this.#answers.delete(clientToken);
        resolve([accepted, answer]);
      });
      this.#send({
        cmd: "publish",
        topic: this.#topic(operation),
        payload: JSON.stringify({ ...body, clientToken }),
        qos: 1,
        dup: false,
        retain: false,
        messageId: this.#nextPacketId(),
      });
      this.messagesOut += 1;
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, ms);
      this.#timers.add(timer);
    });
  }

  #topic(rest: string): string {
    return `$aws/things/${this.thingName}/jobs/${rest}`;
  }

  #nextPacketId(): number {
    this.#packetId = (this.#packetId % 65535) + 1;
    return this.#packetId;
  }

  #send(packet: Packet): void {
    if (this.#socket?.writable === true) this.#socket.write(generate(packet));
  }

  #fault(text: string): void {
    if (!this.#closed) this.faults.push(text);
  }
}

function recordOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

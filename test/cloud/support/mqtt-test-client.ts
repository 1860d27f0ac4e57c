import assert from "node:assert/strict";
import { generate, type IConnackPacket, type IConnectPacket, type Packet, parser } from "mqtt-packet";
import type { MqttServer } from "../../../host-sim/cloud/virtual/mqtt-server.js";

export interface ReceivedMessage {
  readonly topic: string;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/**
 * A bare MQTT client on the virtual server: sends exactly the packets it is told, acknowledges QoS 1, notes what comes
 * back.
 */
export class MqttTestClient {
  readonly packets: Packet[] = [];
  readonly messages: ReceivedMessage[] = [];
  readonly #version: 4 | 5;
  readonly #peer: { onData(bytes: Uint8Array): void; onClose(): void } | undefined;
  #nextId = 1;
  isClosed = false;

  constructor(server: MqttServer, certificateId: string, version: 4 | 5 = 4) {
    this.#version = version;
    const parsed = parser({ protocolVersion: version });
    parsed.on("packet", (packet: Packet) => this.#received(packet));
    const port = {
      write: (bytes: Uint8Array) => {
        parsed.parse(Buffer.from(bytes));
      },
      close: () => {
        this.isClosed = true;
      },
    };
    this.#peer = server.accept(port, { certificateId });
  }

  send(packet: Packet): void {
    this.sendBytes(generate(packet, { protocolVersion: this.#version }));
  }

  sendBytes(bytes: Uint8Array): void {
    if (!this.isClosed) this.#peer?.onData(bytes);
  }

  connect(clientId: string, options: Partial<IConnectPacket> = {}): IConnackPacket | undefined {
    const common = { cmd: "connect", protocolId: "MQTT", clean: true, keepalive: 60 } as const;
    this.send({ ...common, protocolVersion: this.#version, clientId, ...options });
    return this.packets.find((packet) => packet.cmd === "connack");
  }

  /** Granted codes, empty without SUBACK. */
  subscribe(filters: readonly string[], qos: 0 | 1 | 2 = 1): readonly unknown[] {
    const messageId = this.#nextId++;
    this.send({ cmd: "subscribe", messageId, subscriptions: filters.map((topic) => ({ topic, qos })) });
    const suback = this.packets.find((packet) => packet.cmd === "suback" && packet.messageId === messageId);
    return suback?.cmd === "suback" ? suback.granted : [];
  }

  /** Whether a PUBACK came (QoS 1). */
  publish(
    topic: string,
    payload: string | Uint8Array | object = "",
    options: { qos?: 0 | 1 | 2; retain?: boolean } = {},
  ): boolean {
    const messageId = this.#nextId++;
    const body =
      typeof payload === "string"
        ? payload
        : payload instanceof Uint8Array
          ? Buffer.from(payload)
          : JSON.stringify(payload);
    const { qos = 1, retain = false } = options;
    this.send({ cmd: "publish", topic, payload: body, qos, retain, dup: false, ...(qos > 0 ? { messageId } : {}) });
    return this.packets.some((packet) => packet.cmd === "puback" && packet.messageId === messageId);
  }

  /** Publishes a request and returns the one message that answers it, taken from {@link messages}. */
  request(topic: string, payload: string | Uint8Array | object = ""): ReceivedMessage {
    const before = this.messages.length;
    this.publish(topic, payload);
    const answers = this.messages.splice(before);
    const [answer] = answers;
    assert(answer !== undefined && answers.length === 1, `${answers.length} answers to ${topic}`);
    assert(answer.topic === `${topic}/accepted` || answer.topic === `${topic}/rejected`, answer.topic);
    return answer;
  }

  /** Takes the messages received since the last call. */
  take(): readonly ReceivedMessage[] {
    return this.messages.splice(0);
  }

  /** Loses the connection without DISCONNECT. */
  lose(): void {
    this.isClosed = true;
    this.#peer?.onClose();
  }

  #received(packet: Packet): void {
    this.packets.push(packet);
    if (packet.cmd !== "publish") return;
    const text = packet.payload.toString();
    const json: unknown = /^[{[]/.test(text) ? JSON.parse(text) : {};
    this.messages.push({
      topic: packet.topic,
      text,
      json: typeof json === "object" && json !== null ? { ...json } : {},
    });
    if (packet.qos === 1 && packet.messageId !== undefined) this.send({ cmd: "puback", messageId: packet.messageId });
  }
}

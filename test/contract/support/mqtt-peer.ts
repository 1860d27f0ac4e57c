/** The far end of the MQTT contract: the client identifier names what the broker does. */
import type { Socket } from "node:net";
import mqttPacket, { type IConnectPacket, type Packet } from "mqtt-packet";
import { pattern } from "./tcp-peer.js";

type Send = (packet: Packet) => void;

function publish(topic: string, payload: string | Buffer, qos: 0 | 1 = 0, messageId?: number): Packet {
  return {
    cmd: "publish",
    topic,
    payload,
    qos,
    dup: false,
    retain: false,
    ...(messageId === undefined ? {} : { messageId }),
  };
}

function description(packet: IConnectPacket): string {
  const { will } = packet;
  return JSON.stringify({
    clean: packet.clean,
    keepalive: packet.keepalive,
    user: packet.username,
    password: packet.password?.toString(),
    ...(will && { will: `${will.topic}:${will.qos}:${will.retain}:${String(will.payload)}` }),
  });
}

export class MqttPeer {
  #lastAcknowledged = 0;

  /** For `server.on("connection", ...)`. */
  readonly serve = (socket: Socket): void => {
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    const parser = mqttPacket.parser({ protocolVersion: 4 });
    const send: Send = (packet) => void socket.write(mqttPacket.generate(packet));
    let id = "";
    parser.on("packet", (packet) => {
      if (packet.cmd === "connect") id = packet.clientId;
      this.#receive(id, packet, send, socket);
    });
    // A spoilt stream is what one of the programs is about.
    parser.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => parser.parse(chunk));
  };

  #receive(id: string, packet: Packet, send: Send, socket: Socket): void {
    switch (packet.cmd) {
      case "connect":
        send({ cmd: "connack", returnCode: id === "refuse" ? 5 : 0, sessionPresent: false });
        this.#connected(id, packet, send, socket);
        break;
      case "subscribe": {
        const granted = packet.subscriptions.map(({ topic, qos }) => (topic === "refuse" ? 128 : qos));
        send({ cmd: "suback", messageId: packet.messageId ?? 0, granted });
        break;
      }
      case "publish":
        if (packet.qos === 1) send({ cmd: "puback", messageId: packet.messageId ?? 0 });
        if (id === "echo") send(publish(packet.topic, packet.payload, 1, 5));
        if (id === "length") send(publish("length", String(packet.payload.length)));
        break;
      case "puback":
        this.#lastAcknowledged = packet.messageId ?? 0;
        break;
      case "pingreq":
        if (id !== "no-pong") send({ cmd: "pingresp" });
        break;
      default:
        break;
    }
  }

  #connected(id: string, packet: IConnectPacket, send: Send, socket: Socket): void {
    if (id === "describe") send(publish("connect", description(packet)));
    if (id === "long") send(publish("long", pattern(20_000)));
    if (id === "three") {
      const packets = [0, 1, 2].map((index) => mqttPacket.generate(publish(`m/${index}`, "x")));
      socket.write(Buffer.concat(packets));
    }
    if (id === "qos1") {
      this.#lastAcknowledged = 0;
      send(publish("first", "x", 1, 9));
      send(publish("second", "x", 1, 10));
    }
    if (id === "qos1-acked") send(publish("acknowledged", String(this.#lastAcknowledged)));
    if (id === "empty") {
      send(publish("before", "x"));
      send(publish("nothing", ""));
      send(publish("after", "x"));
    }
    if (id === "drop") socket.end();
  }
}

/** A session on host-sim's MQTT client with a broker that answers, and a log of what the session says. */
import assert from "node:assert/strict";
import type { Chunk, ChunkFate } from "../../host-sim/board/network/index.js";
import { MqttSession, type MqttSessionOptions } from "../../modules/mqtt-session/index.js";
import { type BrokerSettings, brokerEndpoint, type MqttConnection } from "./mqtt-connection.js";
import type { SentPacket } from "./mqtt-packets.js";
import { PortsBoard } from "./ports-board.js";

export type MqttBench = ReturnType<typeof mqttBench>;

export type BenchOptions = Partial<Omit<MqttSessionOptions, "mqtt" | "timer">> & {
  /** Socket room, bytes. Given: each write takes {@link DRAIN_MS} to drain. Default: 8192, drained at once. */
  readonly capacity?: number;
  /** False: the broker of the test answers SUBSCRIBE and QoS 1 PUBLISH only by hand. */
  readonly answer?: boolean;
  /** False: connections are resolved and accepted by hand. */
  readonly connect?: boolean;
};

const HOST = "broker.test";
const DEFAULT_PORT = 8883;
const DRAIN_MS = 20;

/** Each write takes its time on the way. CONNECT does not. */
const slowly = ({ offset }: Chunk): ChunkFate => (offset === 0 ? "deliver" : { delayMs: DRAIN_MS });

export function mqttBench({ capacity, answer = true, connect = true, ...options }: BenchOptions = {}) {
  const board = new PortsBoard(capacity === undefined ? {} : { window: capacity, faults: { toPeer: slowly } });
  const { timer } = board;
  const clients: MqttConnection[] = [];
  const log: string[] = [];
  const traces: string[] = [];
  const settings: BrokerSettings & { answer: boolean } = {
    ...{ board, clients, connect, answer },
    onPacket(client, packet) {
      if (!settings.answer) return;
      if (packet.type === "subscribe") client.suback(packet.id, ...packet.qos);
      if (packet.type === "unsubscribe") client.unsuback(packet.id);
      if (packet.type === "publish" && packet.qos === 1) client.puback(packet.id);
    },
  };
  board.network.listen(HOST, options.port ?? DEFAULT_PORT, (peer) => clients.at(-1)?.serve(peer));
  const session = new MqttSession({
    host: HOST,
    id: "thing-1",
    random: () => 0.5,
    reconnectPauseMs: 0,
    trace: (text) => traces.push(text),
    ...options,
    mqtt: brokerEndpoint(settings),
    timer,
  });
  session.observe({
    onConnected: () => log.push("connected"),
    onDisconnected: (error) => log.push(`disconnected ${error.code}`),
    onError: (error) => log.push(`error ${error.code}`),
  });
  return {
    ...{ timer, clients, log, traces, session, settings },
    /** The latest client. */
    client(): MqttConnection {
      const client = clients.at(-1);
      assert.ok(client !== undefined, "no client was made");
      return client;
    },
    /** Opens the session and lets it connect. */
    open() {
      session.open();
      timer.settle();
    },
    /** Packets of one type on the latest client. */
    sent<Type extends SentPacket["type"]>(type: Type) {
      const all = clients.at(-1)?.sent ?? [];
      return all.filter((packet): packet is Extract<SentPacket, { type: Type }> => packet.type === type);
    },
  };
}

/** The payload as text. */
export const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);

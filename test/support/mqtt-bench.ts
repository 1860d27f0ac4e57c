/** A session on the fake client with a broker that answers, and a log of what the session says. */
import assert from "node:assert/strict";
import { MqttSession, type MqttSessionOptions } from "../../modules/mqtt-session/index.js";
import { type FakeEndpointSettings, type FakeMqttClient, fakeEndpoint, type SentPacket } from "./fake-mqtt-client.js";
import { FakeTimer } from "./fake-timer.js";

export type MqttBench = ReturnType<typeof mqttBench>;

export type BenchOptions = Partial<Omit<MqttSessionOptions, "mqtt" | "timer">> & {
  /** Socket room, bytes. */
  readonly capacity?: number;
  /** False: the broker of the test answers SUBSCRIBE and QoS 1 PUBLISH only by hand. */
  readonly answer?: boolean;
  /** False: connections are resolved and accepted by hand. */
  readonly connect?: boolean;
};

export function mqttBench({ capacity, answer = true, connect = true, ...options }: BenchOptions = {}) {
  const timer = new FakeTimer();
  const clients: FakeMqttClient[] = [];
  const log: string[] = [];
  const traces: string[] = [];
  const settings: FakeEndpointSettings & { connect: boolean; answer: boolean } = {
    timer,
    clients,
    connect,
    answer,
    ...(capacity === undefined ? {} : { capacity }),
    onResolve(client) {
      if (!settings.connect) return;
      timer.set(() => {
        if (client.closed) return;
        client.resolve();
        client.accept();
      });
    },
    onPacket(client: FakeMqttClient, packet: SentPacket) {
      if (!settings.answer) return;
      if (packet.type === "subscribe") client.suback(packet.id, ...packet.qos);
      if (packet.type === "unsubscribe") client.unsuback(packet.id);
      if (packet.type === "publish" && packet.qos === 1) client.puback(packet.id);
    },
  };
  const session = new MqttSession({
    host: "broker.test",
    id: "thing-1",
    random: () => 0.5,
    reconnectPauseMs: 0,
    trace: (text) => traces.push(text),
    ...options,
    mqtt: fakeEndpoint(settings),
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
    client(): FakeMqttClient {
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

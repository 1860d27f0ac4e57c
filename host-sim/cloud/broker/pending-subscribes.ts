import type { ISubackPacket, IUnsubackPacket, Packet } from "mqtt-packet";
import { REASON_CODE } from "./disconnect-reason.js";
import type { SubscribeGrant } from "./rules.js";

const FAILURE = 0x80;

/**
 * SUBSCRIBE and UNSUBSCRIBE packets on their way through the session: it sees each allowed filter once, the client gets
 * a code for every filter it sent.
 */
export class PendingSubscribes {
  readonly #subscribes = new Map<number, SubscribeGrant["filters"]>();
  readonly #unsubscribes = new Map<number, number>();

  /** What the session is asked for, possibly nothing. */
  subscribe(messageId: number, filters: SubscribeGrant["filters"]): readonly { topic: string; qos: 0 | 1 }[] {
    this.#subscribes.set(messageId, filters);
    const asked = new Map(filters.filter((one) => one.refused === undefined).map((one) => [one.topic, one.qos]));
    return [...asked].map(([topic, qos]) => ({ topic, qos }));
  }

  unsubscribe(messageId: number, count: number): void {
    this.#unsubscribes.set(messageId, count);
  }

  suback(packet: ISubackPacket, isVersion5: boolean): Packet {
    const messageId = packet.messageId ?? 0;
    const filters = this.#subscribes.get(messageId) ?? [];
    this.#subscribes.delete(messageId);
    const asked = [...new Set(filters.filter((one) => one.refused === undefined).map((one) => one.topic))];
    const granted = filters.map(({ topic, refused }) => {
      if (refused !== undefined) return isVersion5 ? REASON_CODE[refused] : FAILURE;
      const code = packet.granted[asked.indexOf(topic)];
      if (typeof code === "number" && code !== FAILURE) return code;
      return isVersion5 ? REASON_CODE.topicFilterInvalid : FAILURE;
    });
    return { cmd: "suback", messageId, granted };
  }

  unsuback(packet: IUnsubackPacket, isVersion5: boolean): Packet {
    const messageId = packet.messageId ?? 0;
    const count = this.#unsubscribes.get(messageId) ?? 0;
    this.#unsubscribes.delete(messageId);
    return isVersion5 ? { ...packet, granted: Array.from({ length: count }, () => 0) } : packet;
  }
}

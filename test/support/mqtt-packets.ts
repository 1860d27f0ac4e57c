import mqttPacket, { type Packet } from "mqtt-packet";

/** What a client of the session sent, CONNECT and its own acknowledgements left out. */
export type SentPacket =
  | {
      readonly type: "publish";
      readonly topic: string;
      readonly payload: Uint8Array;
      readonly qos: number;
      readonly id: number;
      readonly dup: boolean;
      /** Writes that it took. */
      readonly fragments: number;
    }
  | { readonly type: "subscribe"; readonly id: number; readonly filters: string[]; readonly qos: number[] }
  | { readonly type: "unsubscribe"; readonly id: number; readonly filters: string[] }
  | { readonly type: "pingreq" }
  | { readonly type: "disconnect" };

function sentPacket(packet: Packet, fragments: number): SentPacket | undefined {
  const id = packet.messageId ?? 0;
  switch (packet.cmd) {
    case "publish": {
      const { topic, payload, qos, dup } = packet;
      return { type: "publish", topic, payload: new Uint8Array(Buffer.from(payload)), qos, id, dup, fragments };
    }
    case "subscribe": {
      const { subscriptions } = packet;
      return {
        type: "subscribe",
        id,
        filters: subscriptions.map(({ topic }) => topic),
        qos: subscriptions.map(({ qos }) => qos),
      };
    }
    case "unsubscribe":
      return { type: "unsubscribe", id, filters: packet.unsubscriptions };
    case "pingreq":
    case "disconnect":
      return { type: packet.cmd };
    default:
      return undefined;
  }
}

/** Calls back for each whole packet in the bytes it is given; `sent` is the packet as the tests see it. */
export function packetReader(
  onPacket: (packet: Packet, sent: SentPacket | undefined) => void,
): (bytes: Uint8Array) => void {
  const parser = mqttPacket.parser({ protocolVersion: 4 });
  let parts = 0;
  parser.on("packet", (packet) => {
    onPacket(packet, sentPacket(packet, parts));
    parts = 0;
  });
  parser.on("error", (error) => {
    throw error;
  });
  return (bytes) => {
    parts += 1;
    parser.parse(Buffer.from(bytes));
  };
}

export type Delivery = {
  readonly topic: string;
  readonly payload: Uint8Array | string;
  readonly qos?: 0 | 1;
  readonly id?: number;
};

export function publishBytes({ topic, payload, qos = 0, id }: Delivery): Uint8Array {
  const content = typeof payload === "string" ? payload : Buffer.from(payload);
  const fields = {
    topic,
    payload: content,
    qos,
    dup: false,
    retain: false,
    ...(qos === 0 ? {} : { messageId: id ?? 1 }),
  };
  return mqttPacket.generate({ cmd: "publish", ...fields });
}

/** Longest fixed header: type byte and four length bytes. */
const MAX_HEADER_BYTES = 5;

const PACKET_NAMES = [
  "reserved",
  "connect",
  "connack",
  "publish",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "subscribe",
  "suback",
  "unsubscribe",
  "unsuback",
  "pingreq",
  "pingresp",
  "disconnect",
  "auth",
];

/** Why a byte stream is no MQTT. */
export type FramingError = "malformed" | "too-large";

/** Cuts a stream of bytes into MQTT packets, with a bound on what it keeps. */
export class PacketFramer {
  readonly #maxBytes: number;
  #rest: Buffer = Buffer.alloc(0);

  /** @param maxBytes longest packet accepted, header included. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whole packets in `bytes` and what came before; `onPacket` may stop the framer by returning false. */
  push(bytes: Uint8Array, onPacket: (packet: Buffer) => boolean): FramingError | undefined {
    this.#rest = this.#rest.byteLength === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const length = packetLength(this.#rest);
      if (length === "malformed") return "malformed";
      if (length !== undefined && length > this.#maxBytes) return "too-large";
      if (length === undefined || this.#rest.byteLength < length) return undefined;
      const packet = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      if (!onPacket(packet)) return undefined;
    }
  }
}

/** Bytes of the packet at the start, undefined while its header is incomplete. */
function packetLength(bytes: Uint8Array): number | "malformed" | undefined {
  let length = 0;
  for (let index = 1; index < MAX_HEADER_BYTES; index++) {
    const byte = bytes[index];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** (index - 1);
    if ((byte & 0x80) === 0) return length + index + 1;
  }
  return "malformed";
}

/** What can be told of a packet without decoding it: its name and, for PUBLISH, its topic. */
export function peekPacket(packet: Uint8Array): { readonly name: string; readonly topic?: string } {
  const name = PACKET_NAMES[(packet[0] ?? 0) >> 4] ?? "reserved";
  if (name !== "publish") return { name };
  let start = 1;
  while ((packet[start] ?? 0) & 0x80) start++;
  const length = ((packet[start + 1] ?? 0) << 8) | (packet[start + 2] ?? 0);
  return { name, topic: Buffer.from(packet.subarray(start + 3, start + 3 + length)).toString("utf8") };
}

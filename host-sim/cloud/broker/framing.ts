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

/** Room that a packet gets at first, in bytes; it is doubled as the packet comes. */
const FIRST_ROOM_BYTES = 64;

/**
 * Cuts a stream of bytes into MQTT packets, with a bound on what it keeps. Time and memory are in proportion to the
 * bytes that came, however they are cut: a packet's room grows with them, not with the length that it announces.
 */
export class PacketFramer {
  readonly #maxBytes: number;
  #room: Buffer = Buffer.alloc(0);
  #filled = 0;
  #copiedBytes = 0;

  /** @param maxBytes longest packet accepted, header included. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that were copied since the start: what framing costs. */
  get copiedBytes(): number {
    return this.#copiedBytes;
  }

  /** Whole packets in `bytes` and what came before; `onPacket` may stop the framer by returning false. */
  push(bytes: Uint8Array, onPacket: (packet: Buffer) => boolean): FramingError | undefined {
    for (let at = 0; ; ) {
      const length = packetLength(this.#room.subarray(0, this.#filled));
      if (length === "malformed") return "malformed";
      if (length !== undefined && length > this.#maxBytes) return "too-large";
      if (length === this.#filled) {
        const packet = this.#room.subarray(0, length);
        this.#room = Buffer.alloc(0);
        this.#filled = 0;
        if (!onPacket(packet)) return undefined;
        continue;
      }
      // The header comes byte by byte: only at its end is it known where the packet ends.
      const wanted = length ?? this.#filled + 1;
      const part = bytes.subarray(at, at + wanted - this.#filled);
      if (part.byteLength === 0) return undefined;
      this.#append(part, wanted);
      at += part.byteLength;
    }
  }

  #append(part: Uint8Array, wanted: number): void {
    const filled = this.#filled + part.byteLength;
    if (filled > this.#room.byteLength) {
      const size = Math.max(FIRST_ROOM_BYTES, filled, Math.min(wanted, 2 * this.#room.byteLength));
      const room = Buffer.alloc(size);
      this.#copiedBytes += this.#room.copy(room, 0, 0, this.#filled);
      this.#room = room;
    }
    this.#room.set(part, this.#filled);
    this.#copiedBytes += part.byteLength;
    this.#filled = filled;
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

import { generate, type Packet, parser } from "mqtt-packet";
import type { CloudClock } from "../context/context.js";
import { FaultLane } from "../faults/fault-lane.js";
import type { FaultPlan } from "../faults/fault-plan.js";
import { type FramingError, PacketFramer, peekPacket } from "./framing.js";

export interface PacketCodecOptions {
  readonly clock: CloudClock;
  readonly faults: FaultPlan | undefined;
  /** Longest packet taken, header included. */
  readonly maxPacketBytes: number;
  clientId(): string;
  write(bytes: Uint8Array): void;
  onPacket(packet: Packet): void;
  onError(error: FramingError): void;
  /** A fault closes the connection. */
  onFault(): void;
}

/** Between the bytes and the packets of one connection, in both directions, with the faults that were ordered. */
export class PacketCodec {
  readonly #options: PacketCodecOptions;
  readonly #framer: PacketFramer;
  readonly #parser = parser();
  readonly #in: FaultLane;
  readonly #out: FaultLane;
  readonly #undecoded: Uint8Array[] = [];
  #isDecoding = false;
  #isClosed = false;

  constructor(options: PacketCodecOptions) {
    this.#options = options;
    const { clock, faults, clientId, onFault } = options;
    const lane = { clock, plan: faults, clientId, close: onFault };
    this.#framer = new PacketFramer(options.maxPacketBytes);
    this.#in = new FaultLane({ ...lane, direction: "in", pass: (bytes) => this.#decode(bytes) });
    this.#out = new FaultLane({ ...lane, direction: "out", pass: options.write });
    this.#parser.on("packet", options.onPacket);
    this.#parser.on("error", () => options.onError("malformed"));
  }

  /** Bytes from the client. */
  receive(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const error = this.#framer.push(bytes, (packet) => {
      const { name, topic } = peekPacket(packet);
      this.#in.push(packet, name, topic);
      return !this.#isClosed;
    });
    if (error !== undefined) this.#options.onError(error);
  }

  /** @param protocolVersion 4 for MQTT 3.1.1, 5 for MQTT 5. */
  send(packet: Packet, protocolVersion: number): void {
    if (this.#isClosed) return;
    const bytes = generate(packet, { protocolVersion });
    this.#out.push(bytes, packet.cmd, packet.cmd === "publish" ? packet.topic : undefined);
  }

  close(): void {
    this.#isClosed = true;
    this.#in.close();
    this.#out.close();
  }

  /** The decoder cannot be entered again, but a client without a network between answers before `write` returns. */
  #decode(bytes: Uint8Array): void {
    this.#undecoded.push(bytes);
    if (this.#isDecoding) return;
    this.#isDecoding = true;
    try {
      for (let next = this.#undecoded.shift(); next !== undefined; next = this.#undecoded.shift()) {
        if (!this.#isClosed) this.#parser.parse(Buffer.from(next));
      }
    } catch {
      // The decoder reports what it finds by its event; what it throws instead is a packet it did not expect.
      this.#undecoded.length = 0;
      this.#options.onError("malformed");
    } finally {
      this.#isDecoding = false;
    }
  }
}

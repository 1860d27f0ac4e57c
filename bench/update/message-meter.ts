import { parser } from "mqtt-packet";
import type { Chunk, Faults } from "../../host-sim/board/network/index.js";

/** Counts MQTT PUBLISH packets and the bytes of HTTP where they pass on the virtual network, and changes nothing. */
export class MessageMeter {
  fromDevice = 0;
  toDevice = 0;
  /** Bytes of HTTPS that reached the device, headers included. */
  httpsToDevice = 0;
  readonly #parsers = new Map<string, ReturnType<typeof parser>>();

  /** What else is to happen to chunks comes from `faults`. */
  over(faults: Faults = {}): Faults {
    return {
      ...faults,
      toPeer: (chunk) => {
        this.#see("out", chunk);
        return faults.toPeer?.(chunk);
      },
      toDevice: (chunk) => {
        this.#see("in", chunk);
        if (chunk.endpoint.endsWith(":443")) this.httpsToDevice += chunk.bytes.length;
        return faults.toDevice?.(chunk);
      },
    };
  }

  #see(direction: "in" | "out", { endpoint, connection, bytes }: Chunk): void {
    if (!endpoint.endsWith(":8883")) return;
    const key = `${direction} ${connection}`;
    let decoder = this.#parsers.get(key);
    if (decoder === undefined) {
      decoder = parser({ protocolVersion: 4 });
      decoder.on("packet", (packet: { cmd: string }) => {
        if (packet.cmd !== "publish") return;
        if (direction === "out") this.fromDevice += 1;
        else this.toDevice += 1;
      });
      this.#parsers.set(key, decoder);
    }
    decoder.parse(Buffer.from(bytes));
  }
}

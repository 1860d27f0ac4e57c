import { isTerminal } from "local-aws-iot/facts";
import { type Packet, parser } from "mqtt-packet";
import type { Chunk, ChunkFate, Faults } from "../board/network/index.js";
import { MQTT_HOST, S3_HOST } from "../world/virtual-cloud.js";

/** A message of the device that ends an execution, as it arrived at the broker. */
export type TerminalUpdate = {
  readonly jobId: string;
  readonly status: string;
  readonly executionNumber: number | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  /** The packet's DUP flag: the same message once more on a new connection. */
  readonly dup: boolean;
};

const UPDATE_TOPIC = /^\$aws\/things\/[^/]+\/jobs\/([^/]+)\/update$/;

/**
 * Listens between the board and its cloud: what the device really sent, and what really reached it. Changes nothing.
 */
export class Wiretap {
  readonly terminal: TerminalUpdate[] = [];
  /** Bytes of HTTP answers, headers included, that reached the board. */
  httpBytes = 0;
  /** HTTP requests that reached the server. */
  httpRequests = 0;
  readonly #parsers = new Map<number, ReturnType<typeof parser>>();

  /** The observers, in front of `faults`: only what those let through is counted. */
  over(faults: Faults = {}): Faults {
    return {
      ...faults,
      toDevice: (chunk) => this.#passed(faults.toDevice?.(chunk), chunk, (seen) => this.#down(seen)),
      toPeer: (chunk) => this.#passed(faults.toPeer?.(chunk), chunk, (seen) => this.#up(seen)),
    };
  }

  #passed(fate: ChunkFate | undefined, chunk: Chunk, see: (chunk: Chunk) => void): ChunkFate | undefined {
    const arrives = fate === undefined || fate === "deliver" || typeof fate === "object";
    if (arrives) see(typeof fate === "object" && "bytes" in fate ? { ...chunk, bytes: fate.bytes } : chunk);
    return fate;
  }

  #down({ endpoint, bytes }: Chunk): void {
    if (endpoint.includes(S3_HOST)) this.httpBytes += bytes.length;
  }

  #up({ endpoint, connection, bytes }: Chunk): void {
    if (endpoint.includes(S3_HOST) && startsRequest(bytes)) this.httpRequests += 1;
    if (!endpoint.startsWith(MQTT_HOST)) return;
    let stream = this.#parsers.get(connection);
    if (stream === undefined) {
      stream = parser();
      stream.on("packet", (packet) => this.#packet(packet));
      // Bytes that a fault has damaged are the broker's business.
      stream.on("error", () => {});
      this.#parsers.set(connection, stream);
    }
    stream.parse(Buffer.from(bytes));
  }

  #packet(packet: Packet): void {
    if (packet.cmd !== "publish") return;
    const jobId = UPDATE_TOPIC.exec(packet.topic)?.[1];
    if (jobId === undefined) return;
    const body: unknown = JSON.parse(String(packet.payload));
    if (typeof body !== "object" || body === null || !("status" in body)) return;
    const { status } = body;
    if (typeof status !== "string" || !isTerminal(status)) return;
    this.terminal.push({
      jobId,
      status,
      executionNumber:
        "executionNumber" in body && typeof body.executionNumber === "number" ? body.executionNumber : undefined,
      details:
        "statusDetails" in body && typeof body.statusDetails === "object" && body.statusDetails !== null
          ? { ...body.statusDetails }
          : {},
      dup: packet.dup,
    });
  }
}

function startsRequest(bytes: Uint8Array): boolean {
  return bytes[0] === 0x47 && bytes[1] === 0x45 && bytes[2] === 0x54; // "GET"
}

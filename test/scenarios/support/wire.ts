import { type IPublishPacket, type Packet, parser } from "mqtt-packet";
import type { Chunk, ChunkFate, Faults } from "../../../host-sim/board/network/index.js";
import { MQTT_HOST } from "../../../host-sim/world/virtual-cloud.js";

import { HttpLedger } from "./http-ledger.js";

export type Direction = "up" | "down";

export type SeenPacket = {
  /** `up` comes from the device. */
  readonly direction: Direction;
  /** ms of the virtual clock. */
  readonly at: number;
  /** Of the connection, from 1. */
  readonly connection: number;
  readonly packet: Packet;
  readonly topic: string;
  /** The payload as JSON; an empty object for anything else. */
  readonly body: Readonly<Record<string, unknown>>;
};

export type SeenRequest = {
  readonly at: number;
  readonly connection: number;
  readonly host: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
};

export type SeenUpdate = {
  readonly at: number;
  readonly jobId: string;
  readonly status: string;
  readonly details: Readonly<Record<string, string>>;
  readonly executionNumber: number | undefined;
  readonly expectedVersion: unknown;
  /** The same packet again, on another connection or after a time. */
  readonly dup: boolean;
};

const UPDATE_TOPIC = /^\$aws\/things\/[^/]+\/jobs\/([^/]+)\/update$/;
const TERMINAL: readonly string[] = Object.freeze(["SUCCEEDED", "FAILED", "REJECTED"]);

/** Listens between a board and its cloud and changes nothing. */
export class Wire {
  readonly packets: SeenPacket[] = [];
  readonly requests: SeenRequest[] = [];
  /** All that came down from servers of images, with headers, bytes. */
  httpBytes = 0;
  /** Requests and body bytes of all servers of images. */
  readonly ledger = new HttpLedger();
  readonly #now: () => number;
  readonly #parsers = new Map<string, ReturnType<typeof parser>>();
  readonly #heads = new Map<number, string>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `faults` with the listener in front: what they let through is seen. */
  over(faults: Faults = {}): Faults {
    return {
      ...faults,
      toDevice: (chunk) => this.#pass("down", chunk, faults.toDevice?.(chunk)),
      toPeer: (chunk) => this.#pass("up", chunk, faults.toPeer?.(chunk)),
    };
  }

  /** Job updates that the device sent and the network carried, in order. */
  get updates(): SeenUpdate[] {
    return this.packets.flatMap((seen) => {
      const jobId = UPDATE_TOPIC.exec(seen.topic)?.[1];
      if (seen.direction !== "up" || jobId === undefined) return [];
      const { status, statusDetails, executionNumber, expectedVersion } = seen.body;
      return [
        {
          at: seen.at,
          jobId,
          status: String(status),
          details: textsOf(statusDetails),
          executionNumber: typeof executionNumber === "number" ? executionNumber : undefined,
          expectedVersion,
          dup: seen.packet.cmd === "publish" && seen.packet.dup,
        },
      ];
    });
  }

  /** Updates that end an execution. */
  terminal(jobId?: string): SeenUpdate[] {
    return this.updates.filter(
      (update) => TERMINAL.includes(update.status) && (jobId === undefined || update.jobId === jobId),
    );
  }

  /** Requests for a job's execution: by its id, or `$next`. */
  describes(jobId: string): SeenPacket[] {
    return this.packets.filter(({ direction, topic }) => direction === "up" && topic.endsWith(`/jobs/${jobId}/get`));
  }

  /** Packets of one kind from the device. */
  sent(cmd: Packet["cmd"]): SeenPacket[] {
    return this.packets.filter(({ direction, packet }) => direction === "up" && packet.cmd === cmd);
  }

  /** First byte that each request asks for. */
  get offsets(): number[] {
    return this.requests.map(({ headers }) => Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0));
  }

  #pass(direction: Direction, chunk: Chunk, fate: ChunkFate | undefined): ChunkFate | undefined {
    const arrives = fate === undefined || fate === "deliver" || typeof fate === "object";
    if (!arrives) return fate;
    const bytes = typeof fate === "object" && "bytes" in fate ? fate.bytes : chunk.bytes;
    if (chunk.endpoint.startsWith(MQTT_HOST)) this.#mqtt(direction, chunk.connection, bytes);
    else if (direction === "down") {
      this.httpBytes += bytes.length;
      this.ledger.answer(chunk.connection, bytes);
    } else this.#http(chunk.connection, bytes);
    return fate;
  }

  #mqtt(direction: Direction, connection: number, bytes: Uint8Array): void {
    const key = `${direction} ${connection}`;
    let stream = this.#parsers.get(key);
    if (stream === undefined) {
      stream = parser();
      stream.on("packet", (packet) => {
        const published = packet.cmd === "publish" ? packet : undefined;
        this.packets.push({
          direction,
          at: this.#now(),
          connection,
          packet,
          topic: published?.topic ?? "",
          body: published === undefined ? {} : jsonOf(published),
        });
      });
      // Bytes that a fault has damaged are for the receiver to refuse.
      stream.on("error", () => {});
      this.#parsers.set(key, stream);
    }
    stream.parse(Buffer.from(bytes));
  }

  #http(connection: number, bytes: Uint8Array): void {
    const text = (this.#heads.get(connection) ?? "") + Buffer.from(bytes).toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      this.#heads.set(connection, text);
      return;
    }
    this.#heads.delete(connection);
    this.ledger.request();
    const [line = "", ...fields] = text.slice(0, end).split("\r\n");
    const headers = Object.fromEntries(
      fields.map((field) => [
        field.slice(0, field.indexOf(":")).toLowerCase(),
        field.slice(field.indexOf(":") + 1).trim(),
      ]),
    );
    this.requests.push({
      at: this.#now(),
      connection,
      host: headers.host ?? "",
      target: line.split(" ")[1] ?? "",
      headers,
    });
  }
}

function jsonOf(packet: IPublishPacket): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(String(packet.payload));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, String(member)]));
}

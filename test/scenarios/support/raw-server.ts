import type { PeerConnection } from "../../../host-sim/board/network/index.js";
import type { Scenario } from "./scenario.js";

export const RAW_HOST = "files.example.net";
export const RAW_URL = `https://${RAW_HOST}/firmware/image.bin`;

export type RawRequest = {
  /** Counts from 0 over all connections. */
  readonly number: number;
  /** Counts from 0 on its connection. */
  readonly ofConnection: number;
  readonly start: number;
  /** Last byte asked for; undefined: all. */
  readonly end: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly path: string;
};

export type RawReply = {
  readonly connection: PeerConnection;
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
  /** A flawless answer with this image: 206, or 200 where no range was asked for. */
  serve(image: Uint8Array, changes?: RawChanges): void;
};

export type RawChanges = {
  readonly status?: string;
  /** Replace or, with an empty text, remove headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the range of the image. */
  readonly body?: Uint8Array;
};

export const RAW_ETAG = '"raw-1"';

/**
 * An HTTPS server that answers byte for byte what a scenario wants, where its name leads from now on. Requests seen so
 * far.
 */
export function rawServer(
  scenario: Scenario,
  answer: (request: RawRequest, reply: RawReply) => void,
  host = RAW_HOST,
  address?: string,
): RawRequest[] {
  const requests: RawRequest[] = [];
  const { network } = scenario.world.cloud;
  network.listen(
    host,
    443,
    (connection) => {
      let text = "";
      let ofConnection = 0;
      connection.onData = (bytes) => {
        text += Buffer.from(bytes).toString("latin1");
        for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
          const request = requestOf(text.slice(0, end), requests.length, ofConnection);
          ofConnection += 1;
          text = text.slice(end + 4);
          requests.push(request);
          answer(request, replyTo(request, connection));
        }
      };
    },
    {
      certificate: { names: [host], notBefore: 0, notAfter: 4e12 },
      ...(address === undefined ? {} : { address }),
    },
  );
  return requests;
}

function requestOf(head: string, number: number, ofConnection: number): RawRequest {
  const [line = "", ...fields] = head.split("\r\n");
  const headers = Object.fromEntries(
    fields.map((field) => [
      field.slice(0, field.indexOf(":")).toLowerCase(),
      field.slice(field.indexOf(":") + 1).trim(),
    ]),
  );
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "");
  return {
    number,
    ofConnection,
    start: Number(range?.[1] ?? 0),
    end: range?.[2] === undefined || range[2] === "" ? undefined : Number(range[2]),
    headers,
    path: line.split(" ")[1] ?? "",
  };
}

function replyTo(request: RawRequest, connection: PeerConnection): RawReply {
  const text = (value: string) => connection.write(Buffer.from(value, "latin1"));
  const bytes = (value: Uint8Array) => connection.write(value);
  return {
    connection,
    text,
    bytes,
    serve(image, { status, headers, body } = {}) {
      const end = Math.min(request.end ?? image.length - 1, image.length - 1);
      const part = body ?? image.subarray(request.start, end + 1);
      const ranged = request.headers.range !== undefined;
      const all: Record<string, string> = {
        ...(ranged ? { "content-range": `bytes ${request.start}-${end}/${image.length}` } : {}),
        "content-length": String(part.length),
        etag: RAW_ETAG,
        ...headers,
      };
      const lines = Object.entries(all).flatMap(([name, value]) => (value === "" ? [] : [`${name}: ${value}`]));
      text([`HTTP/1.1 ${status ?? (ranged ? "206 Partial Content" : "200 OK")}`, ...lines, "", ""].join("\r\n"));
      bytes(part);
    },
  };
}

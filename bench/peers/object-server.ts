import type { PeerConnection, VirtualNetwork } from "../../host-sim/board/network/index.js";

export const HOST = "objects.example.test";
export const PORT = 443;
export const MQTT_PORT = 8883;
/** Where S3 ends a connection. */
const REQUESTS_PER_CONNECTION = 100;
/** As those of the local AWS with a presigned URL, and those of its answers. */
const REQUEST_LENGTH = 800;
const HEAD_LENGTH = 414;
/** A request for a block of a stream, and what comes with the block: topic, packet header, CBOR. */
const BLOCK_REQUEST_LENGTH = 160;
const BLOCK_OVERHEAD = 130;

export interface ObjectServer {
  readonly address: string;
  readonly headLength: number;
  readonly blockOverhead: number;
  /** Requests that say what is wanted: for a range over HTTPS, for a block over MQTT. */
  rangeRequest(start: number, count: number): Uint8Array;
  blockRequest(start: number, count: number): Uint8Array;
}

/** Serves `START+COUNT;` with a head and so many bytes: over HTTPS as S3 does, over MQTT as a stream does. */
export function serveObject(network: VirtualNetwork, size: number): ObjectServer {
  const certificate = { names: [HOST], notBefore: 0, notAfter: Number.POSITIVE_INFINITY };
  const address = "203.0.113.99";
  const accept = (limit: number, head: number) => (connection: PeerConnection) => {
    let requests = 0;
    connection.onData = (bytes) => {
      const [start = 0, count = 0] = Buffer.from(bytes).toString("latin1").split(";")[0]?.split("+").map(Number) ?? [];
      connection.write(new Uint8Array(head));
      connection.write(new Uint8Array(Math.min(count, size - start)));
      requests += 1;
      if (requests >= limit) connection.end();
    };
  };
  network.listen(HOST, PORT, accept(REQUESTS_PER_CONNECTION, HEAD_LENGTH), { address, certificate });
  network.listen(HOST, MQTT_PORT, accept(Number.POSITIVE_INFINITY, BLOCK_OVERHEAD), { address, certificate });
  return {
    address,
    headLength: HEAD_LENGTH,
    blockOverhead: BLOCK_OVERHEAD,
    rangeRequest: (start, count) => Buffer.from(`${start}+${count};`.padEnd(REQUEST_LENGTH)),
    blockRequest: (start, count) => Buffer.from(`${start}+${count};`.padEnd(BLOCK_REQUEST_LENGTH)),
  };
}

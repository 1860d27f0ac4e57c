import type { HttpFault } from "../faults/http-faults.js";
import type { ByteSource, CloudResponse } from "../message/message.js";

/** Bytes of one write to a connection. */
const PIECE_BYTES = 16 * 1024;

/** How an answer goes out: decided here, carried out by the HTTPS server and by the virtual one alike. */
export interface Delivery {
  readonly delayMs: number;
  readonly status: number;
  /** Without the framing headers content-length, transfer-encoding and connection. */
  readonly headers: Readonly<Record<string, string>>;
  /** Announced length, or undefined for chunked. */
  readonly contentLength: number | undefined;
  readonly body: ByteSource;
  /** Bytes of the body that are really sent. */
  readonly sendBytes: number;
  /** What happens after these: the answer is complete, the connection is closed, or nothing more happens. */
  readonly ending: "complete" | "cut" | "stall";
  readonly pieceBytes: number;
  /** Between two pieces. */
  readonly pauseMs: number;
  readonly close: boolean;
}

export function deliveryOf(response: CloudResponse, fault: HttpFault | undefined, close: boolean): Delivery {
  const { "content-length": announced, ...headers } = response.headers;
  const length = announced === undefined ? response.body.length : Number(announced);
  const stall = fault?.stallAfterBytes;
  const cut = fault?.cutAfterBytes;
  const stop = stall ?? cut;
  const sendBytes = Math.min(response.body.length, stop ?? response.body.length);
  return {
    delayMs: fault?.delayMs ?? 0,
    status: response.status,
    headers: twistedHeaders(headers, fault),
    contentLength: (fault?.chunked ?? response.chunked) === true ? undefined : length,
    body: fault?.corruptByte === undefined ? response.body : corrupted(response.body, fault.corruptByte),
    sendBytes,
    ending: stall !== undefined ? "stall" : cut !== undefined ? "cut" : "complete",
    pieceBytes: fault?.drip?.bytes ?? PIECE_BYTES,
    pauseMs: fault?.drip?.everyMs ?? 0,
    close: close || fault?.close === true,
  };
}

function twistedHeaders(
  headers: Readonly<Record<string, string>>,
  fault: HttpFault | undefined,
): Record<string, string> {
  const result: Record<string, string> = { ...headers };
  if (fault === undefined) return result;
  if (fault.etag !== undefined && result.etag !== undefined) result.etag = fault.etag;
  const range = result["content-range"];
  if (range !== undefined) {
    if (fault.total !== undefined) result["content-range"] = range.replace(/\/.*$/, `/${fault.total}`);
    if (fault.contentRange === "missing") delete result["content-range"];
    else if (fault.contentRange !== undefined) result["content-range"] = fault.contentRange;
  }
  if (fault.retryAfter !== undefined) result["retry-after"] = fault.retryAfter;
  if (fault.location !== undefined) result.location = fault.location;
  for (const [name, value] of Object.entries(fault.headers ?? {})) {
    if (value === "") delete result[name];
    else result[name] = value;
  }
  return result;
}

function corrupted(source: ByteSource, offset: number): ByteSource {
  return {
    length: source.length,
    read(start, end) {
      const bytes = source.read(start, end);
      if (offset < start || offset >= start + bytes.length) return bytes;
      const copy = Uint8Array.from(bytes);
      copy[offset - start] = (copy[offset - start] ?? 0) ^ 0xff;
      return copy;
    },
    close: () => source.close(),
  };
}

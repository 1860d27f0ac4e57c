import type { FotaDownloadErrorCode } from "./errors.js";

/** How far a connection came, as seen at its sockets. The SDK's client reports its end without a reason. */
export type ConnectionSigns = {
  readonly secure: boolean;
  /** The name was resolved to an address that may not be connected to. */
  readonly screened: boolean;
  /** A socket was asked for, so the name was resolved. */
  readonly resolved: boolean;
  /**
   * TCP reported that it is writable: the peer answered. Known only where the endpoint names the TCP class that TLS
   * runs over.
   */
  readonly connected: boolean;
  /** The socket the HTTP client talks to was writable: for TLS, the handshake is over. */
  readonly established: boolean;
  readonly headersSeen: boolean;
  /** What a guarded TCP class caught, or what a socket's constructor threw. */
  readonly exception: unknown;
  /** The argument of the HTTP client's onError: set for name look-up and "bad response" only. */
  readonly clientError: unknown;
};

export type ConnectionFailure = {
  readonly code: FotaDownloadErrorCode;
  readonly detail: string;
  /** No byte of a response was seen. */
  readonly beforeResponse: boolean;
};

const MAX_DETAIL_LENGTH = 80;

/** Names what went wrong. */
export function classifyFailure(signs: ConnectionSigns): ConnectionFailure {
  const beforeResponse = !signs.headersSeen;
  const fail = (code: FotaDownloadErrorCode, detail: string) => ({ code, detail, beforeResponse });
  const text = exceptionText(signs.exception ?? signs.clientError);
  if (isTlsRefusal(signs.exception)) return fail("tls", text);
  if (signs.screened) return fail("dns", "host name leads into a local network");
  if (!signs.resolved) return fail("dns", "host name not resolved");
  if (!signs.established) {
    if (!signs.secure || (text === "" && !signs.connected)) return fail("connect", text || "connection failed");
    return fail("tls", text || "connection closed during the handshake");
  }
  if (signs.headersSeen) return fail("disconnected", text || "connection closed within the response");
  // An exception here comes out of the HTTP client's parser.
  return text === "" ? fail("disconnected", "connection closed before the response") : fail("bad-response", text);
}

/** TLS says so itself, at any time of the connection's life. */
function isTlsRefusal(value: unknown): boolean {
  return value instanceof Error && "code" in value && value.code === "tls";
}

function exceptionText(value: unknown): string {
  if (!(value instanceof Error)) return "";
  return (value.message || value.name).slice(0, MAX_DETAIL_LENGTH);
}

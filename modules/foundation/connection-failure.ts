import type { ConnectionSigns } from "./connection-signs.js";

/** In which step a connection could not be made, or that TLS ended it: the same codes for HTTP and MQTT. */
export type SetupFailure = { readonly code: "dns" | "connect" | "tls"; readonly detail: string };

const MAX_DETAIL_LENGTH = 120;

/**
 * Names the step that failed; `undefined` when the connection stood, and did not end by TLS.
 * @param secure the connection is one over TLS
 */
export function setupFailure(signs: ConnectionSigns, secure: boolean): SetupFailure | undefined {
  const { exception } = signs;
  const text = exceptionText(exception);
  if (isTlsRefusal(exception)) return { code: "tls", detail: text };
  if (signs.screened) return { code: "dns", detail: "host name leads into a local network" };
  if (!signs.resolved) return { code: "dns", detail: "host name not resolved" };
  if (signs.established) return undefined;
  if (!secure || (text === "" && !signs.connected)) return { code: "connect", detail: text || "connection failed" };
  return { code: "tls", detail: text || "connection closed during the handshake" };
}

/** TLS says so itself, at any time of the connection's life. */
function isTlsRefusal(value: unknown): boolean {
  return value instanceof Error && "code" in value && value.code === "tls";
}

/** What an exception says, short enough for a message; empty for what is none. */
export function exceptionText(value: unknown): string {
  if (!(value instanceof Error)) return "";
  return (value.message || value.name).slice(0, MAX_DETAIL_LENGTH);
}

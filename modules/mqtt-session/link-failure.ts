import { exceptionText, setupFailure } from "../foundation/connection-failure.js";
import type { MqttSessionErrorCode } from "./errors.js";
import { CONNACK } from "./mqtt-client-port.js";
import type { SocketSigns } from "./socket-witness.js";

export type LinkFailure = { readonly code: MqttSessionErrorCode; readonly message: string };

/** [MQTT 3.1.1, 3.2.2.3] */
const CONNACK_TEXTS = Object.freeze([
  "accepted",
  "protocol version not accepted",
  "client id refused",
  "broker unavailable",
  "bad user name or password",
  "not authorized",
]);

const CLOSED_BEFORE_CONNACK = "closed before CONNACK: certificate, policy, or ALPN on port 443";
/** All that is known of most losses. */
export const CLOSED = "closed by the broker or the network";

const CONNACK_BYTE = CONNACK << 4;
/** "HTTP" */
const HTTP = Object.freeze([0x48, 0x54, 0x54, 0x50]);

/** What the broker's first bytes say against it; `undefined` while they can still become a CONNACK that accepts. */
export function greetingFailure(head: readonly number[]): LinkFailure | undefined {
  const [type, , , code] = head;
  if (type === undefined) return undefined;
  if (type !== CONNACK_BYTE) {
    const isHttp = HTTP.every((byte, index) => (head[index] ?? byte) === byte);
    const what = isHttp ? "HTTP in the place of MQTT: a proxy, or port 443 without ALPN" : "bytes that are no CONNACK";
    return { code: "not-mqtt", message: what };
  }
  if (code === undefined || code === 0) return undefined;
  return { code: "connack-refused", message: `CONNACK ${code}: ${CONNACK_TEXTS[code] ?? "unknown code"}` };
}

/**
 * Why a link failed. An accepted one that the broker or the network ended is "connection-lost" here, whatever may be
 * behind it.
 */
export function linkFailure(signs: SocketSigns, secure: boolean, accepted: boolean): LinkFailure {
  const { ended, exception, resolved, established } = signs;
  const text = exceptionText(exception);
  if (!resolved && text !== "" && !ended) return { code: "connection-failed", message: text };
  // The client gave up by a timer of its own.
  if (resolved && !established && !ended && text === "") return timedOut(signs, secure);
  const setup = setupFailure(signs, secure);
  if (setup !== undefined) return { code: setup.code, message: setup.detail };
  if (!accepted) {
    const greeting = greetingFailure(signs.head);
    if (greeting !== undefined) return greeting;
    if (!ended) return timedOut(signs, secure);
    // AWS IoT sends no CONNACK to what it does not let in.
    return { code: "connection-failed", message: text || CLOSED_BEFORE_CONNACK };
  }
  // The client's parser throws, or ends the connection within its onReadable.
  if (signs.reading && (text !== "" || !ended)) return { code: "bad-packet", message: text || "not MQTT" };
  if (!ended && text === "") return { code: "liveness-timeout", message: "no answer to a ping" };
  return { code: "connection-lost", message: text || CLOSED };
}

/** No CONNACK in time: which step was not over. */
export function timedOut(signs: SocketSigns, secure: boolean): LinkFailure {
  return { code: "connect-timeout", message: `no end of ${pendingStep(signs, secure)}` };
}

function pendingStep({ resolved, connected, established }: SocketSigns, secure: boolean): string {
  if (!resolved) return "the name look-up";
  if (established) return "the wait for CONNACK";
  return secure && connected ? "the TLS handshake" : "the TCP connection";
}

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Delivery } from "./delivery.js";

/** Carries out a delivery on a real connection, no faster than the client reads. Returns the body bytes sent. */
export async function sendDelivery(outgoing: ServerResponse, delivery: Delivery): Promise<number> {
  let sent = 0;
  try {
    if (delivery.delayMs > 0) await wait(delivery.delayMs);
    if (outgoing.destroyed) return 0;
    outgoing.writeHead(delivery.status, {
      ...delivery.headers,
      ...(delivery.contentLength === undefined ? {} : { "content-length": String(delivery.contentLength) }),
      ...(delivery.close ? { connection: "close" } : {}),
    });
    outgoing.flushHeaders();
    while (sent < delivery.sendBytes) {
      const bytes = delivery.body.read(sent, Math.min(sent + delivery.pieceBytes, delivery.sendBytes));
      if (bytes.length === 0) break;
      sent += bytes.length;
      const room = outgoing.write(bytes);
      if (delivery.pauseMs > 0) await wait(delivery.pauseMs);
      else if (!room) await drained(outgoing);
      if (outgoing.destroyed) return sent;
    }
    if (delivery.ending === "complete") outgoing.end();
    else if (delivery.ending === "cut") cut(outgoing);
    return sent;
  } finally {
    delivery.body.close();
  }
}

/** How long, and how much, a refused client may go on sending while it reads why. */
const LINGER_MS = 2000;
const LINGER_BYTES = 16 * 1024 * 1024;

/**
 * Answers a request whose body is not wanted, and ends the connection. A connection that is closed while bytes arrive
 * is reset, and the answer lost with it: so what the client still sends is thrown away for a while.
 */
export async function sendRefusal(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, headers, body }: Delivery,
): Promise<void> {
  const bytes = body.read(0, body.length);
  body.close();
  outgoing.writeHead(status, { ...headers, "content-length": String(bytes.length), connection: "close" });
  outgoing.write(bytes);
  if (incoming.headers.expect === undefined) await lingered(incoming);
  outgoing.end();
}

async function lingered(incoming: IncomingMessage): Promise<void> {
  const over = new AbortController();
  const until = { signal: over.signal };
  let left = LINGER_BYTES;
  incoming.on("data", (part: Buffer) => {
    left -= part.length;
    if (left < 0) over.abort();
  });
  incoming.resume();
  const ends = [once(incoming, "end", until), once(incoming, "close", until), wait(LINGER_MS, undefined, until)];
  await Promise.race(ends).catch(() => undefined);
  over.abort();
  await Promise.allSettled(ends);
}

/** Waits until the client has read on, or is gone. */
async function drained(outgoing: ServerResponse): Promise<void> {
  const over = new AbortController();
  const until = { signal: over.signal };
  await Promise.race([once(outgoing, "drain", until), once(outgoing, "close", until)]).catch(() => undefined);
  over.abort();
}

/** Ends the connection after what was written has left, without completing the response. */
function cut(outgoing: ServerResponse): void {
  outgoing.socket?.destroySoon();
}

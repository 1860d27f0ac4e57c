import { once } from "node:events";
import type { ServerResponse } from "node:http";
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

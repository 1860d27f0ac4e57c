import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { answer, DEFAULT_BODY_LIMITS, type Front, type HttpsCounters, type HttpsFrontOptions } from "./answer.js";
import { BodyBudget } from "./body-budget.js";

export interface HttpsFront {
  readonly port: number;
  readonly counters: Readonly<HttpsCounters>;
  /** Bytes of request bodies that are held now, over all connections. */
  readonly heldBodyBytes: number;
  /** Stops listening and closes all connections; {@link comeBack} listens on the same port again. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** The one HTTPS port of the local AWS (TLS 1.2 and 1.3). Error: rejects when the port is taken. */
export async function startHttpsFront(options: HttpsFrontOptions): Promise<HttpsFront> {
  const counters: HttpsCounters = {
    ...{ handshakes: 0, requests: 0, s3BodyBytes: 0 },
    ...{ iot: 0, "iot-jobs-data": 0, iotdata: 0, sts: 0, s3: 0, other: 0 },
  };
  const limits = { ...DEFAULT_BODY_LIMITS, ...options.bodyLimits };
  const budget = new BodyBudget(limits.total);
  const front: Front = { ...options, counters, limits, budget, served: new WeakMap() };
  const server = createServer({
    ...options.tls,
    minVersion: "TLSv1.2",
    keepAliveTimeout: options.s3.switches.idleTimeoutMs,
  });
  const sockets = new Set<Duplex>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("secureConnection", () => {
    counters.handshakes += 1;
  });
  const take = (request: IncomingMessage, response: ServerResponse, begin: () => void) => {
    answer(request, response, front, begin).catch((error: unknown) => {
      options.rest.context.log(`https: ${error instanceof Error ? error.message : "failed"}`);
      response.destroy();
    });
  };
  server.on("request", (request, response) => take(request, response, () => {}));
  // A client that asks before it sends its body is told to when its headers are believed.
  server.on("checkContinue", (request, response) => take(request, response, () => response.writeContinue()));

  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, options.host, () => {
        server.off("error", reject);
        resolve();
      });
    });
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  await listen(options.port);
  const port = portOf(server.address());
  return {
    port,
    counters,
    get heldBodyBytes() {
      return budget.used;
    },
    goAway: stop,
    comeBack: () => listen(port),
    close: () => (server.listening ? stop() : Promise.resolve()),
  };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

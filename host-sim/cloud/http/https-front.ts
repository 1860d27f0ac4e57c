import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpFaults, HttpServiceName } from "../faults/http-faults.js";
import { type CloudRequest, type CloudResponse, hostOf, splitTarget, textSource } from "../message/message.js";
import { isS3Host } from "../s3/address.js";
import { serveS3 } from "../s3/serve-s3.js";
import type { S3Service } from "../s3/service.js";
import { signedService } from "../sigv4/verify.js";
import { deliveryOf } from "./delivery.js";
import { OLD_IOT_NAME, type RestServices, serveRest } from "./rest.js";
import { sendDelivery } from "./send-delivery.js";

/** Largest request body; S3 images and multipart parts are far below it. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const LOCAL_PREFIX = "/_local/";

/** HTTPS requests that were counted since the start. */
export interface HttpsCounters {
  handshakes: number;
  requests: number;
  /** Requests by service. */
  iot: number;
  "iot-jobs-data": number;
  s3: number;
  /** Body bytes sent by S3. */
  s3BodyBytes: number;
}

export interface HttpsFrontOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly host: string;
  readonly port: number;
  readonly rest: RestServices;
  readonly s3: S3Service;
  readonly faults: HttpFaults;
  /** Answers requests below `/_local/`. */
  local(request: CloudRequest): CloudResponse | Promise<CloudResponse>;
}

export interface HttpsFront {
  readonly port: number;
  readonly counters: Readonly<HttpsCounters>;
  /** Stops listening and closes all connections; {@link comeBack} listens on the same port again. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** The one HTTPS port of the local AWS (TLS 1.2 and 1.3). Error: rejects when the port is taken. */
export async function startHttpsFront(options: HttpsFrontOptions): Promise<HttpsFront> {
  const counters: HttpsCounters = { handshakes: 0, requests: 0, iot: 0, "iot-jobs-data": 0, s3: 0, s3BodyBytes: 0 };
  const served = new WeakMap<Duplex, number>();
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
  server.on("request", (request, response) => {
    answer(request, response, options, counters, served).catch((error: unknown) => {
      options.rest.context.log(`https: ${error instanceof Error ? error.message : "failed"}`);
      response.destroy();
    });
  });

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
    goAway: stop,
    comeBack: () => listen(port),
    close: () => (server.listening ? stop() : Promise.resolve()),
  };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: HttpsFrontOptions,
  counters: HttpsCounters,
  served: WeakMap<Duplex, number>,
): Promise<void> {
  const body = await readBody(incoming);
  const request = requestOf(incoming, body ?? new Uint8Array(0));
  if (body === undefined) {
    const response = { status: 413, headers: {}, body: textSource("") };
    await sendDelivery(outgoing, deliveryOf(response, undefined, true));
    return;
  }
  if (request.path.startsWith(LOCAL_PREFIX)) {
    await sendDelivery(outgoing, deliveryOf(await options.local(request), undefined, false));
    return;
  }
  const service = serviceOf(request);
  counters.requests += 1;
  counters[service] += 1;
  const fault = options.faults.take(service, request);
  if (fault?.drop === true) {
    outgoing.destroy();
    return;
  }
  if (service === "s3") {
    const count = (served.get(incoming.socket) ?? 0) + 1;
    served.set(incoming.socket, count);
    const last = count >= options.s3.switches.requestsPerConnection;
    const sent = await sendDelivery(outgoing, deliveryOf(serveS3(request, options.s3, fault), fault, last));
    counters.s3BodyBytes += sent;
  } else {
    await sendDelivery(outgoing, deliveryOf(await serveRest(request, service, options.rest, fault), fault, false));
  }
}

/**
 * Which service a request is for: the name in its signature, else its host. A request that names none is taken for S3,
 * which refuses it with its own error.
 */
function serviceOf(request: CloudRequest): HttpServiceName {
  const signed = signedService(request);
  if (signed === OLD_IOT_NAME) return "iot";
  if (signed === "iot" || signed === "iot-jobs-data" || signed === "s3") return signed;
  const host = hostOf(request).toLowerCase();
  if (isS3Host(host)) return "s3";
  if (/(^|\.)jobs\.iot\./.test(host)) return "iot-jobs-data";
  if (/(^|\.)iot\./.test(host)) return "iot";
  return "s3";
}

/** Undefined when the body is too large. */
async function readBody(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of incoming) {
    if (!(part instanceof Buffer)) continue;
    length += part.length;
    if (length > MAX_BODY_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function requestOf(incoming: IncomingMessage, body: Uint8Array): CloudRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return { method: incoming.method ?? "GET", ...splitTarget(incoming.url ?? "/"), headers, body };
}

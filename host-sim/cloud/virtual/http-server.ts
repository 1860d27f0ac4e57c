import type { CancelTimer, CloudClock } from "../context/context.js";
import type { HttpFault, HttpFaults } from "../faults/http-faults.js";
import { type Delivery, deliveryOf } from "../http/delivery.js";
import type { CloudRequest } from "../message/message.js";
import { serveS3 } from "../s3/serve-s3.js";
import type { S3Service } from "../s3/service.js";
import { HttpRequestParser } from "./http-parser.js";

/** The cloud's end of a virtual connection. */
export interface HttpConnection {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** What the network tells about that connection. */
export interface HttpPeer {
  onData(bytes: Uint8Array): void;
  onClose(): void;
}

export interface HttpCounters {
  connections: number;
  requests: number;
  bodyBytes: number;
}

/** S3 on a virtual network: the same service and the same faults as on the HTTPS server, on a virtual clock. */
export interface HttpServer {
  accept(connection: HttpConnection): HttpPeer;
  /** Closes all connections and every new one at once. */
  goAway(): void;
  comeBack(): void;
  readonly counters: Readonly<HttpCounters>;
  close(): void;
}

export function createHttpServer(options: { s3: S3Service; faults?: HttpFaults }): HttpServer {
  const open = new Set<S3Connection>();
  const counters: HttpCounters = { connections: 0, requests: 0, bodyBytes: 0 };
  let away = false;
  const leave = () => {
    away = true;
    for (const connection of [...open]) connection.end();
  };
  return {
    accept(connection) {
      const { s3, faults } = options;
      const made = new S3Connection({ connection, s3, faults, counters, onEnd: () => open.delete(made) });
      open.add(made);
      counters.connections += 1;
      // Not in this call: the network has to know the peer before it hears of the end.
      if (away) s3.context.clock.after(0, () => made.end());
      return made;
    },
    goAway: leave,
    comeBack() {
      away = false;
    },
    counters,
    close: leave,
  };
}

interface ConnectionOptions {
  readonly connection: HttpConnection;
  readonly s3: S3Service;
  readonly faults: HttpFaults | undefined;
  readonly counters: HttpCounters;
  readonly onEnd: () => void;
}

class S3Connection implements HttpPeer {
  readonly #options: ConnectionOptions;
  readonly #clock: CloudClock;
  readonly #parser = new HttpRequestParser();
  readonly #waiting: CloudRequest[] = [];
  #busy = false;
  /** What comes behind the waiting requests is none. */
  #bad = false;
  #count = 0;
  #ended = false;
  #cancel: CancelTimer | undefined;
  #delivery: Delivery | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#clock = options.s3.context.clock;
    this.#idle();
  }

  onData(bytes: Uint8Array): void {
    if (this.#ended || this.#bad) return;
    const { requests, bad } = this.#parser.push(bytes);
    this.#waiting.push(...requests);
    this.#bad = bad;
    this.#next();
  }

  onClose(): void {
    this.#stop();
  }

  /** Closes the connection; nothing more is sent. */
  end(): void {
    if (this.#ended) return;
    this.#stop();
    this.#options.connection.close();
  }

  #stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancel?.();
    this.#delivery?.body.close();
    this.#options.onEnd();
  }

  #idle(): void {
    this.#later(this.#options.s3.switches.idleTimeoutMs, () => this.end());
  }

  #later(ms: number, callback: () => void): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(ms, callback);
  }

  #next(): void {
    if (this.#busy || this.#ended) return;
    const request = this.#waiting.shift();
    if (request === undefined && this.#bad) {
      this.#write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      this.end();
      return;
    }
    if (request === undefined) {
      this.#idle();
      return;
    }
    this.#busy = true;
    this.#count += 1;
    this.#options.counters.requests += 1;
    const fault = this.#options.faults?.take("s3", request);
    if (fault?.drop === true) {
      this.end();
      return;
    }
    const delivery = this.#deliveryOf(request, fault);
    this.#delivery = delivery;
    // A turn between request and answer even without delay: an answer never comes while the device is still sending.
    this.#later(delivery.delayMs, () => this.#begin(delivery));
  }

  #deliveryOf(request: CloudRequest, fault: HttpFault | undefined): Delivery {
    const { s3 } = this.#options;
    const last =
      this.#count >= s3.switches.requestsPerConnection || request.headers.connection?.toLowerCase() === "close";
    return deliveryOf(serveS3(request, s3, fault), fault, last);
  }

  #begin(delivery: Delivery): void {
    const lines = [`HTTP/1.1 ${delivery.status} ${REASONS[delivery.status] ?? "Status"}`];
    for (const [name, value] of Object.entries(delivery.headers)) lines.push(`${name}: ${value}`);
    const bodiless = delivery.status === 304 || delivery.status === 204;
    if (delivery.contentLength === undefined) lines.push("transfer-encoding: chunked");
    else if (!bodiless) lines.push(`content-length: ${delivery.contentLength}`);
    if (delivery.close) lines.push("connection: close");
    this.#write(`${lines.join("\r\n")}\r\n\r\n`);
    this.#send(delivery, 0);
  }

  #send(delivery: Delivery, from: number): void {
    let at = from;
    while (at < delivery.sendBytes && !this.#ended) {
      const bytes = delivery.body.read(at, Math.min(at + delivery.pieceBytes, delivery.sendBytes));
      if (bytes.length === 0) break;
      at += bytes.length;
      this.#options.counters.bodyBytes += bytes.length;
      if (delivery.contentLength === undefined) this.#write(`${bytes.length.toString(16)}\r\n`);
      this.#options.connection.write(bytes);
      if (delivery.contentLength === undefined) this.#write("\r\n");
      if (delivery.pauseMs > 0 && at < delivery.sendBytes) {
        this.#later(delivery.pauseMs, () => this.#send(delivery, at));
        return;
      }
    }
    delivery.body.close();
    this.#finish(delivery);
  }

  #finish(delivery: Delivery): void {
    if (this.#ended) return;
    if (delivery.ending === "stall") {
      this.#cancel?.();
      return;
    }
    if (delivery.ending === "complete" && delivery.contentLength === undefined) this.#write("0\r\n\r\n");
    if (delivery.ending === "cut" || delivery.close) {
      this.end();
      return;
    }
    this.#busy = false;
    this.#next();
  }

  #write(text: string): void {
    this.#options.connection.write(Buffer.from(text, "latin1"));
  }
}

const REASONS: Readonly<Record<number, string>> = Object.freeze({
  200: "OK",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  412: "Precondition Failed",
  416: "Requested Range Not Satisfiable",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Slow Down",
});

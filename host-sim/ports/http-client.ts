/**
 * SDK `embedded:network/http/client`: HTTP/1.1, one connection, one request after the other. What a program above has
 * to live with is kept: no time-outs, nothing said about why something failed, requests that vanish after an error, and
 * answers it cannot read (HEAD, 304, 100, trailers, a status line without reason, a body that ends with the
 * connection).
 */
import {
  byteTarget,
  type ClientSocket,
  type ResolverEndpoint,
  type SocketEndpoint,
  shortened,
} from "./client-socket.js";
import { bodyKindOf, ResponseHead, requestHead } from "./http-messages.js";
import Timer, { type TimerId } from "./timer.js";
import { encodeUtf8 } from "./utf8.js";

interface HTTPClientOptions {
  readonly host: string;
  readonly port?: number;
  readonly dns: ResolverEndpoint;
  readonly socket: SocketEndpoint;
  readonly onError?: (error?: unknown) => void;
}

interface RequestOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Map<string, unknown>;
  readonly headersMask?: readonly string[];
  readonly onHeaders?: (this: HTTPRequest, status: number, headers: Map<string, string>, statusText: string) => void;
  readonly onReadable?: (this: HTTPRequest, count: number) => void;
  readonly onWritable?: (this: HTTPRequest, count: number) => void;
  readonly onDone?: (this: HTTPRequest, error: Error | null) => void;
}

interface Exchange {
  readonly options: RequestOptions;
  readonly request: HTTPRequest;
}

type State =
  | "disconnected"
  | "connected"
  | "sending-head"
  | "sending-body"
  | "status"
  | "fields"
  | "body"
  | "body-complete"
  | "trailer"
  | "completing"
  | "error"
  | "closed";

const DEFAULT_PORT = 80;
/** Room a chunk of a request needs beside its data. */
const CHUNK_OVERHEAD = 8;
const LINE_END = "\r\n";
const LF = 10;

let readBody: (client: HTTPClient, request: HTTPRequest, argument: unknown) => unknown;
let writeBody: (client: HTTPClient, request: HTTPRequest, data: unknown) => number;

class HTTPRequest {
  readonly #client: HTTPClient;

  constructor(client: HTTPClient) {
    this.#client = client;
  }

  read(argument?: unknown): unknown {
    return readBody(this.#client, this, argument);
  }

  write(data?: unknown): number {
    return writeBody(this.#client, this, data);
  }
}

class HTTPClient {
  #socket: ClientSocket | undefined;
  #state: State = "disconnected";
  readonly #host: string;
  readonly #onError: HTTPClientOptions["onError"];
  readonly #waiting: Exchange[] = [];
  #current: Exchange | undefined;
  #timer: TimerId | undefined;
  #writable = 0;
  #readable = 0;
  #unsent: Uint8Array | undefined;
  /** Bytes of the request's body still to come, or "chunked". */
  #owed: number | "chunked" = 0;
  #line = "";
  #head = new ResponseHead(undefined);
  /** Bytes of the body left, without transfer coding; Infinity when only the end of the connection ends it. */
  #remaining = 0;
  /** Bytes left of the current chunk; undefined when the body is not chunked. */
  #chunk: number | undefined;

  static {
    readBody = (client, request, argument) => client.#read(request, argument);
    writeBody = (client, request, data) => client.#write(request, data);
  }

  constructor(options: HTTPClientOptions) {
    if (!options.host) throw new Error("host required");
    this.#host = options.host;
    this.#onError = options.onError;
    const dns = new options.dns.io(options.dns);
    dns.resolve({
      host: options.host,
      onResolved: (host, address) => {
        // Also after close(): the socket is opened then and stays open for ever.
        try {
          this.#socket = new options.socket.io({
            ...options.socket,
            address,
            host,
            port: options.port ?? DEFAULT_PORT,
            onReadable: (count: number) => this.#received(count),
            onWritable: (count: number) => this.#roomChanged(count),
            onError: () => this.#fail(),
          });
        } catch (error) {
          this.#fail(error);
        }
      },
      onError: (error) => this.#fail(error),
    });
  }

  /** Accepted in every state; after an error or close() nothing ever comes of it. */
  request(options: RequestOptions): HTTPRequest {
    const exchange = { options: { ...options }, request: new HTTPRequest(this) };
    this.#waiting.push(exchange);
    if (this.#state === "connected" && this.#waiting.length === 1) {
      this.#next();
      this.#timer = Timer.set(() => {
        this.#timer = undefined;
        this.#roomChanged(this.#writable);
      });
    }
    return exchange.request;
  }

  /** No `onDone` for requests that are under way or waiting. */
  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
    Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#current = undefined;
    this.#waiting.length = 0;
    this.#state = "closed";
  }

  #live(): ClientSocket {
    if (this.#socket === undefined) throw new TypeError("cannot coerce undefined to object");
    return this.#socket;
  }

  #of(request: HTTPRequest): Exchange {
    if (this.#current === undefined) throw new TypeError("cannot coerce undefined to object");
    if (this.#current.request !== request) throw new Error("bad state");
    return this.#current;
  }

  #next(): void {
    this.#current = this.#waiting.shift();
    if (this.#current === undefined) return;
    this.#state = "sending-head";
    const { method, path, headers } = this.#current.options;
    const { text, body } = requestHead(this.#host, method ?? "GET", path || "/", headers ?? new Map());
    this.#unsent = encodeUtf8(text);
    this.#owed = body;
    this.#chunk = undefined;
  }

  #roomChanged(count: number): void {
    this.#writable = count;
    if (this.#state === "disconnected") {
      this.#state = "connected";
      this.#next();
    }
    if (this.#unsent !== undefined && !this.#flush(this.#unsent)) return;
    if (this.#state === "sending-head") this.#state = "sending-body";
    if (this.#state !== "sending-body") return;
    if (this.#owed === 0) {
      this.#awaitResponse();
      return;
    }
    const room = this.#owed === "chunked" ? this.#writable - CHUNK_OVERHEAD : Math.min(this.#writable, this.#owed);
    if (room > 0) this.#current?.options.onWritable?.call(this.#current.request, room);
    if (this.#unsent !== undefined && this.#flush(this.#unsent) && this.#owed === 0) this.#awaitResponse();
  }

  #awaitResponse(): void {
    this.#state = "status";
    this.#line = "";
  }

  /** `true` when everything is out. */
  #flush(unsent: Uint8Array): boolean {
    const count = Math.min(unsent.byteLength, this.#writable);
    if (count > 0) this.#writable = this.#live().write(unsent.subarray(0, count)) ?? 0;
    this.#unsent = count < unsent.byteLength ? unsent.subarray(count) : undefined;
    return this.#unsent === undefined;
  }

  #write(request: HTTPRequest, data: unknown): number {
    this.#of(request);
    if (this.#state !== "sending-body") throw new Error("bad state");
    if (!data) {
      if (this.#owed !== "chunked") throw new Error("bad data");
      this.#unsent = encodeUtf8(`0${LINE_END}${LINE_END}`);
      this.#owed = 0;
      return 0;
    }
    const length = typeof data === "object" && "byteLength" in data ? Number(data.byteLength) : Number.NaN;
    const socket = this.#live();
    if (this.#owed === "chunked") {
      if (length + CHUNK_OVERHEAD > this.#writable) throw new Error("would block");
      socket.write(encodeUtf8(length.toString(16) + LINE_END));
      socket.write(data);
      this.#writable = socket.write(encodeUtf8(LINE_END)) ?? 0;
      return Math.max(0, this.#writable - CHUNK_OVERHEAD);
    }
    if (length > this.#writable || length > this.#owed) throw new Error("would block");
    this.#writable = socket.write(data) ?? 0;
    this.#owed -= length;
    if (this.#owed > 0) return Math.min(this.#writable, this.#owed);
    this.#awaitResponse();
    return 0;
  }

  #received(count: number): void {
    this.#readable = count;
    while (this.#readable > 0) {
      switch (this.#state) {
        case "status":
        case "fields":
        case "trailer":
          if (!this.#takeLine()) return;
          if (!this.#lineComplete()) return;
          break;
        case "body":
          if (this.#chunk === 0) {
            if (!this.#takeLine()) return;
            this.#chunkStarted();
            break;
          }
          this.#offer();
          return;
        default:
          // Bytes nobody asked for, between two requests.
          throw new Error();
      }
    }
  }

  /**
   * Adds to the current line; `true` when it is complete. A line that ends with LF alone never is: the rest waits for
   * more bytes.
   */
  #takeLine(): boolean {
    const socket = this.#live();
    socket.format = "number";
    while (this.#readable > 0) {
      this.#readable -= 1;
      const byte = Number(socket.read());
      this.#line += String.fromCharCode(byte);
      if (byte === LF) break;
    }
    socket.format = "buffer";
    return this.#line.endsWith(LINE_END);
  }

  /** `false` ends the work on what has arrived. */
  #lineComplete(): boolean {
    const line = this.#line;
    this.#line = "";
    if (this.#state === "trailer") {
      if (line !== LINE_END) throw new Error();
      this.#done();
      return false;
    }
    if (this.#state === "status") {
      this.#head = new ResponseHead(this.#current?.options.headersMask);
      // A bad status line is reported and then read on, on a socket that is closed by now.
      if (!this.#head.takeStatus(line)) this.#fail(new Error("bad response"));
      this.#state = "fields";
      return true;
    }
    if (line !== LINE_END) {
      this.#head.takeField(line);
      return true;
    }
    return this.#headComplete();
  }

  #headComplete(): boolean {
    const { remaining, chunked } = bodyKindOf(this.#head);
    this.#remaining = remaining;
    this.#chunk = chunked ? 0 : undefined;
    const { status, headers, statusText } = this.#head;
    this.#current?.options.onHeaders?.call(this.#current.request, status, headers, statusText);
    if (this.#current === undefined) return false;
    this.#state = "body";
    if (!chunked && remaining === 0) {
      this.#done();
      return false;
    }
    return true;
  }

  #chunkStarted(): void {
    const line = this.#line;
    this.#line = "";
    if (line === LINE_END) return;
    this.#chunk = Number.parseInt(line.trim(), 16);
    if (this.#chunk === 0) this.#state = "trailer";
  }

  #available(): number {
    return Math.min(this.#readable, this.#chunk ?? this.#remaining);
  }

  #offer(): void {
    const count = this.#available();
    if (count > 0) this.#current?.options.onReadable?.call(this.#current.request, count);
  }

  #read(request: HTTPRequest, argument: unknown = this.#readable): unknown {
    this.#of(request);
    if (this.#state !== "body") return undefined;
    let target = typeof argument === "object" && argument !== null ? byteTarget(argument) : undefined;
    let count = target === undefined ? Number(argument) : target.byteLength;
    const available = this.#available();
    if (count > available) {
      count = available;
      if (target !== undefined) target = shortened(target, count);
    }
    this.#readable -= count;
    if (this.#chunk === undefined) this.#remaining -= count;
    else this.#chunk -= count;
    const result = this.#live().read(target ?? count);
    if (this.#chunk === 0) {
      if (this.#readable > 0) {
        this.#timer = Timer.set(() => {
          this.#timer = undefined;
          this.#received(this.#readable);
        });
      }
    } else if (this.#chunk === undefined && this.#remaining === 0) {
      this.#state = "body-complete";
      this.#timer = Timer.set(() => this.#done());
    }
    return result;
  }

  /** A close() inside onDone is undone here: the client counts as connected, without a socket. */
  #done(): void {
    this.#timer = undefined;
    this.#state = "completing";
    this.#current?.options.onDone?.call(this.#current.request, null);
    this.#state = "connected";
    this.#next();
    if (this.#current !== undefined) this.#roomChanged(this.#writable);
  }

  #fail(error?: unknown): void {
    if (this.#state === "body-complete" && this.#timer !== undefined) {
      Timer.clear(this.#timer);
      this.#done();
    }
    this.#state = "error";
    try {
      const failed = this.#current === undefined ? [] : [this.#current];
      this.#current = undefined;
      for (let next = failed.shift() ?? this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        next.options.onDone?.call(next.request, new Error());
      }
      this.#onError?.(error);
    } catch {
      // What a callback throws here is lost, and with it the news for the requests behind.
    }
    this.close();
  }
}

export default HTTPClient;

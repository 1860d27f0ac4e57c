import { exceptionText, setupFailure } from "../foundation/connection-failure.js";
import { newSigns, probeSocket } from "../foundation/connection-signs.js";
import {
  isResolverPort,
  isSocketPort,
  type NetworkEndpoint,
  type Resolver,
  type Socket,
} from "../foundation/endpoint.js";
import type { TimerId, TimerPort } from "../foundation/timer-port.js";
import { HttpGrammarError, ResponseReader } from "./response-reader.js";

/** Why a request has no (complete) response. */
export type HttpFailure = {
  readonly code: "dns" | "connect" | "tls" | "disconnected" | "bad-response";
  readonly detail: string;
  /** No head of a response was seen. */
  readonly beforeResponse: boolean;
};

/** What a request brings about. */
export type ResponseHandlers = {
  /** The final response's: interim ones are passed over. Names are lower case. */
  onHeaders(status: number, headers: Map<string, string>): void;
  /**
   * Body bytes are waiting; see `available`. What is left of them stays with the socket, and slows the server down,
   * until `resume()`.
   */
  onReadable(): void;
  /** The response is complete. On a turn of its own: another request may be sent. */
  onEnd(): void;
  /** The request has no (complete) response and the connection is gone. On a turn of its own. */
  onFailure(failure: HttpFailure): void;
};

/** Which server, over what. */
export type HttpConnectionOptions = {
  readonly endpoint: NetworkEndpoint;
  readonly secure: boolean;
  /** Looked up, and checked by TLS. */
  readonly host: string;
  readonly port: number;
  /** Value of the Host header. */
  readonly hostHeader: string;
  readonly timer: TimerPort;
  /** Names of the response's header fields to keep, lower case. */
  readonly keptHeaders: readonly string[];
  /** Judges what the name was resolved to, before anything is sent there. Default: any address. */
  mayConnect?(address: string): boolean;
};

/**
 * One connection to one server: name look-up, socket, and one request after the other over HTTP/1.1.
 *
 * Reads answers that the SDK's client cannot (interim ones, trailer fields, folded lines, a missing reason phrase) and
 * says why a connection failed. Each request ends in exactly one of onEnd and onFailure, unless `close()` was called;
 * after that nothing is called. It has no time-outs: its user does.
 */
export class HttpConnection {
  readonly #options: HttpConnectionOptions;
  readonly #signs = newSigns();
  readonly #reader: ResponseReader;
  #resolver: Resolver | undefined;
  #socket: Socket | undefined;
  #handlers: ResponseHandlers | undefined;
  #unsent: Uint8Array | undefined;
  #writable = 0;
  #readable = 0;
  #headersSeen = false;
  /** What was wrong with the bytes of the response. */
  #problem = "";
  #requests = 0;
  #sent = 0;
  /** The socket is at its end, and bytes of the body are still to be read. */
  #ended = false;
  #usable = true;
  #later: TimerId | undefined;

  constructor(options: HttpConnectionOptions) {
    this.#options = options;
    this.#reader = new ResponseReader(options.keptHeaders);
    this.safely(() => this.resolve());
  }

  /** Requests asked for so far. */
  get requests(): number {
    return this.#requests;
  }

  /** Those that went out, at least in part: none did before the connection stood. */
  get sent(): number {
    return this.#sent;
  }

  /** False when another request would get no answer: the connection ended, or the server said that it will end it. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Body bytes that `read` can deliver now. */
  get available(): number {
    return Math.min(this.#readable, this.#reader.bodyLeft);
  }

  /** One at a time: only after the previous one's onEnd. */
  request(target: string, headers: ReadonlyMap<string, string>, handlers: ResponseHandlers): void {
    this.#requests += 1;
    this.#handlers = handlers;
    this.#headersSeen = false;
    if (!this.#usable) {
      this.die();
      return;
    }
    this.#reader.begin();
    const fields = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
    this.#unsent = asciiBytes(`GET ${target} HTTP/1.1\r\nhost: ${this.#options.hostHeader}\r\n${fields}\r\n`);
    this.safely(() => this.send());
  }

  /** Fills `target` from its start with bytes of the body; returns the count, 0 when nothing is there. */
  read(target: Uint8Array): number {
    const count = Math.min(target.length, this.available);
    const socket = this.#socket;
    if (count === 0 || socket === undefined) return 0;
    let got: unknown;
    this.safely(() => {
      socket.format = "buffer";
      got = socket.read(target.subarray(0, count));
    });
    if (typeof got !== "number" || got <= 0) return 0;
    this.#readable -= got;
    this.#reader.bodyTaken(got);
    return got;
  }

  /** Body bytes were left unread, and can be taken now: `onReadable` is called, unless there are none. */
  resume(): void {
    if (this.available > 0) this.safely(() => this.receive());
  }

  /** Silences everything. May be called at any time, also twice. */
  close(): void {
    const { timer } = this.#options;
    timer.clear(this.#later);
    this.#later = undefined;
    this.#handlers = undefined;
    this.#unsent = undefined;
    this.#usable = false;
    this.#readable = 0;
    const [resolver, socket] = [this.#resolver, this.#socket];
    this.#resolver = undefined;
    this.#socket = undefined;
    for (const part of [resolver, socket]) {
      try {
        part?.close?.();
      } catch {
        // It is gone already; there is nothing left to release.
      }
    }
  }

  private resolve(): void {
    const { endpoint, host } = this.#options;
    if (!isResolverPort(endpoint.dns)) throw new Error("endpoint without dns.io");
    const resolver = new endpoint.dns.io(endpoint.dns);
    this.#resolver = resolver;
    const live = () => this.#resolver === resolver;
    resolver.resolve({
      host,
      onResolved: (_, address) => live() && this.safely(() => this.connect(address)),
      onError: () => live() && this.die(),
    });
  }

  private connect(address: string): void {
    const { endpoint, host, port, mayConnect } = this.#options;
    if (mayConnect?.(address) === false) {
      this.#signs.screened = true;
      this.die();
      return;
    }
    const socket = probeSocket(endpoint.socket, this.#signs);
    if (!isSocketPort(socket)) throw new Error("endpoint without socket.io");
    this.#socket = new socket.io({
      ...socket,
      address,
      host,
      port,
      onReadable: (count) => {
        this.#readable = count;
        this.safely(() => this.receive());
      },
      onWritable: (count) => {
        this.#writable = count;
        this.safely(() => this.send());
      },
      onError: () => this.end(),
    });
  }

  /** What arrived before the end can still be read. */
  private end(): void {
    this.#ended = true;
    this.#usable = false;
    if (this.available === 0) this.die();
  }

  private send(): void {
    const [unsent, socket] = [this.#unsent, this.#socket];
    if (unsent === undefined || socket === undefined) return;
    const count = Math.min(unsent.length, this.#writable);
    if (count === 0) return;
    this.#unsent = count < unsent.length ? unsent.subarray(count) : undefined;
    // What is read byte by byte is written byte by byte.
    socket.format = "buffer";
    this.#sent = this.#requests;
    const left = socket.write(unsent.subarray(0, count));
    this.#writable = typeof left === "number" ? left : 0;
  }

  private receive(): void {
    const reader = this.#reader;
    // Behind the end of a response, where nothing was asked for: whose answer it is nobody can tell.
    if (this.#handlers === undefined || reader.state === "end") this.#usable = false;
    while (this.#readable > 0 && this.#handlers !== undefined && reader.state !== "end") {
      if (reader.state === "body") {
        const before = this.#readable;
        this.#handlers.onReadable();
        // What is not taken now is taken later: bytes of the body are never thrown away here.
        if (this.#readable === before) return;
      } else this.takeByte();
      this.endWhenComplete();
    }
    if (this.#ended && reader.state !== "end") this.die();
  }

  private takeByte(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.format = "number";
    const byte = socket.read();
    if (typeof byte !== "number") {
      this.#readable = 0;
      return;
    }
    this.#readable -= 1;
    if (!this.#reader.take(byte)) return;
    this.#headersSeen = true;
    this.#usable &&= this.#reader.persistent;
    this.#handlers?.onHeaders(this.#reader.status, this.#reader.headers);
  }

  private endWhenComplete(): void {
    if (this.#reader.state !== "end") return;
    // A server that answers before the request is out does not read the rest of it.
    if (this.#readable > 0 || this.#unsent !== undefined) this.#usable = false;
    this.defer(() => {
      const handlers = this.#handlers;
      this.#handlers = undefined;
      handlers?.onEnd();
    });
  }

  /** The connection cannot be used any more. Told on a later turn, which a complete response has for itself. */
  private die(): void {
    this.#usable = false;
    if (this.#handlers === undefined) return;
    this.defer(() => {
      const handlers = this.#handlers;
      const failure = this.failure();
      this.close();
      handlers?.onFailure(failure);
    });
  }

  private failure(): HttpFailure {
    const beforeResponse = !this.#headersSeen;
    const setup = setupFailure(this.#signs, this.#options.secure);
    if (setup !== undefined) return { ...setup, beforeResponse };
    if (this.#problem !== "") return { code: "bad-response", detail: this.#problem, beforeResponse };
    const when = beforeResponse ? "connection closed before the response" : "connection closed within the response";
    return { code: "disconnected", detail: exceptionText(this.#signs.exception) || when, beforeResponse };
  }

  private safely(body: () => void): void {
    try {
      body();
    } catch (error) {
      if (error instanceof HttpGrammarError) this.#problem = error.message;
      else this.#signs.exception ??= error;
      this.die();
    }
  }

  private defer(action: () => void): void {
    this.#later ??= this.#options.timer.set(() => {
      this.#later = undefined;
      action();
    }, 0);
  }
}

/** A request holds ASCII alone: URLs and entity tags are checked for it. */
function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

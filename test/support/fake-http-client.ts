/**
 * The SDK's `embedded:network/http/client` over fake sockets, with its habits and defects as measured: requests
 * vanish after an error, onDone(Error) has an empty message, the status text keeps its line end, a body ended by close is an
 * error, closing within onDone revives a dead client. Misuse that the real one answers with a hang or an abort is noted in `violations`.
 */
import type {
  HttpClientOptions,
  HttpEndpoint,
  HttpRequestOptions,
  ResolveOptions,
  SocketOptions,
} from "../../modules/fota-download/http-port.js";
import type { ConnectResult, FakeHandler, FakeReply, FakeRequest } from "./fake-http-server.js";
import type { FakeTimer } from "./fake-timer.js";

const WINDOW = 4096; // unread bytes a socket holds before the sender has to wait

type Details = { address?: string; port?: number; host?: string; scheme?: "http" | "https"; TCP?: { io: unknown } };
type Pending = HttpRequestOptions & { token?: object };

export class FakeNetwork {
  readonly timer: FakeTimer;
  readonly requests: FakeRequest[] = [];
  readonly replies: FakeReply[] = [];
  /** Things the real client would not survive. Must stay empty. */
  readonly violations: string[] = [];
  readonly lookups: string[] = [];
  handler: FakeHandler;
  /** Asked for each connection, numbered from 1. */
  connect: (connection: number) => ConnectResult = () => "ok";
  connections = 0;
  open = 0;
  openResolvers = 0;
  mostUnread = 0;

  constructor(timer: FakeTimer, handler: FakeHandler) {
    this.timer = timer;
    this.handler = handler;
  }

  get http(): HttpEndpoint {
    return { io: this.#client(), dns: { io: this.#resolver() }, socket: { io: this.#tcp("http") } };
  }

  get https(): HttpEndpoint {
    const TCP = { io: this.#tcp("https") };
    return { io: this.#client(), dns: { io: this.#resolver() }, socket: { io: this.#tls(), TCP, secure: {} } };
  }

  /** Runs client code as native code would: what it throws restarts the device. */
  call(what: string, step: () => void): void {
    try {
      step();
    } catch (error) {
      this.violations.push(`${what} threw ${String(error)}`);
    }
  }

  #resolver() {
    const network = this;
    return class {
      resolve(options: ResolveOptions): void {
        network.lookups.push(options.host);
        const result = network.connect(network.connections + 1);
        if (result === "dns-silent") return;
        network.timer.set(() => {
          if (result === "dns") {
            network.connections += 1;
            network.call("dns onError", () => options.onError(options.host));
          } else network.call("onResolved", () => options.onResolved(options.host, "192.0.2.1"));
        }, 5);
      }
      close(): void {}
    };
  }

  #tcp(scheme: "http" | "https") {
    const network = this;
    return class {
      readonly socket: FakeSocket;
      constructor(options: SocketOptions & Details) {
        this.socket = new FakeSocket(network, scheme, options);
      }
      close(): void {
        this.socket.close();
      }
    };
  }

  /** Over the TCP class it is given, and as silent about errors as the SDK's. */
  #tls() {
    return class {
      readonly #tcp: object;
      constructor(options: SocketOptions & Details & { TCP?: { io: new (options: SocketOptions) => object } }) {
        if (options.TCP === undefined) throw new Error("TCP required");
        const relay = {
          ...options,
          onWritable: (count: number) => {
            if (this.socket.handshakeDone) options.onWritable?.(count);
          },
          onError: () => options.onError?.(),
        };
        this.#tcp = new options.TCP.io(relay);
      }
      get socket(): FakeSocket {
        return socketOf(this.#tcp);
      }
      close(): void {
        this.socket.close();
      }
    };
  }

  #client() {
    const network = this;
    return class extends FakeHttpClient {
      constructor(options: HttpClientOptions) {
        super(network, options);
      }
    };
  }
}

function socketOf(io: object): FakeSocket {
  if ("socket" in io && io.socket instanceof FakeSocket) return io.socket;
  throw new Error("not a fake socket");
}

/** One TCP connection with the server's script attached. */
class FakeSocket {
  readonly number: number;
  readonly #network: FakeNetwork;
  readonly #options: SocketOptions & Details;
  readonly scheme: "http" | "https";
  closed = false;
  handshakeDone = false;
  nth = 0;
  incoming: Uint8Array[] = [];
  onRead: (() => void) | undefined;

  constructor(network: FakeNetwork, scheme: "http" | "https", options: SocketOptions & Details) {
    this.#network = network;
    this.#options = options;
    this.scheme = scheme;
    network.connections += 1;
    this.number = network.connections;
    const result = network.connect(this.number);
    if (result === "constructor") throw new Error("date validation failed");
    network.open += 1;
    network.timer.set(() => this.#connected(result), 20);
  }

  #connected(result: ConnectResult): void {
    if (result === "silent" || this.closed) return;
    if (result === "refused") {
      this.fail();
      return;
    }
    this.handshakeDone = result === "ok";
    // For TLS this is seen below the TLS socket only, unless the handshake is over.
    this.#network.call("onWritable", () => this.#options.onWritable?.(1536));
    if (!this.handshakeDone)
      this.fail(result === "tls" ? new Error("certificate: no chain to a trusted root") : undefined);
  }

  get port(): number {
    return this.#options.port ?? 0;
  }

  unread(): number {
    return this.incoming.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  deliver(bytes: Uint8Array): void {
    this.incoming.push(bytes);
    this.#network.mostUnread = Math.max(this.#network.mostUnread, this.unread());
    this.#network.call("onReadable", () => this.#options.onReadable?.(this.unread()));
  }

  take(target: Uint8Array, count: number): void {
    let at = 0;
    while (at < count) {
      const first = this.incoming[0];
      if (first === undefined) throw new Error("invalid");
      const part = Math.min(first.length, count - at);
      target.set(first.subarray(0, part), at);
      at += part;
      if (part === first.length) this.incoming.shift();
      else this.incoming[0] = first.subarray(part);
    }
    const { onRead } = this;
    this.onRead = undefined;
    if (onRead) this.#network.timer.set(onRead, 0);
  }

  fail(error?: unknown): void {
    if (this.closed) return;
    this.#network.call("onError", () => this.#options.onError?.(error));
  }

  close(): void {
    if (!this.closed) this.#network.open -= 1;
    this.closed = true;
  }
}

class FakeHttpClient {
  readonly #network: FakeNetwork;
  readonly #host: string;
  readonly #onError: (error?: unknown) => void;
  #io: { close(): void } | undefined;
  #socket: FakeSocket | undefined;
  #state: "connecting" | "idle" | "busy" | "body" | "received" | "dead" = "connecting";
  #queue: Pending[] = [];
  #current: Pending | undefined;
  #inDone = false;
  #remaining = 0;
  #chunk: number | undefined;
  #readable = 0;
  #doneTimer: object | undefined;
  #reply: FakeReply = {};

  constructor(network: FakeNetwork, options: HttpClientOptions) {
    this.#network = network;
    if (!options.host) throw new Error("host required");
    this.#host = options.host;
    this.#onError = (error) => options.onError(error);
    const dns = new options.dns.io(options.dns);
    dns.resolve({
      host: options.host,
      onResolved: (host, address) => {
        if (this.#state === "dead") return;
        try {
          const io = new options.socket.io({
            ...options.socket,
            ...{ address, host, port: options.port },
            onReadable: (count) => this.#socketReadable(count),
            onWritable: () => this.#socketWritable(),
            onError: () => this.#error(),
          });
          this.#socket = socketOf(io);
          this.#io = this.#socket;
        } catch (error) {
          this.#error(error);
        }
      },
      onError: (error) => this.#error(error),
    });
  }

  request(options: HttpRequestOptions) {
    const pending: Pending = { ...options };
    this.#queue.push(pending);
    if (this.#state === "dead") this.#network.violations.push("request on a dead client");
    if (this.#state === "idle") this.#network.timer.set(() => this.#next(), 0);
    const client = this;
    const token = {
      read(target: Uint8Array): number | undefined {
        return client.#read(token, target);
      },
    };
    pending.token = token;
    return token;
  }

  close(): void {
    if (this.#inDone) this.#network.violations.push("close within onDone");
    this.#io?.close();
    this.#network.timer.clear(this.#doneTimer);
    this.#io = this.#socket = this.#current = undefined;
    this.#queue = [];
    this.#state = "dead";
  }

  #socketWritable(): void {
    if (this.#state !== "connecting") return;
    this.#state = "idle";
    this.#next();
  }

  #next(): void {
    if (this.#state !== "idle") return;
    const socket = this.#socket;
    this.#current = this.#queue.shift();
    const current = this.#current;
    if (current === undefined || socket === undefined) return;
    this.#state = "busy";
    socket.nth += 1;
    const request: FakeRequest = {
      scheme: socket.scheme,
      port: socket.port,
      hostHeader: this.#host,
      path: current.path,
      headers: new Map(current.headers),
      connection: socket.number,
      nth: socket.nth,
    };
    this.#network.requests.push(request);
    const reply = this.#network.handler(request, this.#network.requests.length);
    this.#network.timer.set(() => this.#answer(socket, reply), reply.delay ?? 10);
  }

  #answer(socket: FakeSocket, reply: FakeReply): void {
    if (socket.closed || this.#current === undefined) return;
    if (reply.instead === "silent") return;
    if (reply.instead === "cut") {
      socket.fail();
      return;
    }
    if (reply.instead === "parser-exception") {
      socket.fail(new TypeError("cannot read property"));
      return;
    }
    if (reply.instead === "garbage") {
      this.#error(new Error("bad response"));
      return;
    }
    this.#reply = reply;
    const status = reply.status ?? 206;
    const body = reply.body ?? new Uint8Array(0);
    const framing = reply.framing ?? "length";
    const sent = new Map(Object.entries(reply.headers ?? {}));
    if (framing === "chunked") sent.set("transfer-encoding", "chunked");
    else if (framing === "length" && !sent.has("content-length")) sent.set("content-length", String(body.length));
    const kept = new Map([...sent].filter(([name]) => this.#current?.headersMask.includes(name)));
    const announced = Number.parseInt(sent.get("content-length") ?? "", 10);
    this.#chunk = framing === "chunked" ? 0 : undefined;
    this.#remaining = framing === "length" && !reply.endless ? announced : Number.POSITIVE_INFINITY;
    this.#network.call("onHeaders", () => this.#current?.onHeaders(status, kept, "Some Reason\r\n"));
    if (this.#current === undefined) return;
    this.#state = "body";
    if (this.#remaining === 0) {
      this.#done();
      return;
    }
    this.#send(socket, body, 0, 0);
  }

  /** The server's side of the body: waits while the client does not read. */
  #send(socket: FakeSocket, body: Uint8Array, at: number, piece: number): void {
    if (socket.closed) return;
    const { pieces = [1000], interval = 1, cutAfter, stallAfter } = this.#reply;
    if (stallAfter !== undefined && at >= stallAfter) return;
    if (cutAfter !== undefined && at >= cutAfter) {
      socket.fail();
      return;
    }
    if (at >= body.length) {
      this.#bodySent(socket);
      return;
    }
    const room = WINDOW - socket.unread();
    if (room <= 0) {
      socket.onRead = () => this.#send(socket, body, at, piece);
      return;
    }
    const wanted = pieces[Math.min(piece, pieces.length - 1)] ?? 1000;
    const limit = Math.min(room, (cutAfter ?? body.length) - at, (stallAfter ?? body.length) - at);
    const end = Math.min(body.length, at + Math.max(1, Math.min(wanted, limit)));
    this.#network.timer.set(() => {
      if (socket.closed) return;
      if (this.#chunk !== undefined) this.#chunk += end - at;
      socket.deliver(body.slice(at, end));
      this.#send(socket, body, end, piece + 1);
    }, interval);
  }

  #bodySent(socket: FakeSocket): void {
    const { framing, trailer, finAfter, endless } = this.#reply;
    if (endless) return;
    if (framing === "chunked") {
      if (socket.unread() > 0) socket.onRead = () => this.#bodySent(socket);
      else if (trailer) this.#parserThrows(socket);
      else this.#done();
    } else if (framing === "close") {
      socket.fail();
    }
    if (finAfter) this.#network.timer.set(() => socket.fail(), 1);
  }

  /** In a timer of the client's own, where no guarded TCP class catches it. */
  #parserThrows(socket: FakeSocket): void {
    if (!socket.closed) this.#network.violations.push("exception in a timer of the client: the device restarts");
  }

  #socketReadable(count: number): void {
    this.#readable = count;
    const usable = Math.min(count, this.#chunk ?? this.#remaining);
    if (this.#state === "body" && usable > 0) this.#current?.onReadable(usable);
  }

  #read(token: object, target: Uint8Array): number | undefined {
    if (this.#current?.token !== token) throw new Error("bad state");
    if (this.#state !== "body") return undefined;
    if (!(target instanceof Uint8Array)) throw new RangeError("TLS reads into Uint8Array only");
    const count = Math.min(target.length, this.#readable, this.#chunk ?? this.#remaining);
    this.#readable -= count;
    if (this.#chunk === undefined) this.#remaining -= count;
    else this.#chunk -= count;
    this.#socket?.take(target, count);
    if (this.#remaining === 0 && this.#chunk === undefined) {
      this.#state = "received";
      this.#doneTimer = this.#network.timer.set(() => this.#done(), 0);
    }
    return count;
  }

  #done(): void {
    this.#doneTimer = undefined;
    const { finAfter } = this.#reply;
    const socket = this.#socket;
    this.#callDone(null);
    this.#current = undefined;
    this.#state = "idle";
    if (finAfter && this.#chunk === undefined) this.#network.timer.set(() => socket?.fail(), 1);
    this.#next();
  }

  #callDone(error: Error | null): void {
    const current = this.#current;
    this.#inDone = true;
    this.#network.call("onDone", () => current?.onDone(error));
    this.#inDone = false;
  }

  #error(error?: unknown): void {
    if (this.#state === "dead") return;
    if (this.#state === "received") {
      this.#network.timer.clear(this.#doneTimer);
      this.#done();
    }
    const waiting = [this.#current, ...this.#queue].filter((request) => request !== undefined);
    this.#state = "dead";
    this.#current = undefined;
    this.#queue = [];
    this.#inDone = true;
    for (const request of waiting) this.#network.call("onDone", () => request.onDone(new Error()));
    this.#inDone = false;
    this.#network.call("onError", () => this.#onError(error));
    this.close();
  }
}

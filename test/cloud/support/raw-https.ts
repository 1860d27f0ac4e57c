import { connect, type TLSSocket } from "node:tls";

/** What came over a connection: the parsed answers' heads are left to the caller. */
export interface RawAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body without chunk framing. */
  readonly body: Buffer;
  /** The announced body came completely. */
  readonly complete: boolean;
}

/**
 * One TLS connection on which HTTP/1.1 is spoken by hand: what a test of connections needs and an HTTP client hides.
 */
export class RawHttps {
  readonly #socket: TLSSocket;
  #received = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake();
    });
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    socket.on("end", end);
    socket.on("close", end);
    socket.on("error", end);
  }

  static open(port: number, ca: string, servername = "localhost"): Promise<RawHttps> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, ca, servername }, () => {
        socket.off("error", reject);
        resolve(new RawHttps(socket));
      });
      socket.once("error", reject);
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves when the server closed the connection. */
  async untilEnd(): Promise<void> {
    while (!this.#ended) await this.#more();
  }

  async request(url: string, method = "GET", headers: Record<string, string> = {}): Promise<RawAnswer> {
    const { host, pathname, search } = new URL(url);
    this.send(method, pathname + search, { host, ...headers });
    return this.answer(method);
  }

  /** Sends a head alone; what its headers announce is the caller's to send, or not. */
  send(method: string, target: string, headers: Readonly<Record<string, string>>): void {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`);
  }

  /** Sends bytes as they are. Resolves when they left. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  /** The next answer, to a request of `method`. */
  async answer(method = "GET"): Promise<RawAnswer> {
    let end = this.#received.indexOf("\r\n\r\n");
    while (end < 0 && !this.#ended) {
      await this.#more();
      end = this.#received.indexOf("\r\n\r\n");
    }
    const [first = "", ...fields] = this.#received.subarray(0, Math.max(end, 0)).toString("latin1").split("\r\n");
    const received = Object.fromEntries(
      fields.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
    this.#received = this.#received.subarray(end + 4);
    const status = Number(first.split(" ")[1] ?? 0);
    if (method === "HEAD" || status === 304 || status === 100)
      return { status, headers: received, body: Buffer.alloc(0), complete: true };
    const chunked = received["transfer-encoding"] === "chunked";
    const { body, complete } = chunked
      ? await this.#chunks()
      : await this.#bytes(Number(received["content-length"] ?? 0));
    return { status, headers: received, body, complete };
  }

  close(): void {
    this.#socket.destroy();
  }

  async #bytes(count: number): Promise<{ body: Buffer; complete: boolean }> {
    while (this.#received.length < count && !this.#ended) await this.#more();
    const body = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return { body, complete: body.length === count };
  }

  async #chunks(): Promise<{ body: Buffer; complete: boolean }> {
    const parts: Buffer[] = [];
    for (;;) {
      let end = this.#received.indexOf("\r\n");
      while (end < 0 && !this.#ended) {
        await this.#more();
        end = this.#received.indexOf("\r\n");
      }
      if (end < 0) return { body: Buffer.concat(parts), complete: false };
      const size = Number.parseInt(this.#received.subarray(0, end).toString("latin1"), 16);
      this.#received = this.#received.subarray(end + 2);
      const { body } = await this.#bytes(size + 2);
      parts.push(body.subarray(0, size));
      if (size === 0) return { body: Buffer.concat(parts), complete: true };
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

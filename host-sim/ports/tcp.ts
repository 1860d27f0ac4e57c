/**
 * SDK `embedded:io/socket/tcp` over the board's sockets.
 *
 * With a `secure` member in its options the board does TLS below this class and reports decrypted bytes. A failed
 * handshake is kept here until the TLS socket above asks for it inside a callback and throws: so the exception travels
 * through whatever class stands between the two, as it does on the device.
 */
import { copyOf, invalidHostObject, viewOf } from "./bytes.js";
import { asBytes, atEndOfTurn, callHost, callNumber, type HostValue, onHostEvent } from "./host.js";

export type SocketFormat = "buffer" | "number";

export interface TCPOptions {
  readonly address?: unknown;
  readonly port?: unknown;
  readonly nodelay?: unknown;
  readonly format?: unknown;
  readonly target?: unknown;
  /** Filled in by the TLS socket for the board. */
  readonly secure?: HostValue;
  readonly onReadable?: ((this: TCP, count: number) => void) | undefined;
  readonly onWritable?: ((this: TCP, count: number) => void) | undefined;
  readonly onError?: ((this: TCP) => void) | undefined;
}

interface Connection {
  readonly id: number;
  readonly options: TCPOptions;
  format: SocketFormat;
  readable: number;
  writable: number;
  /** Unread bytes as last seen; empty until a read asks for them. */
  cache: Uint8Array;
  position: number;
  /** Bytes read since the board was last told. */
  consumed: number;
  tlsFailure: string | undefined;
}

const EMPTY = new Uint8Array(0);
const DOTTED = /^\d{1,3}(\.\d{1,3}){3}$/;

const open = new Map<number, TCP>();
const dirty = new Set<Connection>();
let lastId = 0;

function formatOf(value: unknown): SocketFormat {
  if (value === "buffer" || value === "number") return value;
  throw new RangeError("unimplemented");
}

function settle(connection: Connection): void {
  dirty.delete(connection);
  if (connection.consumed === 0) return;
  callHost("socket.consume", connection.id, connection.consumed);
  connection.consumed = 0;
  connection.cache = EMPTY;
  connection.position = 0;
}

atEndOfTurn(() => {
  for (const connection of [...dirty]) settle(connection);
});

let connectionOf: (socket: TCP) => Connection | undefined;

class TCP {
  #connection: Connection | undefined;
  declare target: unknown;

  static {
    connectionOf = (socket) => socket.#connection;
  }

  constructor(options: TCPOptions) {
    const address = String(options.address);
    if (!DOTTED.test(address)) throw new Error("invalid address");
    const port = Number(options.port);
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError("invalid port");
    const connection: Connection = {
      id: ++lastId,
      options,
      format: formatOf(options.format ?? "buffer"),
      readable: 0,
      writable: 0,
      cache: EMPTY,
      position: 0,
      consumed: 0,
      tlsFailure: undefined,
    };
    if (options.target !== undefined) this.target = options.target;
    this.#connection = connection;
    open.set(connection.id, this);
    const request = { address, port, nodelay: options.nodelay === true };
    callHost(
      "socket.open",
      connection.id,
      options.secure === undefined ? request : { ...request, secure: options.secure },
    );
  }

  get format(): SocketFormat {
    return this.#live().format;
  }

  set format(value: SocketFormat) {
    this.#live().format = formatOf(value);
  }

  /** Buffer format: everything, `argument` bytes, or into a buffer (answer: its length). Number format: one byte. */
  read(argument?: unknown): ArrayBuffer | number | undefined {
    const connection = this.#live();
    if (connection.readable === 0) return undefined;
    if (connection.format === "number") return this.#take(connection, 1)[0];
    if (typeof argument === "object" && argument !== null) {
      const into = viewOf(argument);
      if (into.byteLength === 0 || into.byteLength > connection.readable) throw new Error("invalid");
      into.set(this.#take(connection, into.byteLength));
      return into.byteLength;
    }
    const count = argument === undefined ? connection.readable : Number(argument) | 0;
    if (count <= 0 || count > connection.readable) throw new Error("invalid");
    return copyOf(this.#take(connection, count));
  }

  /** Answers how much may still be written; `undefined` once the connection is broken. */
  write(value: unknown): number | undefined {
    const connection = this.#live();
    const bytes = connection.format === "number" ? Uint8Array.of(Number(value)) : viewOf(value);
    if (bytes.byteLength > connection.writable) throw new Error("would block");
    const writable = callNumber("socket.write", connection.id, bytes);
    if (writable < 0) return undefined;
    connection.writable = writable;
    return writable;
  }

  close(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    settle(connection);
    this.#connection = undefined;
    open.delete(connection.id);
    callHost("socket.close", connection.id);
  }

  #live(): Connection {
    if (this.#connection === undefined) throw invalidHostObject("TCP");
    return this.#connection;
  }

  #take(connection: Connection, count: number): Uint8Array {
    if (connection.position === connection.cache.byteLength) {
      connection.cache = asBytes(callHost("socket.peek", connection.id)).subarray(connection.consumed);
      connection.position = 0;
    }
    const bytes = connection.cache.subarray(connection.position, connection.position + count);
    connection.position += count;
    connection.readable -= count;
    connection.consumed += count;
    dirty.add(connection);
    return bytes;
  }
}

/**
 * The reason of a failed handshake, or `undefined`. Asking takes nothing away: on the device each new event fails
 * again.
 */
export function tlsFailureOf(socket: TCP): string | undefined {
  return connectionOf(socket)?.tlsFailure;
}

function withSocket(id: number, action: (socket: TCP, connection: Connection) => void): void {
  const socket = open.get(id);
  const connection = socket && connectionOf(socket);
  if (socket !== undefined && connection !== undefined) action(socket, connection);
}

function writable(id: number, args: readonly HostValue[]): void {
  withSocket(id, (socket, connection) => {
    connection.writable = Number(args[0]);
    connection.options.onWritable?.call(socket, connection.writable);
  });
}

onHostEvent("socket.connected", writable);
onHostEvent("socket.writable", writable);

onHostEvent("socket.readable", (id, args) => {
  withSocket(id, (socket, connection) => {
    connection.readable = Number(args[0]);
    connection.cache = EMPTY;
    connection.position = 0;
    connection.options.onReadable?.call(socket, connection.readable);
  });
});

onHostEvent("socket.tls-failure", (id, args) => {
  withSocket(id, (socket, connection) => {
    connection.tlsFailure = String(args[0]);
    connection.options.onReadable?.call(socket, 0);
  });
});

onHostEvent("socket.error", (id) => {
  withSocket(id, (socket, connection) => connection.options.onError?.call(socket));
});

export default TCP;

/**
 * SDK `embedded:io/socket/tcp/tls`, with the firmware's `strict-tls` in front of it. The handshake and the records are
 * the board's work; this class keeps what a program can see: one record at a time, the overheads in the writable
 * counts, what a wrong certificate throws and where.
 */
import { parseCertificate, requireValid, TlsRefusal, type TlsRefusalReason } from "../../modules/strict-tls/index.js";
import { concat, viewOf } from "./bytes.js";
import { callNumber, type HostValue } from "./host.js";
import { bytesOf } from "./resource.js";
import { registeredRoots } from "./ssl-cert.js";
import TCP, { type SocketFormat, type TCPOptions, tlsFailureOf } from "./tcp.js";

interface SecureOptions {
  readonly serverName?: unknown;
  readonly certificate?: unknown;
  readonly clientCertificates?: readonly unknown[];
  readonly clientKey?: unknown;
  readonly applicationLayerProtocolNegotiation?: unknown;
  readonly verify?: unknown;
}

interface TLSSocketOptions extends Omit<TCPOptions, "secure" | "onReadable" | "onWritable" | "onError"> {
  readonly host?: unknown;
  readonly secure?: SecureOptions;
  readonly TCP: { readonly io: new (options: TCPOptions) => TCP };
  readonly onReadable?: (count: number) => void;
  readonly onWritable?: (count: number) => void;
  readonly onError?: () => void;
}

interface WriteOptions {
  readonly more?: boolean;
}

/** What the SDK keeps back of the socket's room for a record's header, nonce and tag. */
const WRITE_OVERHEAD = 32;
/** The larger estimate it reports in onWritable. */
const WRITABLE_OVERHEAD = 96;
const MAX_RECORD = 16384;

function protocols(value: unknown): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

const REASONS: readonly string[] = ["certificate", "name", "date", "signature"] satisfies TlsRefusalReason[];

/** What the board's TLS says of a failure, as the class the firmware's TLS throws. The text begins with the reason. */
function refusalOf(failure: string): TlsRefusal {
  const colon = failure.indexOf(": ");
  const reason = REASONS.includes(failure.slice(0, colon)) ? (failure.slice(0, colon) as TlsRefusalReason) : "protocol";
  return new TlsRefusal(reason, failure.slice(failure.startsWith(`${reason}: `) ? colon + 2 : 0));
}

/**
 * Throws what the constructor throws: for a root that is no DER certificate or not valid by the board's clock, and for
 * `verify: false`.
 */
function secureRequest(host: unknown, secure: SecureOptions): HostValue {
  if (secure.verify === false) throw new TlsRefusal("certificate", "there are no connections without verification");
  const roots = [...registeredRoots()];
  if (secure.certificate !== undefined) {
    const root = bytesOf(secure.certificate);
    requireValid(parseCertificate(root), callNumber("clock.now"));
    roots.push(root);
  }
  return {
    serverName: String(secure.serverName ?? host),
    certificates: roots,
    clientCertificates: (secure.clientCertificates ?? []).map(bytesOf),
    ...(secure.clientKey === undefined ? {} : { clientKey: bytesOf(secure.clientKey) }),
    alpn: protocols(secure.applicationLayerProtocolNegotiation),
    // Validity dates are compared with the board's clock, which may not be set yet.
    now: callNumber("clock.now"),
  };
}

class TLSSocket {
  readonly #callbacks: Pick<TLSSocketOptions, "onReadable" | "onWritable" | "onError">;
  #socket: TCP | undefined;
  #format: SocketFormat = "buffer";
  #readable = 0;
  /** Parts of a record still to be completed by a write without `more`. */
  #unsent: Uint8Array[] = [];

  constructor(options: TLSSocketOptions) {
    this.#callbacks = { ...options };
    const secure = secureRequest(options.host, options.secure ?? {});
    const guard = this.#failOnTls;
    this.#socket = new options.TCP.io({
      ...options,
      secure,
      onReadable: (count) => {
        guard();
        this.#readable = count;
        // Called on the callbacks object, as the SDK does: `this` is of no use there.
        this.#callbacks.onReadable?.(count);
      },
      onWritable: (count) => {
        guard();
        if (count > WRITABLE_OVERHEAD) this.#callbacks.onWritable?.(count - WRITABLE_OVERHEAD);
      },
      onError: () => this.#callbacks.onError?.(),
    });
  }

  get format(): SocketFormat {
    return this.#format;
  }

  set format(value: SocketFormat) {
    if (value !== "buffer" && value !== "number") throw new RangeError();
    this.#format = value;
  }

  read(argument?: unknown): ArrayBuffer | number | undefined {
    const socket = this.#socket;
    if (socket === undefined || this.#readable === 0) return undefined;
    socket.format = this.#format;
    if (this.#format === "number") return this.#counted(1, socket.read());
    if (typeof argument === "object" && argument !== null) {
      // An ArrayBuffer is mistaken for a view there: nothing is read and the program is stuck unless it catches this.
      if (!ArrayBuffer.isView(argument)) throw new RangeError("invalid offset");
      const count = Math.min(argument.byteLength, this.#readable);
      return this.#counted(count, count === 0 ? 0 : socket.read(viewOf(argument).subarray(0, count)));
    }
    const count = argument === undefined ? this.#readable : Number(argument);
    if (count > this.#readable) throw new Error("invalid");
    if (count <= 0) return new ArrayBuffer(0);
    return this.#counted(count, socket.read(count));
  }

  write(value: unknown, options?: WriteOptions): number | undefined {
    const socket = this.#socket;
    if (socket === undefined) throw new TypeError("write: no socket");
    this.#unsent.push(viewOf(value).slice());
    if (options?.more === true) return undefined;
    const record = concat(this.#unsent);
    this.#unsent = [];
    if (record.byteLength > MAX_RECORD) throw new Error("too large");
    socket.format = "buffer";
    const writable = socket.write(record);
    return writable === undefined ? undefined : Math.max(0, writable - WRITE_OVERHEAD);
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#readable = 0;
  }

  #counted<T>(count: number, result: T): T {
    this.#readable -= count;
    return result;
  }

  readonly #failOnTls = (): void => {
    const failure = this.#socket && tlsFailureOf(this.#socket);
    if (failure !== undefined) throw refusalOf(failure);
  };
}

export default TLSSocket;

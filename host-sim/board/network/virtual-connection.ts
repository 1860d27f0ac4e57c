/**
 * One connection of the virtual network: the board's socket at one end, a listener's {@link PeerConnection} at the
 * other.
 */
import type { BoardSocket, SecureOptions, SocketEvents, SocketRequest } from "../network-backend.js";
import type { VirtualClock } from "../virtual-clock.js";
import { ReceiveWindow } from "./receive-window.js";
import { clientKeyFailure, nameFailure, nameMatches, TLS_FAILURES } from "./tls-checks.js";
import { VirtualPipe } from "./virtual-pipe.js";
import type {
  Chunk,
  DeclaredCertificate,
  Faults,
  Link,
  Listener,
  ListenOptions,
  PeerConnection,
  SentSegment,
} from "./virtual-types.js";

export interface VirtualConnectionOptions {
  readonly number: number;
  /** `host:port` */
  readonly endpoint: string;
  readonly request: SocketRequest;
  readonly events: SocketEvents;
  readonly clock: VirtualClock;
  readonly window: number;
  readonly link: () => Link;
  readonly faults: () => Faults;
  readonly onSent: (segment: SentSegment) => void;
  readonly onOver: () => void;
}

const MAX_RECORD = 16384;
/** Header, explicit nonce and tag of an AES-GCM record. [RFC 5246 6.2.3, RFC 5288 3] */
const RECORD_OVERHEAD = 29;
/** Of a server, bytes. */
const PEER_WINDOW = 65_535;
/** Round trips until a connection stands: TCP's one, TLS 1.2's two more. */
const TCP_ROUND_TRIPS = 1;
const TLS_ROUND_TRIPS = 3;

function certificateFailure(certificate: DeclaredCertificate, secure: SecureOptions, now: number): string | undefined {
  if (certificate.trusted === false) return TLS_FAILURES.authority;
  if (now < certificate.notBefore || now > certificate.notAfter) return TLS_FAILURES.date;
  const { names } = certificate;
  const isNamed = names.some((name) => nameMatches(name, secure.serverName));
  return isNamed ? undefined : nameFailure(names, secure.serverName);
}

function handshakeFailure(options: ListenOptions, secure: SecureOptions, clockNow: number): string | undefined {
  const { certificate } = options;
  if (certificate === undefined) return TLS_FAILURES.http;
  const offered = secure.alpn ?? [];
  if (options.alpn !== undefined && !offered.some((name) => options.alpn?.includes(name)))
    return `${TLS_FAILURES.alert} no_application_protocol`;
  const failure = certificateFailure(certificate, secure, secure.now ?? clockNow) ?? clientKeyFailure(secure.clientKey);
  if (failure !== undefined) return failure;
  const hasClient = (secure.clientCertificates?.length ?? 0) > 0 && secure.clientKey !== undefined;
  return options.requireClientCertificate === true && !hasClient
    ? `${TLS_FAILURES.alert} handshake_failure`
    : undefined;
}

export class VirtualConnection {
  readonly #options: VirtualConnectionOptions;
  readonly #received: ReceiveWindow;
  readonly #toDevice: VirtualPipe;
  readonly #toPeer: VirtualPipe;
  readonly #cancel: (() => void)[] = [];
  #peer: PeerConnection | undefined;
  #writable = 0;
  /** The board still listens to events. */
  #boardOpen = true;
  #peerOpen = true;
  #peerEnded = false;
  readonly board: BoardSocket;

  constructor(options: VirtualConnectionOptions) {
    this.#options = options;
    const secure = options.request.secure !== undefined;
    this.#received = new ReceiveWindow(options.window, secure);
    const describe = (index: number, offset: number, bytes: Uint8Array): Chunk => ({
      endpoint: options.endpoint,
      connection: options.number,
      index,
      offset,
      bytes,
    });
    const common = { clock: options.clock, link: options.link, describe, reset: () => this.reset() };
    const { endpoint, number: connection } = options;
    const sentTo = (toDevice: boolean) => (segment: Pick<SentSegment, "length" | "sent" | "due">) =>
      options.onSent({ endpoint, connection, toDevice, ...segment });
    const overhead = secure ? RECORD_OVERHEAD : 0;
    this.#toDevice = new VirtualPipe({
      ...common,
      maxChunk: secure ? MAX_RECORD : options.window,
      overhead,
      window: options.window,
      toBoard: true,
      onSent: sentTo(true),
      fateOf: (chunk) => options.faults().toDevice?.(chunk),
      // TLS reads on until it has a record, and then not before that one is read.
      takes: () => !secure || this.#received.length === 0,
      readsAtOnce: secure,
      deliver: (bytes) => this.#arrived(bytes),
      ended: () => this.#ended(),
      drained: () => this.#peer?.onDrain(),
    });
    this.#toPeer = new VirtualPipe({
      ...common,
      maxChunk: options.window,
      overhead,
      window: PEER_WINDOW,
      toBoard: false,
      onSent: sentTo(false),
      fateOf: (chunk) => options.faults().toPeer?.(chunk),
      takes: () => true,
      readsAtOnce: true,
      deliver: (bytes) => this.#peerReceived(bytes),
      ended: () => this.#endPeer(),
      drained: () => this.#later(options.link().latencyMs, () => this.#roomBack()),
    });
    this.board = {
      write: (bytes) => this.#write(bytes),
      peek: () => this.#received.visible,
      consume: (count) => this.#consume(count),
      close: () => this.#closeBoard(),
      destroy: () => this.#destroyBoard(),
    };
  }

  refuse(afterMs: number): void {
    this.#later(afterMs, () => this.#ended());
  }

  establish(listener: Listener, tlsFailure: string | undefined): void {
    const { request, clock, window } = this.#options;
    const trips = request.secure === undefined ? TCP_ROUND_TRIPS : TLS_ROUND_TRIPS;
    this.#roundTrips(trips, () => {
      if (request.secure !== undefined) {
        const failure = tlsFailure ?? handshakeFailure(listener.options, request.secure, clock.now());
        if (failure !== undefined) {
          this.#over();
          this.#options.events.tlsFailure(failure);
          return;
        }
      }
      this.#peer = this.#peerOf(request.secure, listener.options);
      listener.onConnection(this.#peer);
      this.#writable = window;
      if (this.#boardOpen) this.#options.events.connected(window);
    });
  }

  reset(): void {
    const boardOpen = this.#boardOpen;
    this.#endPeer();
    this.#over();
    if (boardOpen) this.#options.events.error();
  }

  /** The board answers in each of them: one that is busy answers late. */
  #roundTrips(count: number, action: () => void): void {
    this.#later(this.#options.link().latencyMs * 2, () => {
      if (count > 1) this.#roundTrips(count - 1, action);
      else action();
    });
  }

  #later(ms: number, action: () => void): void {
    this.#cancel.push(
      this.#options.clock.after(ms, () => {
        if (this.#boardOpen) action();
      }),
    );
  }

  #peerOf(secure: SecureOptions | undefined, options: ListenOptions): PeerConnection {
    const toDevice = this.#toDevice;
    return {
      number: this.#options.number,
      serverName: secure?.serverName,
      alpn: secure?.alpn?.find((name) => options.alpn === undefined || options.alpn.includes(name)),
      clientCertificates: secure?.clientCertificates ?? [],
      onData: () => undefined,
      onEnd: () => undefined,
      onDrain: () => undefined,
      get unsent() {
        return toDevice.waiting;
      },
      write: (bytes) => toDevice.send(bytes),
      end: () => toDevice.end(),
      reset: () => {
        this.#peerOpen = false;
        this.reset();
      },
    };
  }

  #write(bytes: Uint8Array): number {
    if (!this.#boardOpen || this.#peerEnded) return -1;
    if (bytes.byteLength > this.#writable) throw new Error("would block");
    this.#writable -= bytes.byteLength;
    this.#toPeer.send(bytes);
    return this.#writable;
  }

  /** The peer acknowledged everything. */
  #roomBack(): void {
    if (this.#peerEnded || this.#toPeer.waiting > 0 || this.#writable === this.#options.window) return;
    this.#writable = this.#options.window;
    this.#options.events.writable(this.#writable);
  }

  #peerReceived(bytes: Uint8Array): void {
    if (this.#peerOpen) this.#peer?.onData(bytes);
  }

  #arrived(bytes: Uint8Array): void {
    if (!this.#boardOpen) return;
    this.#received.add(bytes);
    if (this.#received.reveal()) this.#options.events.readable(this.#received.visible.byteLength);
  }

  #consume(count: number): void {
    this.#received.consume(count);
    if (this.#peerEnded && this.#received.length === 0) this.#later(0, () => this.#ended());
    else if (this.#options.request.secure === undefined) this.#toDevice.read(count);
    else this.#options.clock.at(0, () => this.#toDevice.resume());
  }

  /** The peer's side is at its end; the board hears of it when it has read everything. */
  #ended(): void {
    this.#peerEnded = true;
    if (!this.#boardOpen || this.#received.length > 0) return;
    this.#over();
    this.#endPeer();
    this.#options.events.error();
  }

  #endPeer(): void {
    if (!this.#peerOpen) return;
    this.#peerOpen = false;
    this.#peer?.onEnd();
  }

  /** What was written before still arrives. */
  #closeBoard(): void {
    if (!this.#boardOpen) return;
    this.#boardOpen = false;
    this.#toDevice.stop();
    for (const cancel of this.#cancel) cancel();
    this.#options.onOver();
    this.#toPeer.end();
  }

  #destroyBoard(): void {
    if (!this.#boardOpen) return;
    this.#over();
    // The far end learns of it a little later, as of a reset.
    this.#options.clock.after(this.#options.link().latencyMs, () => this.#endPeer());
  }

  #over(): void {
    this.#boardOpen = false;
    for (const cancel of this.#cancel) cancel();
    this.#toDevice.stop();
    this.#toPeer.stop();
    this.#options.onOver();
  }
}

/**
 * A virtual network on the board's clock: same listeners, same faults, same seed, same run. Names belong to the
 * listeners; bytes move in chunks, each of which a fault may lose, delay, change or turn into the end of the
 * connection.
 */
import type { BoardSocket, NetworkBackend, SocketEvents, SocketRequest } from "../network-backend.js";
import type { VirtualClock } from "../virtual-clock.js";
import { VirtualConnection } from "./virtual-connection.js";
import {
  type ConnectFate,
  type Faults,
  type Link,
  type Listener,
  type ListenOptions,
  PERFECT_LINK,
  type PeerConnection,
  type SentSegment,
} from "./virtual-types.js";

/** What a virtual network is made of. */
export interface VirtualNetworkOptions {
  readonly clock: VirtualClock;
  /** Bytes of the guest's receive and send buffer each. Default 8192, as on the device. */
  readonly window?: number;
  /** Default: no latency, no limit. */
  readonly link?: Partial<Link>;
  readonly faults?: Faults;
}

const DEFAULT_WINDOW = 8192;
/** The DNS server that DHCP offers. [RFC 5737] */
export const DHCP_NAME_SERVER = "192.0.2.53";
/** Time until a computer says that nobody listens. */
const REFUSAL_MS = 20;

/** A network on a virtual clock, with listeners for servers. */
export class VirtualNetwork implements NetworkBackend {
  readonly #clock: VirtualClock;
  readonly #window: number;
  readonly #listeners = new Map<string, Listener>();
  readonly #addresses = new Map<string, string>();
  readonly #open = new Set<VirtualConnection>();
  #connections = 0;

  /** Both may be changed at any time; connections that exist follow. */
  link: Link;
  faults: Faults;
  /** Told of everything that leaves on a line. */
  onSent: ((segment: SentSegment) => void) | undefined;
  /** Of the network that the board is in: the firewall may let through nothing else. */
  nameServers: readonly string[] = [DHCP_NAME_SERVER];
  /** Milliseconds that a time server is wrong by, or `undefined`: none answers. */
  timeError: number | undefined = 0;

  constructor(options: VirtualNetworkOptions) {
    this.#clock = options.clock;
    this.#window = options.window ?? DEFAULT_WINDOW;
    this.link = { ...PERFECT_LINK, ...options.link };
    this.faults = options.faults ?? {};
  }

  /** Connections that are not over, for checks that nothing leaks. */
  get openConnections(): number {
    return this.#open.size;
  }

  /**
   * `onConnection` runs when the connection (with `certificate`: the handshake) is complete. Returns a function that
   * stops listening.
   */
  listen(
    host: string,
    port: number,
    onConnection: (connection: PeerConnection) => void,
    options: ListenOptions = {},
  ): () => void {
    const address = options.address ?? this.#addresses.get(host) ?? this.#newAddress(host);
    this.#addresses.set(host, address);
    const key = `${address}:${port}`;
    this.#listeners.set(key, { host, port, onConnection, options });
    return () => this.#listeners.delete(key);
  }

  /** One of a network that no name leads to in earnest, and that is not local. [RFC 5737] */
  #newAddress(host: string): string {
    return /^\d+(\.\d+){3}$/.test(host) ? host : `203.0.113.${this.#addresses.size + 1}`;
  }

  /** Ends every connection with a reset, as when the network goes away and comes back. */
  resetConnections(): void {
    for (const connection of [...this.#open]) connection.reset();
  }

  connect(request: SocketRequest, events: SocketEvents): BoardSocket {
    const listener = this.#listeners.get(`${request.address}:${request.port}`);
    const host = listener?.host ?? request.address;
    const fate: ConnectFate =
      this.faults.connect?.({ host, port: request.port, attempt: this.#connections }) ??
      (listener === undefined ? "refuse" : "accept");
    const connection: VirtualConnection = new VirtualConnection({
      number: ++this.#connections,
      endpoint: `${host}:${request.port}`,
      request,
      events,
      clock: this.#clock,
      window: this.#window,
      link: () => this.link,
      faults: () => this.faults,
      onSent: (segment) => this.onSent?.(segment),
      onOver: () => this.#open.delete(connection),
    });
    this.#open.add(connection);
    if (fate === "silence") return connection.board;
    if (fate === "refuse" || listener === undefined) connection.refuse(REFUSAL_MS);
    else connection.establish(listener, typeof fate === "object" ? fate.tlsFailure : undefined);
    return connection.board;
  }

  resolve(host: string, server: string, onDone: (address: string | undefined) => void): () => void {
    const fate = this.faults.resolve?.(host, server) ?? "answer";
    if (fate === "silence") return () => undefined;
    const address = fate === "fail" ? undefined : this.#addresses.get(host);
    return this.#clock.after(this.link.latencyMs * 2, () => onDone(address));
  }

  time(host: string, onDone: (seconds: number | undefined) => void): () => void {
    const fate = this.faults.time?.(host) ?? "answer";
    if (fate === "silence") return () => undefined;
    if (fate === "fail") return this.#clock.after(this.link.latencyMs * 2, () => onDone(undefined));
    return this.#clock.after(this.link.latencyMs * 2, () => {
      onDone(this.timeError === undefined ? undefined : Math.floor((this.#clock.now() + this.timeError) / 1000));
    });
  }
}

/**
 * What a downloader needs of the device: resolver and guarded sockets, joined as `device-ports` does it, and scripted
 * servers.
 */
import type { ConnectFate } from "../../host-sim/board/network/index.js";
import Resolver from "../../host-sim/ports/dns-resolver.js";
import TCP from "../../host-sim/ports/tcp.js";
import TLSSocket from "../../host-sim/ports/tls-socket.js";
import type { NetworkEndpoint } from "../../modules/foundation/endpoint.js";
import {
  guardTcp,
  guardTls,
  type TcpCallbacks,
  type TcpClass,
  type TlsClass,
} from "../../modules/guarded-tcp/index.js";
import { type ConnectResult, type FakeHandler, type FakeRequest, serveHttp } from "./fake-http-server.js";
import { PortsBoard } from "./ports-board.js";

/** One way: the phases of a connection fall on different moments. */
const LATENCY_MS = 2;
const CONNECT_MS = 20;
/** How long the SDK's resolver asks one server. */
const LOOK_UP_MS = 5000;

const FATES: ReadonlyMap<ConnectResult, ConnectFate> = new Map<ConnectResult, ConnectFate>([
  ["refused", "refuse"],
  ["silent", "silence"],
  ["tls-closed", "silence"],
  ["tls", { tlsFailure: "certificate: no chain to a trusted root" }],
]);

export class DownloadNetwork {
  readonly requests: FakeRequest[] = [];
  /** Things a device would not survive. Must stay empty. */
  readonly violations: string[] = [];
  readonly lookups: string[] = [];
  handler: FakeHandler;
  /** Asked for each connection, numbered from 1. */
  connect: (connection: number) => ConnectResult = () => "ok";
  connections = 0;
  /** Where names lead that are asked for from then on; others get an address of their own. */
  readonly addresses = new Map<string, string>();
  readonly #board: PortsBoard;
  readonly #resolvers = new Set<object>();
  #fate: ConnectResult = "ok";
  #silentUntil = 0;

  constructor(handler: FakeHandler) {
    this.handler = handler;
    this.#board = new PortsBoard({
      link: { latencyMs: LATENCY_MS },
      onEscape: (error) => this.violations.push(`a callback threw ${String(error)}`),
      faults: {
        resolve: (host) => this.#lookUp(host),
        connect: () => FATES.get(this.#fate),
      },
    });
  }

  get timer(): PortsBoard["timer"] {
    return this.#board.timer;
  }

  /** Sockets that are open. */
  get open(): number {
    return this.#board.sockets;
  }

  /** Resolvers that are open. */
  get openResolvers(): number {
    return this.#resolvers.size;
  }

  get http(): NetworkEndpoint {
    return { dns: this.#dns(), socket: { io: this.#tcp() } };
  }

  get https(): NetworkEndpoint {
    const guard = { timer: this.timer };
    const network = this;
    const TLS = class extends TLSSocket {
      constructor(options: ConstructorParameters<typeof TLSSocket>[0]) {
        if (network.#fate === "constructor") throw new Error("date validation failed");
        super(options);
      }
    };
    const io = guardTls(TLS as unknown as TlsClass, guard);
    return { dns: this.#dns(), socket: { io, TCP: { io: this.#tcp() }, secure: {} } };
  }

  #dns() {
    const open = this.#resolvers;
    const io = class extends Resolver {
      constructor(options: ConstructorParameters<typeof Resolver>[0]) {
        super(options);
        open.add(this);
      }

      override close(): void {
        open.delete(this);
        super.close();
      }
    };
    return { io, servers: ["192.0.2.53"], socket: {} };
  }

  /** Every name that is asked for has a server, from then on. */
  #lookUp(host: string): "answer" | "fail" | "silence" {
    // The resolver's further questions belong to the look-up that nobody answers.
    if (this.timer.now < this.#silentUntil) return "silence";
    this.lookups.push(host);
    this.connections += 1;
    this.#fate = this.connect(this.connections);
    const certificate = { names: [host], notBefore: 0, notAfter: Number.POSITIVE_INFINITY };
    const known = this.addresses.get(host);
    const address = known === undefined ? {} : { address: known };
    this.#listen(host, 80, address);
    for (const port of [443, 9000]) this.#listen(host, port, { certificate, ...address });
    if (this.#fate === "dns") return "fail";
    if (this.#fate !== "dns-silent") return "answer";
    this.#silentUntil = this.timer.now + LOOK_UP_MS;
    return "silence";
  }

  #listen(host: string, port: number, options: Parameters<PortsBoard["network"]["listen"]>[3]): void {
    const { network, clock } = this.#board;
    const after = (ms: number, action: () => void) => void clock.after(ms, action);
    network.listen(
      host,
      port,
      (peer) => {
        const scheme = peer.serverName === undefined ? "http" : "https";
        serveHttp(peer, after, (received) => {
          const request: FakeRequest = { ...received, scheme, port, connection: peer.number };
          this.requests.push(request);
          return this.handler(request, this.requests.length);
        });
      },
      options,
    );
  }

  /**
   * To the network a handshake that the peer breaks off is a refusal like any other, so the socket plays it: TCP
   * stands, and then it ends.
   */
  #tcp(): TcpClass {
    const network = this;
    const Socket = class extends TCP {
      constructor(options: TcpCallbacks & ConstructorParameters<typeof TCP>[0]) {
        super(options);
        if (network.#fate !== "tls-closed") return;
        network.timer.set(() => {
          options.onWritable?.(1);
          options.onError?.();
        }, CONNECT_MS);
      }
    };
    return guardTcp(Socket as unknown as TcpClass, { timer: this.timer });
  }
}

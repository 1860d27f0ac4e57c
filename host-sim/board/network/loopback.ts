/** The board's network on this computer's sockets. */
import { lookup } from "node:dns";
import type { BoardSocket, NetworkBackend, SocketEvents, SocketRequest } from "../network-backend.js";
import { LoopbackSocket } from "./loopback-socket.js";

/** Socket buffers of Moddable's Linux simulator. */
export const SIMULATOR_WINDOW = 1536;
/** lwIP's send buffer and receive window in the SDK's ESP32 configuration. */
export const DEVICE_WINDOW = 8192;

/** What the board finds on this computer's network. */
export interface LoopbackOptions {
  /** Addresses of names; `*.example.test` stands for one label. Names that are absent are resolved by the system. */
  readonly hosts?: Readonly<Record<string, string>>;
  /**
   * What a DNS server says to a name that is in no table: an address, "fail" for none, "silence"; `undefined`: what the
   * system says.
   */
  readonly dns?: (host: string, server: string) => string | undefined;
  /** Bytes of the guest's receive and send buffer each. Default {@link DEVICE_WINDOW}. */
  readonly window?: number;
}

/** A network on this computer's sockets. */
export class LoopbackNetwork implements NetworkBackend {
  readonly #hosts: Readonly<Record<string, string>>;
  readonly #dns: LoopbackOptions["dns"];
  readonly #window: number;

  constructor(options: LoopbackOptions = {}) {
    this.#hosts = options.hosts ?? {};
    this.#dns = options.dns;
    this.#window = options.window ?? DEVICE_WINDOW;
  }

  connect(request: SocketRequest, events: SocketEvents): BoardSocket {
    return new LoopbackSocket(request, events, this.#window);
  }

  /** Names are this computer's, whichever server is asked. */
  readonly nameServers: readonly string[] = [];

  resolve(host: string, server: string, onDone: (address: string | undefined) => void): () => void {
    let cancelled = false;
    const finish = (address: string | undefined): void => {
      if (!cancelled) onDone(address);
    };
    const known = this.#hosts[host] ?? this.#hosts[host.replace(/^[^.]*/, "*")];
    const said = known ?? this.#dns?.(host, server);
    if (said === "silence") return () => undefined;
    if (said !== undefined) setImmediate(() => finish(said === "fail" ? undefined : said));
    else lookup(host, { family: 4 }, (error, address) => finish(error ? undefined : address));
    return () => {
      cancelled = true;
    };
  }

  /** Every time server tells this computer's time. */
  time(_host: string, onDone: (seconds: number | undefined) => void): () => void {
    const pending = setImmediate(() => onDone(Math.floor(Date.now() / 1000)));
    return () => clearImmediate(pending);
  }
}

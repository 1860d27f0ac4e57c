import type { HostValue } from "../engines/engine.js";
import type { Counters } from "./counters.js";
import type { BoardSocket, NetworkBackend, SocketRequest } from "./network-backend.js";
import type { StepCounter } from "./steps.js";

/** Delivers an event of the network to the program, on a turn of its own, as a step. */
export type Deliver = (event: string, id: number, args: readonly HostValue[]) => void;

interface OpenSocket {
  readonly socket: BoardSocket;
  /** Set when the program closed it or it broke: no more events. */
  over: boolean;
}

/** Sockets, name look-ups and time requests of the running program. A reset drops them all. */
export class GuestNetwork {
  readonly #backend: NetworkBackend;
  readonly #steps: StepCounter;
  readonly #counters: Counters;
  readonly #deliver: Deliver;
  readonly #now: () => number;
  #sockets = new Map<number, OpenSocket>();
  #requests = new Map<string, () => void>();

  /** `now` is the board's own time of day. */
  constructor(backend: NetworkBackend, steps: StepCounter, counters: Counters, deliver: Deliver, now: () => number) {
    this.#now = now;
    this.#backend = backend;
    this.#steps = steps;
    this.#counters = counters;
    this.#deliver = deliver;
  }

  /** Sockets the program holds. */
  get size(): number {
    return this.#sockets.size;
  }

  open(id: number, wanted: SocketRequest): void {
    const { secure } = wanted;
    const request = secure === undefined ? wanted : { ...wanted, secure: { ...secure, now: this.#now() } };
    const detail = `open ${id} ${request.address}:${request.port}${request.secure === undefined ? "" : " tls"}`;
    this.#steps.perform("net-open", detail, () => {
      this.#counters.connections += 1;
      const tell = (event: string, args: readonly HostValue[], last = false): void => {
        if (entry.over || this.#sockets.get(id) !== entry) return;
        if (last) entry.over = true;
        this.#deliver(event, id, args);
      };
      const entry: OpenSocket = {
        over: false,
        socket: this.#backend.connect(request, {
          connected: (writable) => {
            if (request.secure !== undefined) this.#counters.handshakes += 1;
            tell("socket.connected", [writable]);
          },
          readable: (available) => tell("socket.readable", [available]),
          writable: (writable) => tell("socket.writable", [writable]),
          error: () => tell("socket.error", [], true),
          tlsFailure: (message) => tell("socket.tls-failure", [message], true),
        }),
      };
      this.#sockets.set(id, entry);
    });
  }

  write(id: number, bytes: Uint8Array): number {
    const { socket } = this.#live(id);
    return this.#steps.perform("net-out", `write ${id} ${bytes.length}`, () => {
      this.#counters.bytesSent += bytes.length;
      return socket.write(bytes);
    });
  }

  peek(id: number): Uint8Array {
    return this.#live(id).socket.peek();
  }

  consume(id: number, count: number): void {
    const { socket } = this.#live(id);
    this.#counters.bytesReceived += count;
    socket.consume(count);
  }

  close(id: number): void {
    const entry = this.#sockets.get(id);
    if (entry === undefined) return;
    this.#steps.perform("net-close", `close ${id}`, () => {
      entry.over = true;
      this.#sockets.delete(id);
      entry.socket.close();
    });
  }

  /** What DHCP offered. */
  get nameServers(): readonly string[] {
    return this.#backend.nameServers;
  }

  resolve(id: number, host: string, server: string): void {
    this.#request(`dns ${id}`, (done) =>
      this.#backend.resolve(host, server, (address) => {
        done();
        if (address === undefined) this.#deliver("dns.error", id, []);
        else this.#deliver("dns.resolved", id, [address]);
      }),
    );
  }

  /** Without a time server in the network nobody answers, as with SNTP itself. */
  requestTime(id: number, host: string): void {
    const { time } = this.#backend;
    if (time === undefined) return;
    this.#request(`sntp ${id}`, (done) =>
      time.call(this.#backend, host, (seconds) => {
        done();
        if (seconds === undefined) this.#deliver("sntp.error", id, []);
        else this.#deliver("sntp.time", id, [seconds]);
      }),
    );
  }

  cancelTime(id: number): void {
    this.#requests.get(`sntp ${id}`)?.();
    this.#requests.delete(`sntp ${id}`);
  }

  /** The program is gone. */
  dropAll(): void {
    const [sockets, requests] = [this.#sockets, this.#requests];
    this.#sockets = new Map();
    this.#requests = new Map();
    for (const cancel of requests.values()) cancel();
    for (const entry of sockets.values()) {
      entry.over = true;
      entry.socket.destroy();
    }
  }

  #request(key: string, start: (done: () => void) => () => void): void {
    this.#requests.get(key)?.();
    const cancel = start(() => {
      if (this.#requests.get(key) === cancel) this.#requests.delete(key);
    });
    this.#requests.set(key, cancel);
  }

  #live(id: number): OpenSocket {
    const entry = this.#sockets.get(id);
    if (entry === undefined) throw new Error(`no socket ${id}`);
    return entry;
  }
}

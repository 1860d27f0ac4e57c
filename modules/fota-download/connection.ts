import { type GuardedDns, guardResolver } from "../foundation/resolver-guard.js";
import type { TimerId, TimerPort } from "../foundation/timer-port.js";
import { type ConnectionFailure, classifyFailure } from "./connection-failure.js";
import { probeSocket, type SocketSigns } from "./connection-probe.js";
import { resolveAs, resolverOf, screenAnswers, socketOf } from "./host-port.js";
import type { HttpClient, HttpEndpoint, HttpRequest } from "./http-port.js";
import { CHECKED_HEADERS, type ResponseHeaders } from "./response-check.js";
import { type DownloadUrl, hostHeader } from "./url.js";

export type ResponseHandlers = {
  onHeaders(status: number, headers: ResponseHeaders): void;
  /** Body bytes are waiting; see `available`. */
  onReadable(): void;
  /** The body is complete. On a turn of its own: another request may be sent, the connection may be closed. */
  onEnd(): void;
  /** The request has no (complete) response and the connection is gone. On a turn of its own. */
  onFailure(failure: ConnectionFailure): void;
};

/**
 * One connection to one server, over one instance of the SDK's HTTP client.
 *
 * Contains what that client leaves to its user: it reports no reason, goes on taking requests when it is dead, must not
 * be closed within onDone, and says once only that bytes are waiting. Each request ends in exactly one of onEnd and
 * onFailure, unless `close()` was called; after that nothing is called.
 */
export class Connection {
  readonly #timer: TimerPort;
  readonly #secure: boolean;
  readonly #signs: SocketSigns & { screened: boolean } = {
    screened: false,
    resolved: false,
    connected: false,
    established: false,
    exception: undefined,
  };
  readonly #dns: GuardedDns;
  #client: HttpClient | undefined;
  #request: HttpRequest | undefined;
  #handlers: ResponseHandlers | undefined;
  #headersSeen = false;
  #clientError: unknown;
  #available = 0;
  #requests = 0;
  #usable = true;
  #later: TimerId | undefined;

  /** @param mayConnect judges what the name was resolved to, before anything is sent there */
  constructor(
    endpoint: HttpEndpoint,
    url: DownloadUrl,
    timer: TimerPort,
    mayConnect: (address: string) => boolean = () => true,
  ) {
    this.#timer = timer;
    this.#secure = url.scheme === "https";
    this.#dns = guardResolver(endpoint.dns, (error) => this.dead(error));
    const dns = screenAnswers(resolverOf({ ...endpoint, dns: this.#dns.dns }), (address) => {
      const wanted = mayConnect(address);
      this.#signs.screened ||= !wanted;
      return wanted;
    });
    const host = hostHeader(url);
    const options = {
      ...endpoint,
      host,
      port: url.port,
      dns: host === url.host ? dns : resolveAs(dns, url.host),
      socket: probeSocket(socketOf(endpoint), this.#signs),
      onError: (error?: unknown) => this.dead(error),
    };
    try {
      this.#client = new endpoint.io(options);
    } catch (error) {
      this.#signs.exception ??= error;
      this.#usable = false;
    }
  }

  /** Requests sent so far. */
  get requests(): number {
    return this.#requests;
  }

  /** False when the client would take another request and never answer it. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Body bytes that `read` can deliver now. */
  get available(): number {
    return this.#available;
  }

  /** One at a time: only after the previous one's onEnd. */
  request(target: string, headers: Map<string, string>, handlers: ResponseHandlers): void {
    this.#requests += 1;
    this.#handlers = handlers;
    this.#headersSeen = false;
    this.#available = 0;
    if (this.#client === undefined || !this.#usable) {
      this.dead(undefined);
      return;
    }
    const live = () => this.#handlers === handlers;
    try {
      this.#request = this.#client.request({
        method: "GET",
        path: target,
        headers,
        headersMask: [...CHECKED_HEADERS],
        onHeaders: (status, fields) => {
          if (!live() || this.#headersSeen) return;
          this.#headersSeen = true;
          handlers.onHeaders(status, fields);
        },
        onReadable: (count) => {
          if (!live() || !this.#headersSeen) return;
          this.#available = count;
          handlers.onReadable();
        },
        onDone: (error) => {
          if (!live()) return;
          if (error === null) this.defer(() => this.end());
          else this.dead(undefined);
        },
      });
    } catch (error) {
      this.#signs.exception ??= error;
      this.dead(undefined);
    }
  }

  /** Fills `target` from its start; returns the count, 0 when nothing is there. */
  read(target: Uint8Array): number {
    if (this.#request === undefined || this.#available === 0) return 0;
    let count: unknown;
    try {
      count = this.#request.read(target);
    } catch (error) {
      // The client would wait for ever for bytes that it believes are still to be read: the connection is given up.
      this.#signs.exception ??= error;
      this.dead(undefined);
    }
    if (typeof count !== "number" || count <= 0) {
      this.#available = 0;
      return 0;
    }
    this.#available = Math.max(0, this.#available - count);
    return count;
  }

  /** Silences everything. Not to be called from within the client's onDone, and never is: see the handlers. */
  close(): void {
    this.#timer.clear(this.#later);
    this.#later = undefined;
    this.#handlers = undefined;
    this.#usable = false;
    this.#available = 0;
    this.#dns.close();
    const client = this.#client;
    this.#client = undefined;
    this.#request = undefined;
    try {
      client?.close();
    } catch {
      // Sockets that are already gone throw; there is nothing left to release.
    }
  }

  private end(): void {
    const handlers = this.#handlers;
    this.#handlers = undefined;
    this.#request = undefined;
    handlers?.onEnd();
  }

  /**
   * The client cannot be used any more. It calls the request's onDone first, without a reason, and then its own
   * onError, which may have one: so the failure is classified on the next turn, when both were called.
   */
  private dead(error: unknown): void {
    this.#usable = false;
    this.#clientError ??= error;
    if (this.#handlers === undefined || this.#later !== undefined) return;
    this.defer(() => this.fail());
  }

  private fail(): void {
    const handlers = this.#handlers;
    const failure = classifyFailure({
      ...this.#signs,
      secure: this.#secure,
      headersSeen: this.#headersSeen,
      clientError: this.#clientError,
    });
    this.close();
    handlers?.onFailure(failure);
  }

  private defer(action: () => void): void {
    if (this.#later !== undefined) return;
    this.#later = this.#timer.set(() => {
      this.#later = undefined;
      action();
    }, 0);
  }
}

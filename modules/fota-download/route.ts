import type { NetworkEndpoint } from "../foundation/endpoint.js";
import type { ClockPort, TimerPort } from "../foundation/timer-port.js";
import { HttpConnection } from "../http-client/index.js";
import type { FotaDownloadErrorCode } from "./errors.js";
import { type AllowedHosts, HOST_REFUSED, isAnswerAllowed, isHostAllowed } from "./host-rules.js";
import { hasExpired, type PresignedLifetime, presignedLifetime } from "./presigned-url.js";
import { CHECKED_HEADERS } from "./response-check.js";
import { type DownloadUrl, hostHeader, parseUrl, redactUrl, resolveLocation } from "./url.js";

export type RouteOptions = {
  readonly http?: NetworkEndpoint | undefined;
  readonly https?: NetworkEndpoint | undefined;
  readonly timer: TimerPort;
  readonly clock: ClockPort;
  readonly url: string;
  readonly allowHttp?: boolean | undefined;
};

export type RouteSettings = {
  readonly allowedHosts: AllowedHosts;
  /** Age of the URL at construction, ms. */
  readonly urlAge: number;
  readonly requestsPerConnection: number;
};

/** Why a server cannot be asked. */
export type RouteProblem = { readonly code: FotaDownloadErrorCode; readonly detail: string };

/** Where the requests of a download go: to its URL, or where that redirected to, over one connection at a time. */
export class Route {
  readonly #options: RouteOptions;
  readonly #settings: RouteSettings;
  readonly #createdAt: number;
  #url: DownloadUrl | undefined;
  #lifetime: PresignedLifetime | undefined;
  #redirected: DownloadUrl | undefined;
  #connection: HttpConnection | undefined;
  #connections = 0;
  /** Requests that went out over earlier connections. */
  #sent = 0;

  constructor(options: RouteOptions, settings: RouteSettings) {
    this.#options = options;
    this.#settings = settings;
    this.#createdAt = options.clock.ticks();
  }

  /**
   * Reads the URL. @returns why it cannot be used
   * @throws FotaDownloadError "bad-url" when it is none
   */
  open(): RouteProblem | undefined {
    const url = parseUrl(this.#options.url);
    this.#url = url;
    this.#lifetime = presignedLifetime(url.target);
    if (!this.mayAsk(url)) return { code: "host-refused", detail: HOST_REFUSED };
    if (url.scheme === "http" && this.#options.allowHttp !== true)
      return { code: "insecure-url", detail: "http is not allowed" };
    if (this.endpoint(url) === undefined)
      return { code: "bad-url", detail: `no way to make ${url.scheme} connections` };
    return undefined;
  }

  /** Connections made so far. */
  get connections(): number {
    return this.#connections;
  }

  /** Requests that went out so far. */
  get requests(): number {
    return this.#sent + (this.#connection?.sent ?? 0);
  }

  /** Path and query of the next request. */
  get target(): string {
    return this.server?.target ?? "";
  }

  /** Scheme and host of the server, fit for a message; empty before the URL was read. */
  get name(): string {
    return this.server === undefined ? "" : redactUrl(this.server);
  }

  /** The next request goes to the URL itself. */
  get isDirect(): boolean {
    return this.#redirected === undefined;
  }

  /** The URL is a presigned one and says of itself that it has expired. */
  get hasExpired(): boolean {
    const { clock } = this.#options;
    const age = this.#settings.urlAge + clock.ticks() - this.#createdAt;
    return this.#lifetime !== undefined && hasExpired(this.#lifetime, age, clock.now());
  }

  /** The present connection when it can take another request, otherwise a new one. */
  connect(): HttpConnection | undefined {
    const { timer } = this.#options;
    const { requestsPerConnection, allowedHosts } = this.#settings;
    const current = this.#connection;
    // S3 closes after 100 requests: a new connection is made in time.
    if (current?.usable && current.requests < requestsPerConnection) return current;
    this.drop();
    const server = this.server;
    const endpoint = server === undefined ? undefined : this.endpoint(server);
    if (endpoint === undefined || server === undefined) return undefined;
    this.#connections += 1;
    this.#connection = new HttpConnection({
      endpoint,
      secure: server.scheme === "https",
      host: server.host,
      port: server.port,
      hostHeader: hostHeader(server),
      timer,
      keptHeaders: CHECKED_HEADERS,
      mayConnect: (address) => isAnswerAllowed(address, allowedHosts),
    });
    return this.#connection;
  }

  /** Goes where a response points to, with a new connection. @returns why that is impossible */
  redirect(location: string): RouteProblem | undefined {
    const from = this.server;
    const to = from === undefined ? undefined : locationFrom(from, location);
    if (to === undefined) return { code: "redirect", detail: "Location cannot be used" };
    if (!this.mayAsk(to)) return { code: "host-refused", detail: HOST_REFUSED };
    if (from?.scheme === "https" && to.scheme === "http") return { code: "redirect", detail: "from https to http" };
    if (this.endpoint(to) === undefined) return { code: "redirect", detail: `no way to make ${to.scheme} connections` };
    this.drop();
    this.#redirected = to;
    return undefined;
  }

  /** Requests go to the URL again, with a new connection. */
  reset(): void {
    this.drop();
    this.#redirected = undefined;
  }

  /** Ends the present connection. */
  drop(): void {
    this.#sent = this.requests;
    this.#connection?.close();
    this.#connection = undefined;
  }

  private get server(): DownloadUrl | undefined {
    return this.#redirected ?? this.#url;
  }

  private mayAsk(url: DownloadUrl): boolean {
    return isHostAllowed(url.host, this.#settings.allowedHosts);
  }

  private endpoint(url: DownloadUrl): NetworkEndpoint | undefined {
    return url.scheme === "https" ? this.#options.https : this.#options.http;
  }
}

function locationFrom(from: DownloadUrl, location: string): DownloadUrl | undefined {
  try {
    return resolveLocation(from, location);
  } catch {
    return undefined;
  }
}

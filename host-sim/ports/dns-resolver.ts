/**
 * SDK `embedded:network/dns/resolver/udp`: asks its servers in turn, one second apart, beginning with the second; five
 * times each, then it gives up. An answer that there is no such name ends the look-up at once. Addresses are answered
 * with themselves on a later turn. The board carries the questions.
 */
import { callHost, onHostEvent } from "./host.js";
import Timer, { type TimerId } from "./timer.js";

interface ResolveOptions {
  readonly host?: unknown;
  readonly onResolved?: (this: Resolver, host: string, address: string) => void;
  readonly onError?: (this: Resolver, host: string) => void;
}

interface Request {
  readonly resolver: Resolver;
  readonly host: string;
  readonly options: ResolveOptions;
  readonly isAddress: boolean;
  /** Of its questions that were sent. */
  readonly ids: number[];
  tries: number;
}

const DOTTED = /^\d+(\.\d+){3}$/;
const TRIES = 5;
const TRY_MS = 1000;

const asked = new Map<number, Request>();
let lastId = 0;
let forget: (request: Request) => void;

class Resolver {
  readonly #servers: readonly string[];
  #requests: Request[] = [];
  #open: boolean;
  #timer: TimerId | undefined;

  static {
    forget = (request) => request.resolver.#remove(request);
  }

  constructor(options: { readonly servers: readonly string[]; readonly socket?: unknown }) {
    this.#servers = options.servers.slice();
    this.#open = options.socket !== undefined;
  }

  resolve(options: ResolveOptions): void {
    if (!options.host || (!options.onResolved && !options.onError) || !this.#open) throw new Error();
    // The answer for "localhost" carries the address in place of the name, as the SDK's does.
    const host = options.host === "localhost" ? "127.0.0.1" : String(options.host);
    this.#requests.push({ resolver: this, host, options, isAddress: DOTTED.test(host), ids: [], tries: 0 });
    this.#timer ??= Timer.set(() => this.#task(), 0, TRY_MS);
  }

  close(): void {
    this.#open = false;
    for (const request of [...this.#requests]) this.#remove(request);
  }

  #task(): void {
    for (const request of [...this.#requests]) {
      const { host, options } = request;
      request.tries += 1;
      if (request.isAddress) {
        this.#remove(request);
        options.onResolved?.call(this, host, host);
      } else if (request.tries === this.#servers.length * TRIES) {
        this.#remove(request);
        options.onError?.call(this, host);
      } else this.#ask(request);
    }
  }

  #ask(request: Request): void {
    const server = this.#servers[request.tries % this.#servers.length];
    if (server === undefined) return;
    const id = ++lastId;
    request.ids.push(id);
    asked.set(id, request);
    callHost("dns.resolve", id, request.host, server);
  }

  #remove(request: Request): void {
    for (const id of request.ids) asked.delete(id);
    this.#requests = this.#requests.filter((other) => other !== request);
    if (this.#requests.length > 0) return;
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }
}

function take(id: number): Request | undefined {
  const request = asked.get(id);
  if (request !== undefined) forget(request);
  return request;
}

onHostEvent("dns.resolved", (id, args) => {
  const request = take(id);
  request?.options.onResolved?.call(request.resolver, request.host, String(args[0]));
});

onHostEvent("dns.error", (id) => {
  const request = take(id);
  request?.options.onError?.call(request.resolver, request.host);
});

export default Resolver;

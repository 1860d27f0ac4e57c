/**
 * SDK `embedded:network/dns/resolver/udp`; the board resolves. Names and addresses alike are answered on a later turn.
 */
import { callHost, onHostEvent } from "./host.js";
import Timer, { type TimerId } from "./timer.js";

interface ResolveOptions {
  readonly host?: unknown;
  readonly onResolved?: (this: Resolver, host: string, address: string) => void;
  readonly onError?: (this: Resolver, host: string) => void;
}

interface Query {
  readonly resolver: Resolver;
  readonly host: string;
  readonly options: ResolveOptions;
}

const DOTTED = /^\d+(\.\d+){3}$/;

const queries = new Map<number, Query>();
let lastId = 0;

class Resolver {
  #open: boolean;
  readonly #timers = new Set<TimerId>();
  readonly #queries = new Set<number>();

  constructor(options: { readonly servers: readonly string[]; readonly socket?: unknown }) {
    options.servers.slice();
    this.#open = options.socket !== undefined;
  }

  resolve(options: ResolveOptions): void {
    if (!options.host || (!options.onResolved && !options.onError) || !this.#open) throw new Error();
    // The answer for "localhost" carries the address in place of the name, as the SDK's does.
    const host = options.host === "localhost" ? "127.0.0.1" : String(options.host);
    if (DOTTED.test(host)) {
      const timer = Timer.set(() => {
        this.#timers.delete(timer);
        options.onResolved?.call(this, host, host);
      });
      this.#timers.add(timer);
      return;
    }
    const id = ++lastId;
    queries.set(id, { resolver: this, host, options });
    this.#queries.add(id);
    callHost("dns.resolve", id, host);
  }

  close(): void {
    this.#open = false;
    for (const timer of this.#timers) Timer.clear(timer);
    for (const id of this.#queries) queries.delete(id);
    this.#timers.clear();
    this.#queries.clear();
  }
}

function take(id: number): Query | undefined {
  const query = queries.get(id);
  queries.delete(id);
  return query;
}

onHostEvent("dns.resolved", (id, args) => {
  const query = take(id);
  query?.options.onResolved?.call(query.resolver, query.host, String(args[0]));
});

onHostEvent("dns.error", (id) => {
  const query = take(id);
  query?.options.onError?.call(query.resolver, query.host);
});

export default Resolver;

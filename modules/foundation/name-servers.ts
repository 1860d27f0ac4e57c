import type { ResolveRequest, Resolver, ResolverPort } from "./endpoint.js";

/** Asked when neither DHCP nor the configuration leads anywhere. */
export const PUBLIC_SERVERS: readonly string[] = Object.freeze(["1.1.1.1", "8.8.8.8"]);
/** More would take longer to be silent than a connection has time. */
const MAX_SERVERS = 4;
/** How often a name that one server does not know is looked up with the servers behind it. */
const MAX_ROUNDS = 3;

/**
 * The DNS servers in the order in which they are asked: those of DHCP, then the configured ones, then public ones. Only
 * IPv4, as the SDK's resolver knows nothing else; each once, four at most.
 */
export function nameServers(offered: readonly string[], configured: readonly string[]): string[] {
  const all = [...offered, ...configured, ...PUBLIC_SERVERS].filter((address, index, list) => {
    const isUsable = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(address) && address !== "0.0.0.0";
    return isUsable && list.indexOf(address) === index;
  });
  return all.slice(0, MAX_SERVERS);
}

/**
 * A resolver class that asks `servers()`, anew for each look-up, as DHCP may offer others after a reconnection.
 *
 * The SDK's resolver goes on to the next server after a second of silence, but takes the first answer that there is no
 * such name for the truth, also from a server that is broken or blocks. Then the name is looked up again with the
 * servers behind the first. It also begins with the second of its servers, so the list is turned by one.
 */
export function chainResolver(base: ResolverPort["io"], servers: () => readonly string[]): ResolverPort["io"] {
  return class ChainResolver implements Resolver {
    readonly #options: object;
    #open: Resolver[] = [];
    #closed = false;

    constructor(options: object) {
      this.#options = options;
    }

    resolve(request: ResolveRequest): void {
      if (this.#closed) throw new Error("closed");
      this.ask(request, servers(), 1);
    }

    close(): void {
      this.#closed = true;
      for (const resolver of this.#open) resolver.close?.();
      this.#open = [];
    }

    private ask(request: ResolveRequest, list: readonly string[], round: number): void {
      const resolver = new base({ ...this.#options, servers: [...list.slice(-1), ...list.slice(0, -1)] });
      this.#open.push(resolver);
      resolver.resolve({
        host: request.host,
        onResolved: (host, address) => {
          this.release(resolver);
          request.onResolved?.(host, address);
        },
        onError: (host) => {
          this.release(resolver);
          if (list.length > 1 && round < MAX_ROUNDS) this.ask(request, list.slice(1), round + 1);
          else request.onError?.(host);
        },
      });
    }

    private release(resolver: Resolver): void {
      this.#open = this.#open.filter((other) => other !== resolver);
      resolver.close?.();
    }
  };
}

import { FotaDownloadError } from "./errors.js";
import type { HttpEndpoint, ResolveOptions, Resolver, ResolverPort, SocketPort } from "./http-port.js";

/** @throws FotaDownloadError "bad-option" when the endpoint is not of the SDK's shape */
export function resolverOf(endpoint: HttpEndpoint): ResolverPort {
  if (!isResolverPort(endpoint.dns)) throw new FotaDownloadError("bad-option", "endpoint without dns.io");
  return endpoint.dns;
}

/** @throws FotaDownloadError "bad-option" when the endpoint is not of the SDK's shape */
export function socketOf(endpoint: HttpEndpoint): SocketPort {
  if (!isSocketPort(endpoint.socket)) throw new FotaDownloadError("bad-option", "endpoint without socket.io");
  return endpoint.socket;
}

function isResolverPort(value: object): value is ResolverPort {
  return "io" in value && typeof value.io === "function";
}

function isSocketPort(value: object): value is SocketPort {
  return "io" in value && typeof value.io === "function";
}

/**
 * A resolver that looks up `host` whatever name it is given.
 *
 * The SDK's client uses its `host` for the name look-up and, unchanged, for the Host header, and leaves the port out of the header.
 * For a port that is not the scheme's own the header must name it (S3-compatible servers sign it), so the client is given "host:port" and
 * this resolver. The client then names the TLS server by what the resolver reports back, which is the bare host.
 */
export function resolveAs(dns: ResolverPort, host: string): ResolverPort {
  const base = dns.io;
  return {
    ...dns,
    io: class extends base {
      override resolve(options: ResolveOptions): void {
        super.resolve({
          host,
          onResolved: (_, address) => options.onResolved(host, address),
          onError: (error) => options.onError(error),
        });
      }
    },
  };
}

/** A resolver class whose instances can be closed together. */
export type ClosableResolver = {
  /** Takes the place of the endpoint's `dns` options. */
  readonly dns: ResolverPort;
  /** Closes the resolvers made so far and drops their answers. Calling it again does nothing. */
  close(): void;
};

/**
 * The SDK's client never closes the resolver it makes, and for an answer that comes after its own end it opens a socket that
 * nobody closes.
 */
export function closableResolver(dns: ResolverPort): ClosableResolver {
  const base = dns.io;
  const made: Resolver[] = [];
  let open = true;
  const io = class extends base {
    constructor(options: object) {
      super(options);
      made.push(this);
    }

    override resolve(options: ResolveOptions): void {
      super.resolve({
        host: options.host,
        onResolved: (host, address) => {
          if (open) options.onResolved(host, address);
        },
        onError: (error) => {
          if (open) options.onError(error);
        },
      });
    }
  };
  return {
    dns: { ...dns, io },
    close() {
      open = false;
      for (const resolver of made.splice(0)) {
        try {
          resolver.close();
        } catch {
          // Closed already: that is what was wanted.
        }
      }
    },
  };
}

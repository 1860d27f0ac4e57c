import { FotaDownloadError } from "./errors.js";
import type { HttpEndpoint, ResolveOptions, ResolverPort, SocketPort } from "./http-port.js";

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
 * The SDK's client uses its `host` for the name look-up and, unchanged, for the Host header, and leaves the port out of
 * the header. For a port that is not the scheme's own the header must name it (S3-compatible servers sign it), so the
 * client is given "host:port" and this resolver. The client then names the TLS server by what the resolver reports
 * back, which is the bare host.
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

/** A resolver whose answers are dropped, as if there were none, unless `isWanted` takes them. */
export function screenAnswers(dns: ResolverPort, isWanted: (address: string) => boolean): ResolverPort {
  const base = dns.io;
  return {
    ...dns,
    io: class extends base {
      override resolve(options: ResolveOptions): void {
        super.resolve({
          host: options.host,
          onResolved: (host, address) => {
            if (isWanted(address)) options.onResolved(host, address);
            else options.onError();
          },
          onError: (error) => options.onError(error),
        });
      }
    },
  };
}

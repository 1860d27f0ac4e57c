import { isResolverPort, type ResolveRequest, type Resolver } from "./endpoint.js";

/**
 * The SDK's MQTT client neither closes the resolver it makes nor expects an answer after it was closed itself: at a
 * late one it throws into the resolver's native callback. So each connection gets a resolver class that can be silenced
 * and closed.
 */

export type GuardedDns = {
  /** Takes the place of the endpoint's `dns` options. */
  readonly dns: object;
  /** Closes the resolvers made so far and drops their answers. Calling it again does nothing. */
  close(): void;
};

/** @param onException told what the client throws when it is given an answer */
export function guardResolver(dns: object, onException: (error: unknown) => void): GuardedDns {
  if (!isResolverPort(dns)) return { dns, close() {} };
  let open = true;
  const made: Resolver[] = [];
  const guarded = (body: () => void) => {
    if (!open) return;
    try {
      body();
    } catch (error) {
      onException(error);
    }
  };
  class GuardedResolver extends dns.io {
    constructor(options: object) {
      super(options);
      made.push(this);
    }

    override resolve(request: ResolveRequest): void {
      super.resolve({
        host: request.host,
        // The name that was asked for, which TLS checks: for "localhost" the SDK's resolver answers "127.0.0.1".
        onResolved: (_, address) => guarded(() => request.onResolved?.(request.host, address)),
        onError: () => guarded(() => request.onError?.(request.host)),
      });
    }
  }
  return {
    dns: { ...dns, io: GuardedResolver },
    close() {
      if (!open) return;
      open = false;
      for (const resolver of made) {
        try {
          resolver.close?.();
        } catch {
          // It was closed already.
        }
      }
    },
  };
}

import type { TlsClass, TlsOptions } from "../guarded-tcp/index.js";
import { TlsRefusal } from "../strict-tls/index.js";

/**
 * The TLS class, or one that refuses to connect: when the build linked other modules under the names by which the SDK's
 * TLS finds those that check the server, a connection would look like any other. `check:esp32` finds it at build time;
 * this is for a build that nobody checked.
 * @param displaced names of modules that are not the firmware's; none in a sound build
 */
export function requireStrictTls(TLSSocket: TlsClass, displaced: readonly string[]): TlsClass {
  if (displaced.length === 0) return TLSSocket;
  return class RefusingSocket extends TLSSocket {
    constructor(options: TlsOptions) {
      if (displaced.length > 0)
        throw new TlsRefusal("protocol", `this build has other modules as ${displaced.join(", ")}`);
      super(options);
    }
  };
}

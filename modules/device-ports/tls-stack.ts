import type { MachineMemory } from "../foundation/machine-memory.js";
import type { TlsClass, TlsOptions } from "../guarded-tcp/index.js";

/** Slots that a handshake and the client above it take at the highest, measured (docs/footprint.md). */
const LEAST_STACK = 448;

/**
 * The TLS class, or one that refuses to connect: a stack too small for a handshake ends the virtual machine in the
 * middle of it, and a board that restarts by that tries again at once, for ever.
 */
export function requireStack(TLSSocket: TlsClass, memory: MachineMemory | undefined): TlsClass {
  if (memory === undefined || memory.stack >= LEAST_STACK) return TLSSocket;
  const { stack } = memory;
  return class ShortOfStack extends TLSSocket {
    constructor(options: TlsOptions) {
      if (stack < LEAST_STACK)
        throw new Error(`"creation" in the application's manifest: stack ${stack}, TLS takes ${LEAST_STACK}`);
      super(options);
    }
  };
}

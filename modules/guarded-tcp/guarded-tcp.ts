import { CallbackGuard } from "./callback-guard.js";
import type { GuardOptions, TcpCallbacks, TcpClass } from "./tcp-port.js";

/**
 * A class like `TCP` whose callbacks never throw into native code, where an exception would end the virtual machine and
 * restart the device. All failures of the SDK's TLS arrive as such exceptions, so do malformed messages in its MQTT and
 * HTTP parsers.
 *
 *     socket: { io: TLSSocket, TCP: { io: guardTcp(TCP, { timer: Timer }) }, secure }
 *
 * - An exception in `onReadable` or `onWritable` becomes one `onError(exception)` on a later turn; from then on nothing
 * else is called.
 * - An exception in `onError` is reported to `onException` and dropped.
 * - After `close()` nothing is called, and an exception of the callback that closed the socket is dropped.
 * - The constructor throws what `TCP` throws (bad address or port): the SDK's clients construct sockets inside a `try`.
 */
export function guardTcp(TCP: TcpClass, guardOptions: GuardOptions): TcpClass {
  return class GuardedTCP extends TCP {
    readonly #guard: CallbackGuard;

    constructor(options: TcpCallbacks) {
      const guard = new CallbackGuard(options, guardOptions);
      const safe: TcpCallbacks = {
        ...options,
        // No method: a method keeps the object it was written in.
        onError: function (this: object, error?: unknown) {
          guard.deliverError(this, error);
        },
      };
      // A callback that was not given stays absent: sockets take its presence for interest.
      if (options.onReadable !== undefined)
        safe.onReadable = function (this: object, count: number) {
          guard.deliver(this, "onReadable", count);
        };
      if (options.onWritable !== undefined)
        safe.onWritable = function (this: object, count: number) {
          guard.deliver(this, "onWritable", count);
        };
      super(safe);
      this.#guard = guard;
    }

    override close(): void {
      this.#guard.close();
      super.close();
    }
  };
}

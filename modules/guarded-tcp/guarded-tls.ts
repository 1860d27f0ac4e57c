import { CallbackGuard } from "./callback-guard.js";
import type { GuardOptions, TcpCallbacks, TcpClass, TlsClass, TlsOptions } from "./tcp-port.js";

/** What TLS reads from below: the TCP socket, and what is known of it. */
type Transport = {
  /** Bytes that lie ready in the TCP socket, as the TLS class counts them. */
  readable: number;
  /** While true the TLS class sees none. */
  hidden: boolean;
  /** The TLS class's own callback. */
  onReadable: ((count: number) => void) | undefined;
  /** What ended the connection below; the TLS class does not pass it on. */
  error: unknown;
};

/**
 * A class like `TLSSocket` whose callbacks never throw into native code. {@link guardTcp} alone does not see to that:
 * when several TLS records arrive at once, the SDK's class handles all but the first in a timer of its own, where a
 * damaged record, an alert, or an exception of the client above would restart the device. Here that timer is replaced
 * by a guarded one.
 *
 *     socket: { io: guardTls(TLSSocket, { timer: Timer }), TCP: { io: guardTcp(TCP, { timer: Timer }) }, secure }
 *
 * - An exception of the callbacks, or of TLS in the timer, becomes one `onError(exception)` on a later turn; from then
 * on nothing else is called.
 * - An exception that {@link guardTcp} caught below, as all failures of the handshake are, comes up as the argument of
 * `onError`.
 * - After `close()` nothing is called.
 * - The constructor throws what `TLSSocket` throws (bad certificate).
 */
export function guardTls(TLSSocket: TlsClass, guardOptions: GuardOptions): TlsClass {
  return class GuardedTLSSocket extends TLSSocket {
    readonly #guard: CallbackGuard;
    readonly #transport: Transport;
    #readTimer: object | undefined;

    constructor(options: TlsOptions) {
      const guard = new CallbackGuard(options, guardOptions);
      const transport: Transport = { readable: 0, hidden: false, onReadable: undefined, error: undefined };
      const receiver: { socket?: object } = {};
      const self = () => receiver.socket ?? receiver;
      super({
        ...options,
        TCP: { ...options.TCP, io: observed(options.TCP.io, transport) },
        onReadable: (count) => guard.deliver(self(), "onReadable", count),
        onWritable: (count) => guard.deliver(self(), "onWritable", count),
        onError: (error) => guard.deliverError(self(), error ?? transport.error),
      });
      receiver.socket = this;
      this.#guard = guard;
      this.#transport = transport;
    }

    override read(count?: unknown): unknown {
      const transport = this.#transport;
      transport.hidden = true;
      try {
        return super.read(count);
      } finally {
        transport.hidden = false;
        if (transport.readable > 0) this.readLater();
      }
    }

    override close(): void {
      this.#guard.close();
      guardOptions.timer.clear(this.#readTimer);
      this.#readTimer = undefined;
      super.close();
    }

    /** What the TLS class would do itself if it saw that there is more. When it still holds data it takes no notice. */
    private readLater(): void {
      const transport = this.#transport;
      this.#readTimer ??= guardOptions.timer.set(() => {
        this.#readTimer = undefined;
        if (transport.readable > 0) this.#guard.run(this, () => transport.onReadable?.(transport.readable));
      });
    }
  };
}

/**
 * The TCP class with its property `readable`, which the SDK's TLS keeps on it, and the argument of its `onError` made
 * observable.
 */
function observed(TCP: TcpClass, transport: Transport): TcpClass {
  return class ObservedTCP extends TCP {
    constructor(options: TcpCallbacks) {
      // Not the options themselves, which are large: what a callback names, and the object a method is written in, stay
      // as long as the socket.
      const { onError, onReadable } = options;
      super({
        ...options,
        onError: function (this: object, error?: unknown) {
          transport.error ??= error;
          onError?.call(this, error);
        },
      });
      transport.onReadable = onReadable;
    }

    get readable(): number {
      return transport.hidden ? 0 : transport.readable;
    }

    set readable(count: number) {
      transport.readable = count;
    }
  };
}

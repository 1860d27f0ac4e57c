import { isSocketPort, type SocketClass, type SocketPort } from "./endpoint.js";

/** How far a connection came, as seen at its sockets: the SDK's clients report its end without a reason. */
export type ConnectionSigns = {
  /** The name was resolved to an address that may not be connected to. */
  screened: boolean;
  /** A socket was asked for, so the name was resolved. */
  resolved: boolean;
  /**
   * TCP reported that it is writable: the peer answered. Known only where the endpoint names the TCP class that TLS
   * runs over.
   */
  connected: boolean;
  /** The socket that is talked to was writable: for TLS, the handshake is over. */
  established: boolean;
  /** What a guarded socket class caught, or what a socket's constructor threw. */
  exception: unknown;
};

export function newSigns(): ConnectionSigns {
  return { screened: false, resolved: false, connected: false, established: false, exception: undefined };
}

/**
 * Wraps the socket classes of one connection so that `signs` tells how far it came. The SDK's clients and TLS drop the
 * reason of an error on its way up; a guarded class does hand it to its own onError.
 */
export function probeSocket(socket: object, signs: ConnectionSigns): object {
  if (!isSocketPort(socket)) return socket;
  const outer = probe(socket.io, signs, "resolved", "established");
  if (socket.TCP === undefined) return { ...socket, io: outer } satisfies SocketPort;
  const inner = probe(socket.TCP.io, signs, "resolved", "connected");
  return { ...socket, io: outer, TCP: { ...socket.TCP, io: inner } } satisfies SocketPort;
}

type Sign = "resolved" | "connected" | "established";

function probe(base: SocketClass, signs: ConnectionSigns, made: Sign, ready: Sign): SocketClass {
  return class extends base {
    constructor(options: ConstructorParameters<SocketClass>[0]) {
      signs[made] = true;
      // Not the options themselves, which are large: what a callback names, and the object a method is written in, stay
      // as long as the socket.
      const { onWritable, onError } = options;
      try {
        super({
          ...options,
          onWritable: function (this: unknown, count) {
            signs[ready] = true;
            onWritable?.call(this, count);
          },
          onError: function (this: unknown, error) {
            signs.exception ??= error;
            onError?.call(this, error);
          },
        });
      } catch (error) {
        signs.exception ??= error;
        throw error;
      }
    }
  };
}

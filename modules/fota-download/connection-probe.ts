import type { SocketClass, SocketPort } from "./http-port.js";

/** What was seen at one connection's sockets. */
export type SocketSigns = {
  resolved: boolean;
  connected: boolean;
  established: boolean;
  exception: unknown;
};

/**
 * Wraps the socket classes of one connection so that `signs` tells how far it came.
 *
 * The SDK's HTTP client and TLS socket drop the reason of an error on its way up; a guarded TCP class does hand it to
 * its own onError. Listening there is what tells a TLS failure from a refused connection.
 */
export function probeSocket(socket: SocketPort, signs: SocketSigns): SocketPort {
  const outer = probe(
    socket.io,
    signs,
    () => {
      signs.resolved = true;
    },
    () => {
      signs.established = true;
    },
  );
  if (socket.TCP === undefined) return { ...socket, io: outer };
  const inner = probe(
    socket.TCP.io,
    signs,
    () => {},
    () => {
      signs.connected = true;
    },
  );
  return { ...socket, io: outer, TCP: { ...socket.TCP, io: inner } };
}

function probe(base: SocketClass, signs: SocketSigns, onCreate: () => void, onReady: () => void): SocketClass {
  return class extends base {
    constructor(options: ConstructorParameters<SocketClass>[0]) {
      onCreate();
      // Not the options themselves, which are large: what a callback names, and the object a method is written in, stay
      // as long as the socket.
      const { onWritable, onError } = options;
      try {
        super({
          ...options,
          onWritable: (count) => {
            onReady();
            onWritable?.(count);
          },
          onError: (error) => {
            signs.exception ??= error;
            onError?.(error);
          },
        });
      } catch (error) {
        signs.exception ??= error;
        throw error;
      }
    }
  };
}

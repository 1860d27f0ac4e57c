/**
 * The SDK's MQTT client drops the argument of its socket's onError, and with it why a TLS connection was refused. So it
 * is heard at the socket.
 */

type SocketOptions = { onError?(error?: unknown): void };

type SocketClass = new (options: SocketOptions) => object;

/**
 * Takes the place of the endpoint's `socket` options.
 * @param onCause told what a socket gives its onError or its constructor throws, before the client is
 */
export function witnessSocket(socket: object, onCause: (cause: unknown) => void): object {
  if (!hasSocket(socket)) return socket;
  const io = class WitnessedSocket extends socket.io {
    constructor(options: SocketOptions) {
      // Not the options themselves, which are large: what a callback names, and the object a method is written in, stay
      // as long as the socket.
      const { onError } = options;
      try {
        super({
          ...options,
          onError: function (this: unknown, error?: unknown) {
            onCause(error);
            onError?.call(this, error);
          },
        });
      } catch (error) {
        onCause(error);
        throw error;
      }
    }
  };
  return { ...socket, io };
}

function hasSocket(socket: object): socket is { readonly io: SocketClass } {
  return "io" in socket && typeof socket.io === "function";
}

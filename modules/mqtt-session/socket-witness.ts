import { type ConnectionSigns, newSigns, probeSocket } from "../foundation/connection-signs.js";
import { isSocketPort } from "../foundation/endpoint.js";

/** What is seen of a connection at its socket. */
export type SocketSigns = ConnectionSigns & {
  /** The socket itself reported its end. */
  ended: boolean;
  /** The client is reading what arrived. */
  reading: boolean;
  /** The first bytes that the client read: of a broker, CONNACK. */
  readonly head: number[];
};

const HEAD_LENGTH = 4;

export function newSocketSigns(): SocketSigns {
  return { ...newSigns(), ended: false, reading: false, head: [] };
}

/**
 * Takes the place of the endpoint's `socket` options. The SDK's MQTT client gives its onError no argument, and says
 * neither with which code CONNACK refused nor whether the broker, the socket or its own timer ended the connection. All
 * of it shows at the socket.
 * @param onRead called after the client has read what arrived
 */
export function witnessSocket(socket: object, signs: SocketSigns, onRead: () => void): object {
  const probed = probeSocket(socket, signs);
  if (!isSocketPort(probed)) return probed;
  const { io: base } = probed;
  const io = class WitnessedSocket extends base {
    constructor(options: ConstructorParameters<typeof base>[0]) {
      // Not the options themselves, which are large: what a callback names, and the object a method is written in, stay
      // as long as the socket.
      const { onReadable, onError } = options;
      super({
        ...options,
        onReadable: function (this: unknown, count) {
          signs.reading = true;
          onReadable?.call(this, count);
          signs.reading = false;
          onRead();
        },
        onError: function (this: unknown, error) {
          signs.ended = true;
          onError?.call(this, error);
        },
      });
    }

    override read(target?: Uint8Array): unknown {
      const result = super.read(target);
      if (target === undefined && typeof result === "number" && signs.head.length < HEAD_LENGTH)
        signs.head.push(result);
      return result;
    }
  };
  return { ...probed, io };
}

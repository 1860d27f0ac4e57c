/**
 * What the MQTT and HTTP clients ask of the socket and resolver classes in their options; the firmware may put its own
 * in between.
 */

export interface ClientSocket {
  format: string;
  read(argument?: unknown): unknown;
  write(data: unknown): number | undefined;
  close(): void;
}

export interface SocketEndpoint {
  readonly io: new (options: object) => ClientSocket;
}

export interface ResolverEndpoint {
  readonly io: new (
    options: object,
  ) => {
    resolve(options: {
      host: string;
      onResolved(host: string, address: string): void;
      onError(error?: unknown): void;
    }): void;
  };
}

/** Typed arrays of wider elements are refused, as both clients do. */
export function byteTarget(value: object): ArrayBuffer | ArrayBufferView {
  if ("BYTES_PER_ELEMENT" in value && Number(value.BYTES_PER_ELEMENT) > 1) throw new Error("invalid buffer");
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value;
  throw new TypeError("no buffer");
}

/** The first `count` bytes of the memory that `target` names. */
export function shortened(target: ArrayBuffer | ArrayBufferView, count: number): Uint8Array {
  return ArrayBuffer.isView(target)
    ? new Uint8Array(target.buffer, target.byteOffset, count)
    : new Uint8Array(target, 0, count);
}

import type Resource from "Resource";

/** A buffer that TLS reads natively: `Resource`, `ArrayBuffer` or `Uint8Array`. */
export type DerBuffer = object;

/** Its bytes; of a resource a copy, as it lies in flash and not in memory. */
export function bytesOfDer(buffer: DerBuffer): Uint8Array {
  if (buffer instanceof Uint8Array) return buffer;
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  const resource = buffer as InstanceType<typeof Resource>;
  return new Uint8Array(resource.slice(0, resource.byteLength));
}

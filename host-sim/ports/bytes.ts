/** Buffers as the SDK's native methods take them: ArrayBuffer and views of single bytes, nothing else. */

export type ByteBuffer = ArrayBuffer | ArrayBufferView;

export function isByteBuffer(value: unknown): value is ByteBuffer {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

/** A view on `value`; TypeError for everything that holds no bytes (strings, numbers, null, plain objects). */
export function viewOf(value: unknown): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError("no buffer");
}

/** A copy with an ArrayBuffer of exactly its length. */
export function copyOf(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.byteLength;
  }
  return result;
}

/** Methods of a native object throw this after `close()`: XS reports a host object without data as SyntaxError. */
export function invalidHostObject(name: string): SyntaxError {
  return new SyntaxError(`this: no ${name} instance`);
}

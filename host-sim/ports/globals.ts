/** The globals a Moddable application finds beside ECMAScript's. Installed once, when the bundle is evaluated. */
import { concat } from "./bytes.js";
import { callHost } from "./host.js";
import { decodeUtf8, encodeUtf8 } from "./utf8.js";

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}

function trace(...parts: readonly unknown[]): void {
  callHost("trace", parts.map(String).join(""));
}

const plainFreeze = Object.freeze;

/** XS's extension: a second argument that is true freezes everything reachable through own properties. */
function freeze<T>(value: T, deep?: boolean): T {
  if (deep !== true) return plainFreeze(value);
  const seen = new Set<unknown>();
  const visit = (item: unknown): void => {
    if ((typeof item !== "object" && typeof item !== "function") || item === null || seen.has(item)) return;
    seen.add(item);
    if (ArrayBuffer.isView(item)) return;
    plainFreeze(item);
    for (const key of Reflect.ownKeys(item)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(item, key);
      if (descriptor !== undefined && "value" in descriptor) visit(descriptor.value);
    }
  };
  visit(value);
  return value;
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const result = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(result).set(bytes);
  return result;
}

/** Views are refused. */
function bufferBytes(value: unknown): Uint8Array {
  if (!(value instanceof ArrayBuffer)) throw new TypeError("not an ArrayBuffer instance");
  return new Uint8Array(value);
}

export function installGlobals(): void {
  define(globalThis, "trace", trace);
  define(globalThis, "System", plainFreeze({ restart: () => void callHost("restart") }));
  define(Object, "freeze", freeze);
  define(ArrayBuffer, "fromString", (text: unknown) => exactBuffer(encodeUtf8(String(text))));
  define(ArrayBuffer.prototype, "concat", function (this: ArrayBuffer, ...others: readonly unknown[]) {
    return exactBuffer(concat([this, ...others].map(bufferBytes)));
  });
  define(String, "fromArrayBuffer", (buffer: unknown) => {
    if (!(buffer instanceof ArrayBuffer)) throw new TypeError("buffer: no ArrayBuffer instance");
    return decodeUtf8(new Uint8Array(buffer));
  });
}

import type { HostValue } from "../engine.js";

/** Constructors of the guest's global object, so that what the guest receives is of its own kind. */
export interface GuestRealm {
  bytes(length: number): Uint8Array;
  array(): unknown[];
  object(): Record<string, unknown>;
  error(message: string): Error;
  /** The guest's `Promise.prototype`. */
  readonly prototype: object;
  /** Attaches a handler of the guest's realm to a promise, so that it runs among the guest's jobs. */
  probe(promise: object, report: (reason: unknown) => void): void;
}

/** A copy of `value` made of the guest's own objects. */
export function toGuest(value: HostValue, realm: GuestRealm): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) {
    const bytes = realm.bytes(value.length);
    bytes.set(value);
    return bytes;
  }
  if (isArray(value)) {
    const array = realm.array();
    for (const item of value) array.push(toGuest(item, realm));
    return array;
  }
  const object = realm.object();
  for (const [key, item] of Object.entries(value)) object[key] = toGuest(item, realm);
  return object;
}

/** A copy of what the guest gave. @throws TypeError for what may not cross, such as a function. */
export function fromGuest(value: unknown): HostValue {
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  if (value === undefined || value === null) return value;
  if (typeof value !== "object") throw new TypeError(`a ${typeof value} cannot be passed to the board`);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  if (Array.isArray(value)) return value.map(fromGuest);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromGuest(item)]));
}

function isArray(value: object): value is readonly HostValue[] {
  return Array.isArray(value);
}

import type { HostValue } from "../engines/engine.js";
import type { StoredValue } from "./key-value.js";
import type { SecureOptions, SocketRequest } from "./network-backend.js";

/**
 * Decoders of what the guest passes to the board. All throw TypeError: a program that passes something else is wrong.
 */

export function numberOf(value: HostValue): number {
  if (typeof value !== "number") throw new TypeError("number expected");
  return value;
}

/** A place or a length in flash. */
export function positionOf(value: HostValue): number {
  const position = numberOf(value);
  if (!Number.isInteger(position) || position < 0) throw new Error("invalid position");
  return position;
}

export function textOf(value: HostValue): string {
  if (typeof value !== "string") throw new TypeError("string expected");
  return value;
}

export function bytesOf(value: HostValue): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError("bytes expected");
  return value;
}

export function storedValueOf(value: HostValue): StoredValue {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return bytesOf(value);
}

function listOf<T>(value: HostValue, decode: (item: HostValue) => T): readonly T[] {
  if (!isList(value)) throw new TypeError("array expected");
  return value.map(decode);
}

function isList(value: HostValue): value is readonly HostValue[] {
  return Array.isArray(value);
}

function fieldsOf(value: HostValue): Readonly<Record<string, HostValue>> {
  if (typeof value !== "object" || value === null || isList(value) || value instanceof Uint8Array) {
    throw new TypeError("object expected");
  }
  return value;
}

export function socketRequestOf(value: HostValue): SocketRequest {
  const { address, port, nodelay, secure } = fieldsOf(value);
  return {
    address: textOf(address),
    port: numberOf(port),
    nodelay: nodelay === true,
    ...(secure === undefined ? {} : { secure: secureOf(secure) }),
  };
}

function secureOf(value: HostValue): SecureOptions {
  const { serverName, certificates, clientCertificates, clientKey, alpn, now } = fieldsOf(value);
  return {
    serverName: textOf(serverName),
    ...(certificates === undefined ? {} : { certificates: listOf(certificates, bytesOf) }),
    ...(clientCertificates === undefined ? {} : { clientCertificates: listOf(clientCertificates, bytesOf) }),
    ...(clientKey === undefined ? {} : { clientKey: bytesOf(clientKey) }),
    ...(alpn === undefined ? {} : { alpn: listOf(alpn, textOf) }),
    // By the board's own clock, which may be wrong.
    ...(now === undefined ? {} : { now: numberOf(now) }),
  };
}

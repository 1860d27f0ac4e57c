/**
 * The SDK's classes with the types that the contract is about. The SDK's own typings leave out or misstate what is
 * tested here, so each class is given the shape that it really has.
 */

import SdkResource from "Resource";
import SdkTCP from "embedded:io/socket/tcp";
import SdkTLSSocket from "embedded:io/socket/tcp/tls";
import SdkUDP from "embedded:io/socket/udp";
import SdkResolver from "embedded:network/dns/resolver/udp";
import SdkHTTPClient from "embedded:network/http/client";
import SdkMQTTClient from "embedded:network/mqtt/client";
import { Digest as SdkDigest } from "crypt";
import Curve from "curve";
import ECDSA from "ecdsa";
import ECPoint from "ecp";
import SdkPreference from "preference";
import CertificateManager from "ssl/cert";
import SdkTime from "time";
import SdkTimer from "timer";

export type Bytes = ArrayBuffer | Uint8Array | DataView;

export interface Socket {
  format: string;
  target?: unknown;
  read(argument?: number | Bytes): ArrayBuffer | number | undefined;
  write(value: unknown, options?: object): number | undefined;
  close(): void;
}

export interface SocketOptions {
  onReadable?(this: unknown, count: number): void;
  onWritable?(this: unknown, count: number): void;
  onError?(this: unknown, ...args: unknown[]): void;
  [name: string]: unknown;
}

export interface MQTT {
  read(argument?: number | Bytes): ArrayBuffer | number | undefined;
  write(data: unknown, options?: object): number;
  close(): void;
}

export interface HTTPRequest {
  read(argument?: number | Bytes): ArrayBuffer | number | undefined;
  write(data?: unknown): number;
}

export interface HTTPRequestOptions {
  method?: string;
  path?: string;
  headers?: Map<string, unknown>;
  headersMask?: string[];
  onHeaders?(this: HTTPRequest, status: number, headers: Map<string, string>, statusText: string): void;
  onReadable?(this: HTTPRequest, count: number): void;
  onDone?(this: HTTPRequest, error: Error | null): void;
}

export interface HTTP {
  request(options: HTTPRequestOptions): HTTPRequest;
  close(): void;
}

export interface Resolver {
  resolve(options: object): void;
  close(): void;
}

type Class<T> = new (options: object) => T;

export const TCP = SdkTCP as unknown as new (options: SocketOptions) => Socket;
export const TLSSocket = SdkTLSSocket as unknown as new (options: SocketOptions) => Socket;
export const UDP: object = SdkUDP;
export const DNSResolver = SdkResolver as unknown as Class<Resolver>;
export const MQTTClient = SdkMQTTClient as unknown as Class<MQTT>;
export const HTTPClient = SdkHTTPClient as unknown as Class<HTTP>;
export const Preference = SdkPreference;
export const Resource = SdkResource;
export const roots = CertificateManager;
export const Time = SdkTime;

export type TimerId = object;
export const Timer = SdkTimer as unknown as {
  set(...args: unknown[]): TimerId;
  repeat(callback: (id: TimerId) => void, ms: number): TimerId;
  schedule(id: TimerId, ms?: number, repeat?: number): void;
  clear(id?: TimerId): void;
};

export const Digest = SdkDigest as unknown as new (
  algorithm: string,
) => {
  write(data: unknown): void;
  close(more?: boolean): ArrayBuffer;
  process(...data: unknown[]): ArrayBuffer;
};

export function verifyP256(point: Uint8Array, digest: Bytes, signature: Bytes, der?: boolean): boolean {
  const verifier = new ECDSA(ECPoint.fromOctetString(point), new Curve("secp256r1"), false) as unknown as {
    verify(digest: Bytes, signature: Bytes, der?: boolean): boolean;
  };
  return verifier.verify(digest, signature, der);
}

/** What XS adds to the standard library. */
export const text = {
  encode: (value: string): ArrayBuffer =>
    (ArrayBuffer as unknown as { fromString(value: string): ArrayBuffer }).fromString(value),
  decode: (value: unknown): string =>
    (String as unknown as { fromArrayBuffer(value: unknown): string }).fromArrayBuffer(value),
};

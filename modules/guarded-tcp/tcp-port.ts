import type { TimerPort } from "../foundation/timer-port.js";

/** The part of a TCP class ([ECMA-419 TCP socket], SDK `embedded:io/socket/tcp`) that the guard touches. */
export type TcpCallbacks = {
  onReadable?(count: number): void;
  onWritable?(count: number): void;
  /** The SDK passes no argument; the guard passes the exception when there is one. */
  onError?(error?: unknown): void;
};

/** What the guard uses of a socket. */
export type TcpSocket = { close(): void };

/** A class of the form of the SDK's `embedded:io/socket/tcp`. */
export type TcpClass = new (options: TcpCallbacks) => TcpSocket;

/** How the guard defers, and whom it tells. */
export type GuardOptions = {
  readonly timer: TimerPort;
  /**
   * Told every exception that would have escaped, at once and before `onError`: the SDK's TLS layer drops the argument
   * of `onError`, so that only this tells a wrong certificate from a closed connection. What it throws itself is
   * dropped.
   */
  onException?(error: unknown): void;
};

/** What a TLS class (SDK `embedded:io/socket/tcp/tls`) takes: the TCP class to run over, beside the usual callbacks. */
export type TlsOptions = TcpCallbacks & { readonly TCP: { readonly io: TcpClass } };

/** What the guard uses of a TLS socket. */
export type TlsSocket = { read(count?: unknown): unknown; close(): void };

/** A class of the form of the SDK's `embedded:io/socket/tcp/tls`. */
export type TlsClass = new (options: TlsOptions) => TlsSocket;

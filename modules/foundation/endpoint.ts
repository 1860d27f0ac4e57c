/**
 * The SDK's resolver and socket classes as far as connections are made with them, and the endpoints that name them: the
 * shape of the SDK's `device.network.https`.
 */

/** Options of a socket class. `TCP` is what a TLS socket is built over. */
export type SocketOptions = {
  readonly address?: string;
  readonly host?: string;
  readonly port?: number;
  onReadable?(count: number): void;
  onWritable?(count: number): void;
  /** A guarded class says why, where it knows. */
  onError?(error?: unknown): void;
};

/** What is used of a socket; `read` without an argument in the format "number" gives one byte. */
export type Socket = {
  format: string;
  read(target?: Uint8Array): unknown;
  /** Returns how many bytes may still be written; no number when the connection is gone. */
  write(bytes: Uint8Array): unknown;
  close(): void;
};

export type SocketClass = new (options: SocketOptions) => Socket;

export type SocketPort = {
  readonly io: SocketClass;
  readonly TCP?: { readonly io: SocketClass };
  /** Present: TLS. */
  readonly secure?: object;
};

export type ResolveRequest = {
  readonly host: string;
  onResolved?(host: string, address: string): void;
  onError?(host: string): void;
};

export type Resolver = { resolve(request: ResolveRequest): void; close?(): void };

export type ResolverPort = { readonly io: new (options: object) => Resolver };

/** How connections of one kind are made. */
export type NetworkEndpoint = {
  /** `{ io: resolver class, ... }` */
  readonly dns: object;
  /** `{ io: socket class, TCP?: { io }, secure? }` */
  readonly socket: object;
};

export function isResolverPort(dns: object): dns is ResolverPort {
  return "io" in dns && typeof dns.io === "function";
}

export function isSocketPort(socket: object): socket is SocketPort {
  return "io" in socket && typeof socket.io === "function";
}

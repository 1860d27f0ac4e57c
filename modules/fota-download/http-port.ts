/**
 * The part of the SDK's `embedded:network/http/client` and of the sockets below it that this module uses, as they
 * behave (the SDK's own declarations differ in places: `read(Uint8Array)` does return a count).
 */
export type HttpRequest = {
  /** Fills `target` from its start with at most what is available and returns the count; undefined outside the body. */
  read(target: Uint8Array): unknown;
};

export type HttpRequestOptions = {
  method: string;
  path: string;
  headers: Map<string, string>;
  /** Lower-case names of the response headers to keep. */
  headersMask: string[];
  onHeaders(status: number, headers: Map<string, string>, statusText: string): void;
  onReadable(count: number): void;
  onDone(error: Error | null): void;
};

export type HttpClient = {
  request(options: HttpRequestOptions): HttpRequest;
  close(): void;
};

/** Options of a socket class as the HTTP client passes them on; `TCP` is what a TLS socket is built over. */
export type SocketOptions = {
  onReadable?: (count: number) => void;
  onWritable?: (count: number) => void;
  onError?: (error?: unknown) => void;
};
export type SocketClass = new (options: SocketOptions) => object;
export type SocketPort = {
  readonly io: SocketClass;
  readonly TCP?: { readonly io: SocketClass };
  readonly secure?: object;
};

export type ResolveOptions = {
  host: string;
  onResolved(host: string, address: string): void;
  onError(error?: unknown): void;
};
export type Resolver = { resolve(options: ResolveOptions): void; close(): void };
export type ResolverPort = { readonly io: new (options: object) => Resolver };

export type HttpClientOptions = {
  host: string;
  port: number;
  dns: ResolverPort;
  socket: SocketPort;
  onError(error?: unknown): void;
};

/** One of the SDK's `device.network.http` / `device.network.https`, or anything of the same shape. */
export type HttpEndpoint = {
  readonly io: new (options: HttpClientOptions) => HttpClient;
  /** `{ io: Resolver class, ... }` */
  readonly dns: object;
  /** `{ io: socket class, TCP?: { io }, secure? }` */
  readonly socket: object;
};

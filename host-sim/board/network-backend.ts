/** TLS as a TCP port of the firmware asks for it. All certificates and keys are DER. */
export interface SecureOptions {
  /** Name for SNI and for the certificate check. */
  readonly serverName: string;
  /** Roots and issuers that are trusted. */
  readonly certificates?: readonly Uint8Array[];
  /** The device's chain, leaf first. */
  readonly clientCertificates?: readonly Uint8Array[];
  /** PKCS#8. */
  readonly clientKey?: Uint8Array;
  readonly alpn?: readonly string[];
  /** The board's own time of day, milliseconds since 1970, by which validity dates are judged. */
  readonly now?: number;
}

export interface SocketRequest {
  /** Dotted IPv4 address. */
  readonly address: string;
  readonly port: number;
  readonly nodelay?: boolean;
  readonly secure?: SecureOptions;
}

/** What a socket tells the board. A backend never calls these while one of its own methods runs. */
export interface SocketEvents {
  /** The connection (with `secure`: the handshake too) is established and `writable` bytes may be written. */
  connected(writable: number): void;
  /** `available` bytes can be read in all. */
  readable(available: number): void;
  /** Room came back: `writable` bytes may be written. */
  writable(writable: number): void;
  /** The connection ended, in whatever way. Nothing follows. */
  error(): void;
  /** The handshake or a record failed. Nothing follows. */
  tlsFailure(message: string): void;
}

export interface BoardSocket {
  /**
   * Takes all of `bytes`, returns how many more may be written; -1 once the connection is broken. Throws `Error("would
   * block")` when there is no room for all.
   */
  write(bytes: Uint8Array): number;
  /** All bytes that have arrived and were not consumed. The caller does not change them. */
  peek(): Uint8Array;
  /** Gives up the first `count` unread bytes: their room in the receive window is free again. */
  consume(count: number): void;
  /** Ends the connection in good order. No event follows. Calling it twice is fine. */
  close(): void;
  /** The board lost power or was reset: the peer hears nothing more, or a reset. No event follows. */
  destroy(): void;
}

/** A network that a board is plugged into. It outlives the board's resets. */
export interface NetworkBackend {
  connect(request: SocketRequest, events: SocketEvents): BoardSocket;
  /** Addresses of the DNS servers that DHCP offers, the first one first. */
  readonly nameServers: readonly string[];
  /**
   * Asks one server for the IPv4 address of `host`: `undefined` when it says that there is none. Returns a function
   * that cancels; `onDone` is never called synchronously, and not at all when the server does not answer.
   */
  resolve(host: string, server: string, onDone: (address: string | undefined) => void): () => void;
  /** Seconds since 1970 as a time server at `host` tells them, or `undefined`. Absent: no time server answers. */
  time?(host: string, onDone: (seconds: number | undefined) => void): () => void;
}

/** The words of the virtual network: links, faults, listeners and the far end of a connection. */

/** How fast the way between board and servers is. */
export interface Link {
  /** One way. */
  readonly latencyMs: number;
  /** Each way; Infinity = no limit. */
  readonly bytesPerSecond: number;
  /** Longest chunk that the receiver sees at once: over TLS a record, which keeps to its size of 16384 besides. */
  readonly chunkBytes: number;
}

export const PERFECT_LINK: Link = Object.freeze({
  latencyMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  chunkBytes: 16384,
});

/** A connection that the board asks for, as a fault sees it. */
export interface ConnectAttempt {
  readonly host: string;
  readonly port: number;
  /** Connections before this one, on the whole network. */
  readonly attempt: number;
}

/** "silence": neither yes nor no ever comes. */
export type ConnectFate = "accept" | "refuse" | "silence" | { readonly tlsFailure: string };

/** Bytes on their way, as a fault sees them. */
export interface Chunk {
  /** `host:port` */
  readonly endpoint: string;
  /** Of the connection, from 1. */
  readonly connection: number;
  /** Of the chunk in this direction of the connection, from 0. */
  readonly index: number;
  /** Bytes before this chunk in this direction. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * "stall": this chunk and all after it never arrive; "half-close": the sender's end closes before this chunk, and
 * nothing after it arrives; "reset": the connection is over for both at once. "drop" loses this chunk alone, which no
 * TCP does, but a broken proxy may.
 */
export type ChunkFate =
  | "deliver"
  | "drop"
  | "stall"
  | "half-close"
  | "reset"
  | { readonly delayMs: number }
  | { readonly bytes: Uint8Array };

/** Each is asked once per question, connection or chunk; `undefined` = nothing special. */
export interface Faults {
  /** A question to one DNS server; "fail": it says that there is no such name. */
  readonly resolve?: (host: string, server: string) => "answer" | "fail" | "silence" | undefined;
  /** A question to a time server; "fail": its name is not resolved. */
  readonly time?: (host: string) => "answer" | "fail" | "silence" | undefined;
  readonly connect?: (attempt: ConnectAttempt) => ConnectFate | undefined;
  readonly toDevice?: (chunk: Chunk) => ChunkFate | undefined;
  readonly toPeer?: (chunk: Chunk) => ChunkFate | undefined;
}

/** What left for the other end in one piece, for who watches the line. Times in milliseconds, with their fractions. */
export interface SentSegment {
  /** `host:port` */
  readonly endpoint: string;
  /** Of the connection, from 1. */
  readonly connection: number;
  readonly toDevice: boolean;
  /** Bytes on the wire, those of TLS records included. */
  readonly length: number;
  /** When its last byte was on the way, and when it is there. */
  readonly sent: number;
  readonly due: number;
}

/** What a TLS listener shows. Nothing is signed on a virtual network: it says itself what the device is to find. */
export interface DeclaredCertificate {
  /** Subject alternative names; `*.example.test` covers one label. */
  readonly names: readonly string[];
  /** ms since 1970, compared with the board's own clock. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** `false`: no root of the device leads to it. Default `true`. */
  readonly trusted?: boolean;
}

/** What a server on the virtual network shows of itself. */
export interface ListenOptions {
  /** Where the host's name leads from now on. Default: an address of its own. */
  readonly address?: string;
  /** Present = TLS. */
  readonly certificate?: DeclaredCertificate;
  readonly requireClientCertificate?: boolean;
  /** Protocols accepted; a device that offers none of them is refused. */
  readonly alpn?: readonly string[];
}

/** The far end of a connection. The handlers are set by the listener inside `onConnection`. */
export interface PeerConnection {
  /** Of the connection on this network, from 1. */
  readonly number: number;
  /** From the handshake; `undefined` without TLS. */
  readonly serverName: string | undefined;
  readonly alpn: string | undefined;
  readonly clientCertificates: readonly Uint8Array[];
  onData: (bytes: Uint8Array) => void;
  /** The device closed, or the connection broke. Called once, not after the peer's own `reset`. */
  onEnd: () => void;
  /** Everything written has reached the device. */
  onDrain: () => void;
  /** Bytes written that the device has not taken yet. */
  readonly unsent: number;
  write(bytes: Uint8Array): void;
  /** Ends after what was written before. */
  end(): void;
  reset(): void;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly onConnection: (connection: PeerConnection) => void;
  readonly options: ListenOptions;
}

import type { BackoffBounds } from "../foundation/backoff.js";
import type { NetworkEndpoint } from "../foundation/endpoint.js";
import type { ClockPort, TimerPort } from "../foundation/timer-port.js";
import { FotaDownloadError, type FotaDownloadErrorCode } from "./errors.js";
import { type AllowedHosts, parseAllowedHosts } from "./host-rules.js";

/** Where the bytes go. */
export type FotaDownloadSink = {
  /**
   * Takes all of the bytes, or throws, which ends the download. While it works nothing is read, so that TCP's window
   * tells the server to wait. The bytes are only valid during the call: they live in a buffer that is used again.
   * `more`: further ones are there already, and are read next.
   */
  write(bytes: Uint8Array, more: boolean): void;
  /**
   * Where the next bytes are to be put, for a sink that has a buffer of its own: `write` then gets a part of it.
   * Undefined while there is no space: `FotaDownload.resume()` says that there is again.
   */
  space?(): Uint8Array | undefined;
};

/** What the first answer says of the content. */
export type FotaDownloadHeaders = {
  /** Length of the whole content, bytes. */
  size: number;
  /** As sent by the server, quotes and `W/` included. Store a strong one to resume with. */
  etag?: string;
  /** Where the bytes that follow belong, bytes. */
  offset: number;
};

/** What a download cost so far. */
export type FotaDownloadStats = {
  /** Requests that went out over a connection, redirects and retries included. */
  requests: number;
  /** TCP connections (and TLS handshakes) tried. */
  connections: number;
  /** Requests repeated after a failure. */
  retries: number;
  /** Body bytes received, also those that were skipped or thrown away. */
  bytes: number;
};

/** What a complete download was, and what it cost. */
export type FotaDownloadResult = FotaDownloadStats & {
  /** Length of the whole content, bytes. */
  size: number;
  etag?: string;
};

/** What is downloaded, over what, and how patiently. */
export type FotaDownloadOptions = {
  /** How to make plain connections. Needed for an http URL. */
  http?: NetworkEndpoint | undefined;
  /** How to make TLS connections. Needed for an https URL. */
  https?: NetworkEndpoint | undefined;
  timer: TimerPort;
  clock: ClockPort;
  /** [0, 1): spreads retries. */
  random: () => number;
  /** Gets one line about each failure and retry. Never contains the URL. */
  trace?: ((text: string) => void) | undefined;
  /** Absolute http or https URL. Path and query are sent exactly as given. */
  url: string;
  /** Whether an http URL is accepted. Default false. */
  allowHttp?: boolean | undefined;
  /**
   * Servers that may be asked, by the URL or by a redirect: host names, "*." in front for any one label, or IPv4
   * addresses. Nothing else may be then. Default: all but this device itself and the addresses of local networks, also
   * as the answer of a name look-up.
   */
  allowedHosts?: readonly string[] | undefined;
  /** Milliseconds since the URL was received from its signer: its own expiry is counted from there. Default 0. */
  urlAge?: number | undefined;
  /** First byte to ask for. Default 0. */
  offset?: number | undefined;
  /**
   * Expected length of the whole content, bytes. A server that says otherwise is a "size-mismatch". Default: as the
   * server says.
   */
  size?: number | undefined;
  /**
   * The content's entity tag from an earlier download, quotes included: proves that a resumed download is of the same
   * content.
   */
  etag?: string | undefined;
  /**
   * The caller proves the result by a digest or a signature: content may start over more than once. Bytes that were
   * received for it before this download. Default: not proven.
   */
  receivedBefore?: number | undefined;
  /** Longest content accepted, bytes. Default: no limit. */
  maxSize?: number | undefined;
  /** Longest range asked for in one request, bytes. Default: one open range for all that is left. */
  rangeLength?: number | undefined;
  /**
   * Most bytes given to the sink at once; a buffer of this length stays in memory. Default 4096, a flash sector. Not
   * used when the sink has `space`.
   */
  bufferLength?: number | undefined;
  /** Requests on one connection before a new one is made. Default 100, where S3 closes. */
  requestsPerConnection?: number | undefined;
  /** From the request to its headers, name look-up, connecting and TLS included, ms. Default 60000. */
  responseTimeoutMs?: number | undefined;
  /** Longest time without a byte within a body, ms. Default 30000. */
  idleTimeoutMs?: number | undefined;
  /**
   * Least bytes in each `minimumProgressMs`; a connection below is dropped. Also what has to arrive for the count of
   * attempts to start again. Default 4096.
   */
  minimumProgress?: number | undefined;
  /** Default 60000 ms. */
  minimumProgressMs?: number | undefined;
  /** Failures in a row, without progress between them, that end the download. Default 8. */
  maxAttempts?: number | undefined;
  /** Full-jitter back-off before a failed request is repeated. Default 1 s to 60 s. */
  backoff?: Partial<BackoffBounds> | undefined;
  /** Redirects followed for one request. Default 3. */
  maxRedirects?: number | undefined;
  sink: FotaDownloadSink;
  /** Before the first body byte of each response that is taken. May call `close()`. */
  onHeaders?: ((headers: FotaDownloadHeaders) => void) | undefined;
  /**
   * The download starts again at byte 0 and the sink must, too: the content changed, or the server answered a ranged
   * request with the whole content and it cannot be proven the same. Called before any byte. Without this callback, and
   * when it happens too often, that is a "content-changed" error: at the second time, or, with `receivedBefore`, when
   * one more time would make it more than eight times the content.
   */
  onRestart?: (() => void) | undefined;
  /** A request failed and is repeated; `offset` bytes are with the sink. */
  onRetry?: ((code: FotaDownloadErrorCode, offset: number) => void) | undefined;
  /** After bytes were accepted by the sink. */
  onProgress?: ((offset: number, size: number) => void) | undefined;
  /** The last byte was accepted. Nothing is called after it. */
  onDone: (result: FotaDownloadResult) => void;
  /** The download ended without success; `offset` still says where to resume. Nothing is called after it. */
  onError: (error: FotaDownloadError) => void;
};

/** The options with every default filled in. */
export type FotaDownloadSettings = {
  readonly allowedHosts: AllowedHosts;
  readonly urlAge: number;
  readonly offset: number;
  readonly size: number | undefined;
  readonly receivedBefore: number | undefined;
  readonly maxSize: number;
  readonly rangeLength: number | undefined;
  readonly bufferLength: number;
  readonly requestsPerConnection: number;
  readonly responseTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly minimumProgress: number;
  readonly minimumProgressMs: number;
  readonly maxAttempts: number;
  readonly baseMs: number;
  readonly capMs: number;
  readonly maxRedirects: number;
};

const MAX_URL_LENGTH = 4096; // presigned URLs with a session token reach about 2 KB
const MAX_ETAG_LENGTH = 256;

function count(name: string, value: number | undefined, fallback: number, least: number): number {
  if (value === undefined) return fallback;
  if (!Number.isSafeInteger(value) || value < least) {
    throw new FotaDownloadError("bad-option", `${name} must be an integer of at least ${least}`);
  }
  return value;
}

function optionalCount(name: string, value: number | undefined, least: number): number | undefined {
  return value === undefined ? undefined : count(name, value, 0, least);
}

/**
 * Checks every option and fills in the defaults.
 * @throws FotaDownloadError "bad-option"
 */
export function settingsFrom(options: FotaDownloadOptions): FotaDownloadSettings {
  if (typeof options.url !== "string" || options.url.length > MAX_URL_LENGTH) {
    throw new FotaDownloadError("bad-option", `url must be a string of at most ${MAX_URL_LENGTH} characters`);
  }
  if (options.etag !== undefined && !isEntityTag(options.etag)) {
    throw new FotaDownloadError("bad-option", "etag must be a quoted entity tag");
  }
  for (const name of ["onDone", "onError", "random"] as const) {
    if (typeof options[name] !== "function") throw new FotaDownloadError("bad-option", `${name} must be a function`);
  }
  if (typeof options.sink?.write !== "function")
    throw new FotaDownloadError("bad-option", "sink.write must be a function");
  const baseMs = count("backoff.baseMs", options.backoff?.baseMs, 1000, 1);
  const settings = {
    allowedHosts: parseAllowedHosts(options.allowedHosts),
    urlAge: count("urlAge", options.urlAge, 0, 0),
    offset: count("offset", options.offset, 0, 0),
    size: optionalCount("size", options.size, 1),
    receivedBefore: optionalCount("receivedBefore", options.receivedBefore, 0),
    maxSize: count("maxSize", options.maxSize, Number.MAX_SAFE_INTEGER, 1),
    rangeLength: optionalCount("rangeLength", options.rangeLength, 1),
    bufferLength: count("bufferLength", options.bufferLength, 4096, 1),
    requestsPerConnection: count("requestsPerConnection", options.requestsPerConnection, 100, 1),
    responseTimeoutMs: count("responseTimeoutMs", options.responseTimeoutMs, 60_000, 1),
    idleTimeoutMs: count("idleTimeoutMs", options.idleTimeoutMs, 30_000, 1),
    minimumProgress: count("minimumProgress", options.minimumProgress, 4096, 1),
    minimumProgressMs: count("minimumProgressMs", options.minimumProgressMs, 60_000, 1),
    maxAttempts: count("maxAttempts", options.maxAttempts, 8, 1),
    baseMs,
    capMs: Math.max(baseMs, count("backoff.capMs", options.backoff?.capMs, 60_000, 1)),
    maxRedirects: count("maxRedirects", options.maxRedirects, 3, 0),
  };
  if (settings.size !== undefined && settings.offset > settings.size) {
    throw new FotaDownloadError("bad-option", "offset is beyond size");
  }
  return settings;
}

/** Quoted, optionally weak, visible ASCII: it is going to be a header's value. [RFC 9110 8.8.3] */
export function isEntityTag(text: string): boolean {
  return text.length <= MAX_ETAG_LENGTH && /^(?:W\/)?"[\x21\x23-\x7e]*"$/.test(text);
}

import { EMPTY_SHA256, scopeText, sha256Hex, signingKey, signText } from "./signature.js";
import { SignatureError } from "./signature-error.js";
import type { Verified } from "./verify.js";

const MAX_TRAILER_BYTES = 16 * 1024;

/** A decoded `aws-chunked` body with the trailing headers that followed it. */
export interface ChunkedBody {
  readonly body: Uint8Array;
  /** Checksums, by their lower-case header names. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** True for the values of `x-amz-content-sha256` that announce an `aws-chunked` body. */
export function isStreaming(payload: string): boolean {
  return payload.startsWith("STREAMING-");
}

/**
 * Decodes an `aws-chunked` body and checks the signature of each chunk and of the trailer where they are signed.
 * Throws {@link SignatureError} with `malformed` or `mismatch`.
 */
export function decodeAwsChunked(bytes: Uint8Array, verified: Verified): ChunkedBody {
  const signed = verified.payload.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  const chain = signed ? new ChunkChain(verified) : undefined;
  // One buffer for all: a body of many small chunks would be more objects than bytes.
  const body = Buffer.alloc(bytes.length);
  let filled = 0;
  let at = 0;
  for (;;) {
    const header = readLine(bytes, at);
    at = header.next;
    const [size = "", ...extensions] = header.text.split(";");
    if (!/^[0-9a-fA-F]{1,8}$/.test(size)) throw malformed("a chunk's size");
    const length = Number.parseInt(size, 16);
    const data = bytes.subarray(at, at + length);
    if (data.length !== length) throw malformed("a chunk is cut off");
    const given = extensions.find((extension) => extension.startsWith("chunk-signature="))?.slice(16);
    chain?.check(data, given);
    at += length;
    if (length === 0) break;
    at = skipNewline(bytes, at);
    body.set(data, filled);
    filled += data.length;
  }
  return { body: body.subarray(0, filled), trailers: checksumsIn(readTrailers(bytes, at, chain)) };
}

/**
 * Only checksums travel behind a body. Anything else would be a header that nobody signed, and could hold characters
 * that no header may have.
 */
function checksumsIn(trailers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(trailers).filter(
      ([name, value]) => name.startsWith("x-amz-checksum-") && /^[A-Za-z0-9+/=-]{0,100}$/.test(value),
    ),
  );
}

/** Each signed chunk's signature covers the one before it. */
class ChunkChain {
  readonly #key: Uint8Array;
  readonly #verified: Verified;
  #previous: string;

  constructor(verified: Verified) {
    this.#verified = verified;
    this.#key = signingKey(verified.credentials.secretAccessKey, verified.scope);
    this.#previous = verified.signature;
  }

  check(data: Uint8Array, given: string | undefined): void {
    this.#step("AWS4-HMAC-SHA256-PAYLOAD", [EMPTY_SHA256, sha256Hex(data)], given);
  }

  checkTrailers(canonical: string, given: string | undefined): void {
    this.#step("AWS4-HMAC-SHA256-TRAILER", [sha256Hex(canonical)], given);
  }

  #step(algorithm: string, hashes: readonly string[], given: string | undefined): void {
    const text = [algorithm, this.#verified.amzDate, scopeText(this.#verified.scope), this.#previous, ...hashes].join(
      "\n",
    );
    this.#previous = signText(this.#key, text);
    if (given !== this.#previous) throw new SignatureError("mismatch", "The signature of a chunk does not match.");
  }
}

function readTrailers(bytes: Uint8Array, start: number, chain: ChunkChain | undefined): Record<string, string> {
  const trailers: Record<string, string> = {};
  let canonical = "";
  let signature: string | undefined;
  let at = start;
  if (bytes.length - start > MAX_TRAILER_BYTES) throw malformed("the trailer is too long");
  while (at < bytes.length) {
    const line = readLine(bytes, at);
    at = line.next;
    const colon = line.text.indexOf(":");
    if (colon < 0) continue;
    const name = line.text.slice(0, colon).trim().toLowerCase();
    const value = line.text.slice(colon + 1).trim();
    if (name === "x-amz-trailer-signature") {
      signature = value;
    } else {
      trailers[name] = value;
      canonical += `${name}:${value}\n`;
    }
  }
  if (chain !== undefined && canonical !== "") chain.checkTrailers(canonical, signature);
  return trailers;
}

function readLine(bytes: Uint8Array, start: number): { text: string; next: number } {
  const end = bytes.indexOf(10, start);
  if (end < 0) throw malformed("the end of a line is missing");
  const stop = end > start && bytes[end - 1] === 13 ? end - 1 : end;
  return { text: Buffer.from(bytes.subarray(start, stop)).toString("latin1"), next: end + 1 };
}

function skipNewline(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 13 && bytes[at + 1] === 10) return at + 2;
  throw malformed("a chunk is longer than announced");
}

function malformed(what: string): SignatureError {
  return new SignatureError("malformed", `aws-chunked body: ${what}`);
}

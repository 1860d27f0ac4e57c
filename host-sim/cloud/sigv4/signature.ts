import { createHash, createHmac } from "node:crypto";

/** The arithmetic of AWS Signature Version 4; it knows nothing of requests being fresh, allowed or complete. */

export const ALGORITHM = "AWS4-HMAC-SHA256";
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";
export const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** `<date>/<region>/<service>/aws4_request`. */
export interface Scope {
  /** YYYYMMDD. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export interface CanonicalParts {
  readonly method: string;
  /** As sent. */
  readonly path: string;
  /** Decoded pairs, without `X-Amz-Signature`. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Lower-case, sorted. */
  readonly signedHeaders: readonly string[];
  readonly header: (name: string) => string;
  readonly payloadHash: string;
  readonly service: string;
}

/** RFC 3986 encoding of everything but unreserved characters. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: string | Uint8Array, text: string): Uint8Array {
  return createHmac("sha256", key).update(text).digest();
}

/** S3 signs the path encoded once, every other service encodes the already encoded path again. */
export function canonicalPath(path: string, service: string): string {
  const segments = (path === "" ? "/" : path).split("/");
  return segments.map((segment) => uriEncode(service === "s3" ? decodeOnce(segment) : segment)).join("/");
}

function decodeOnce(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function canonicalRequest(parts: CanonicalParts): string {
  const query = parts.query
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const headers = parts.signedHeaders
    .map((name) => `${name}:${parts.header(name).trim().replace(/ +/g, " ")}\n`)
    .join("");
  return [
    parts.method,
    canonicalPath(parts.path, parts.service),
    query,
    headers,
    parts.signedHeaders.join(";"),
    parts.payloadHash,
  ].join("\n");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function scopeText(scope: Scope): string {
  return `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
}

export function signingKey(secret: string, scope: Scope): Uint8Array {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, scope.date), scope.region), scope.service), "aws4_request");
}

/** The signature, in hex, of a canonical request. `amzDate` is `YYYYMMDDTHHMMSSZ`. */
export function signRequestText(secret: string, scope: Scope, amzDate: string, canonical: string): string {
  return signText(signingKey(secret, scope), [ALGORITHM, amzDate, scopeText(scope), sha256Hex(canonical)].join("\n"));
}

export function signText(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

/** `YYYYMMDDTHHMMSSZ` of milliseconds since 1970. */
export function amzDateOf(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

/** Milliseconds since 1970 of `YYYYMMDDTHHMMSSZ`, or undefined. */
export function parseAmzDate(text: string): number | undefined {
  const m = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (m === null) return undefined;
  const ms = Date.parse(`${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

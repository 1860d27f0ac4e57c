import { queryPairs, splitTarget } from "../message/message.js";
import type { Credentials } from "./credentials.js";
import {
  ALGORITHM,
  amzDateOf,
  canonicalRequest,
  scopeText,
  sha256Hex,
  signRequestText,
  UNSIGNED_PAYLOAD,
  uriEncode,
} from "./signature.js";

export interface RequestToSign {
  readonly method: string;
  /** Host header, with port where the URL has one. */
  readonly host: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface SigningContext {
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** All headers of the request with its signature: what an operator's client sends. */
export function signHeaders(request: RequestToSign, context: SigningContext): Record<string, string> {
  const amzDate = amzDateOf(context.now);
  const payloadHash = sha256Hex(request.body ?? new Uint8Array(0));
  const headers: Record<string, string> = { host: request.host, "x-amz-date": amzDate };
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
  if (context.service === "s3") headers["x-amz-content-sha256"] = payloadHash;
  if (context.credentials.sessionToken !== undefined)
    headers["x-amz-security-token"] = context.credentials.sessionToken;
  const { path, query } = splitTarget(request.target);
  const signedHeaders = Object.keys(headers).sort();
  const scope = { date: amzDate.slice(0, 8), region: context.region, service: context.service };
  const canonical = canonicalRequest({
    method: request.method,
    path,
    query: queryPairs(query),
    signedHeaders,
    header: (name) => headers[name] ?? "",
    payloadHash,
    service: context.service,
  });
  const signature = signRequestText(context.credentials.secretAccessKey, scope, amzDate, canonical);
  headers.authorization = `${ALGORITHM} Credential=${context.credentials.accessKeyId}/${scopeText(scope)}, SignedHeaders=${signedHeaders.join(";")}, Signature=${signature}`;
  return headers;
}

export interface PresignContext extends SigningContext {
  /** 1...604800. */
  readonly expiresInSec: number;
  /** Default `GET`. */
  readonly method?: string;
}

/**
 * The URL with a signature in its query. Only method and Host are signed, so Range and the like may be added freely.
 * `url` must be absolute; its path is taken as already percent-encoded.
 */
export function presignUrl(url: string, context: PresignContext): string {
  const parsed = new URL(url);
  const amzDate = amzDateOf(context.now);
  const scope = { date: amzDate.slice(0, 8), region: context.region, service: context.service };
  const pairs: [string, string][] = [
    ...queryPairs(parsed.search.slice(1)),
    ["X-Amz-Algorithm", ALGORITHM],
    ["X-Amz-Credential", `${context.credentials.accessKeyId}/${scopeText(scope)}`],
    ["X-Amz-Date", amzDate],
    ["X-Amz-Expires", String(context.expiresInSec)],
  ];
  if (context.credentials.sessionToken !== undefined)
    pairs.push(["X-Amz-Security-Token", context.credentials.sessionToken]);
  pairs.push(["X-Amz-SignedHeaders", "host"]);
  const canonical = canonicalRequest({
    method: context.method ?? "GET",
    path: parsed.pathname,
    query: pairs,
    signedHeaders: ["host"],
    header: () => parsed.host,
    payloadHash: UNSIGNED_PAYLOAD,
    service: context.service,
  });
  const signature = signRequestText(context.credentials.secretAccessKey, scope, amzDate, canonical);
  const query = [...pairs, ["X-Amz-Signature", signature]].map(
    ([name = "", value = ""]) => `${uriEncode(name)}=${uriEncode(value)}`,
  );
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}?${query.join("&")}`;
}

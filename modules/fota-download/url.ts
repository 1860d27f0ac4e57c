import { FotaDownloadError } from "./errors.js";

/** An absolute http or https URL in the parts a request needs. */
export type DownloadUrl = {
  readonly scheme: "http" | "https";
  /** Lower case, without port. */
  readonly host: string;
  readonly port: number;
  /** Path and query exactly as given, beginning with "/". A signature covers every character of them. */
  readonly target: string;
};

const DEFAULT_PORT = Object.freeze({ http: 80, https: 443 });
const MAX_HOST_LENGTH = 253; // RFC 1035, in text form

// scheme "://" host [":" port] then the rest. No user information and no IPv6 literal: the SDK's resolver knows IPv4 only.
const ABSOLUTE = /^(https?):\/\/([^/?#:@[\]\\]+)(?::(\d{1,5}))?([/?#].*)?$/i;
const HOST_NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.?$/;
// What may stand in a request line: visible ASCII. A space, a control character or a line end would split it.
const REQUEST_TARGET = /^[\x21-\x7e]+$/;

/**
 * Takes an absolute URL apart. Strict, because the text comes from a job document or from a server's Location.
 * @throws FotaDownloadError "bad-url"
 */
export function parseUrl(text: string): DownloadUrl {
  const match = ABSOLUTE.exec(text);
  const host = match?.[2]?.toLowerCase();
  if (match === null || host === undefined) throw new FotaDownloadError("bad-url", "not an absolute http or https URL");
  if (host.length > MAX_HOST_LENGTH || !HOST_NAME.test(host)) throw new FotaDownloadError("bad-url", "bad host name");
  const scheme = match[1]?.toLowerCase() === "https" ? "https" : "http";
  const port = match[3] === undefined ? DEFAULT_PORT[scheme] : Number(match[3]);
  if (port < 1 || port > 65535) throw new FotaDownloadError("bad-url", "bad port");
  return { scheme, host, port, target: requestTarget(match[4] ?? "/") };
}

function requestTarget(rest: string): string {
  const hash = rest.indexOf("#");
  const target = hash < 0 ? rest : rest.slice(0, hash);
  const rooted = target.startsWith("/") ? target : `/${target}`;
  if (!REQUEST_TARGET.test(rooted)) throw new FotaDownloadError("bad-url", "character not allowed in path or query");
  return rooted;
}

/**
 * Where a Location header leads, seen from the URL that was asked. [RFC 9110 10.2.2, RFC 3986 5.2 without dot segments]
 * @throws FotaDownloadError "bad-url"
 */
export function resolveLocation(base: DownloadUrl, location: string): DownloadUrl {
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) return parseUrl(location);
  if (location.startsWith("//")) return parseUrl(`${base.scheme}:${location}`);
  const query = base.target.indexOf("?");
  const path = query < 0 ? base.target : base.target.slice(0, query);
  if (location.startsWith("/")) return { ...base, target: requestTarget(location) };
  if (location.startsWith("?")) return { ...base, target: requestTarget(path + location) };
  if (location === "" || location.startsWith("#")) throw new FotaDownloadError("bad-url", "empty Location");
  return { ...base, target: requestTarget(path.slice(0, path.lastIndexOf("/") + 1) + location) };
}

/** The value of the Host header: with the port when it is not the scheme's own. [RFC 9110 7.2] */
export function hostHeader(url: DownloadUrl): string {
  return url.port === DEFAULT_PORT[url.scheme] ? url.host : `${url.host}:${url.port}`;
}

/** What may be said about a URL in a trace, an event or statusDetails: scheme, host and port (design rule R11). */
export function redactUrl(url: DownloadUrl | string): string {
  if (typeof url !== "string") return `${url.scheme}://${hostHeader(url)}`;
  try {
    return redactUrl(parseUrl(url));
  } catch {
    return "(not a URL)";
  }
}

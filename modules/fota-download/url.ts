import { FotaDownloadError } from "./errors.js";

/** An absolute http or https URL in the parts a request needs. */
export type DownloadUrl = {
  readonly scheme: "http" | "https";
  /** Lower case, without port. An IPv6 address in its brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query exactly as given, beginning with "/". A signature covers every character of them. */
  readonly target: string;
};

const DEFAULT_PORT = Object.freeze({ http: 80, https: 443 });
const MAX_HOST_LENGTH = 253; // RFC 1035, in text form
const MAX_AUTHORITY_LENGTH = MAX_HOST_LENGTH + 6;

// No user information, nothing percent-encoded. What is in brackets is an address that is refused later, whichever it
// is.
const authorityPattern = () => /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/;

// Long strings are walked by hand: a regular expression would keep a backtracking state for each character of a 2 KB
// URL.

/**
 * Takes an absolute URL apart. Strict, because the text comes from a job document or from a server's Location.
 * @throws FotaDownloadError "bad-url"
 */
export function parseUrl(text: string): DownloadUrl {
  const scheme = schemeOf(text);
  if (scheme === undefined) throw new FotaDownloadError("bad-url", "not an absolute http or https URL");
  const from = scheme.length + 3;
  const to = authorityEnd(text, from);
  const authority = to - from <= MAX_AUTHORITY_LENGTH ? text.slice(from, to).toLowerCase() : "";
  const match = authorityPattern().exec(authority);
  const host = match?.[1];
  if (host === undefined || !isHostName(host)) throw new FotaDownloadError("bad-url", "bad host name");
  const port = match?.[2] === undefined ? DEFAULT_PORT[scheme] : Number(match[2]);
  if (port < 1 || port > 65535) throw new FotaDownloadError("bad-url", "bad port");
  return { scheme, host, port, target: requestTarget(text.slice(to)) };
}

function schemeOf(text: string): "http" | "https" | undefined {
  const start = text.slice(0, 8).toLowerCase();
  if (start === "https://") return "https";
  return start.startsWith("http://") ? "http" : undefined;
}

function authorityEnd(text: string, from: number): number {
  let to = from;
  while (to < text.length && !"/?#".includes(text.charAt(to))) to += 1;
  return to;
}

function isHostName(host: string): boolean {
  if (host.startsWith("[")) return true;
  if (host.length > MAX_HOST_LENGTH) return false;
  const labels = host.endsWith(".") ? host.slice(0, -1).split(".") : host.split(".");
  return labels.every((label) => label !== "" && label.length <= 63 && !label.startsWith("-") && !label.endsWith("-"));
}

/** Only visible ASCII may stand in a request line: a space, a control character or a line end would split it. */
function requestTarget(rest: string, root = "/"): string {
  const hash = rest.indexOf("#");
  const target = hash < 0 ? rest : rest.slice(0, hash);
  for (let i = 0; i < target.length; i += 1) {
    const code = target.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f) throw new FotaDownloadError("bad-url", "character not allowed in path or query");
  }
  return target.startsWith("/") ? target : root + target;
}

/**
 * Where a Location header leads, seen from the URL that was asked. [RFC 9110 10.2.2, RFC 3986 5.2.2]
 * @throws FotaDownloadError "bad-url"
 */
export function resolveLocation(base: DownloadUrl, location: string): DownloadUrl {
  const colon = location.indexOf(":");
  if (colon >= 0 && colon < authorityEnd(location, 0)) return withoutDots(parseUrl(location));
  if (location.startsWith("//")) return withoutDots(parseUrl(`${base.scheme}:${location}`));
  const target = requestTarget(location, "");
  if (target === "") return base;
  const [path] = splitTarget(base.target);
  if (target.startsWith("?")) return { ...base, target: path + target };
  if (target.startsWith("/")) return withoutDots({ ...base, target });
  return withoutDots({ ...base, target: path.slice(0, path.lastIndexOf("/") + 1) + target });
}

/** Path and query, the latter with its "?". */
function splitTarget(target: string): [path: string, query: string] {
  const query = target.indexOf("?");
  return query < 0 ? [target, ""] : [target.slice(0, query), target.slice(query)];
}

/** [RFC 3986 5.2.4] */
function withoutDots(url: DownloadUrl): DownloadUrl {
  const [path, query] = splitTarget(url.target);
  const segments = path.split("/").slice(1);
  const kept: string[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
    // What is left is a folder.
    if (index === segments.length - 1 && (segment === "." || segment === "..")) kept.push("");
  }
  return { ...url, target: `/${kept.join("/")}${query}` };
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

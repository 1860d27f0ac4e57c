import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** The only address that is listened on. */
export const LOOPBACK = "127.0.0.1";

/** A request that is not answered: its status and why. */
export type Denial = { readonly status: 400 | 401 | 403 | 405; readonly error: string; readonly message: string };

/** What is looked at of a request. */
export type Asked = { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders };

/** Who may ask what. */
export type AccessRules = { readonly port: number; readonly token: string; readonly write: boolean };

const denial = (status: Denial["status"], error: string, message: string): Denial => ({ status, error, message });

/**
 * Whether a request is answered. `Host` keeps out names that lead here (DNS rebinding), `Origin` and `Sec-Fetch-Site`
 * the pages of others, the token everybody who did not read the printed address. The token comes in a header, which a
 * form or an image of another page cannot send; a cookie would go to every port of this address.
 * @returns `undefined` when it is
 */
export function denied({ method, path, headers }: Asked, { port, token, write }: AccessRules): Denial | undefined {
  const hosts = [`${LOOPBACK}:${port}`, `localhost:${port}`];
  const { host = "", origin, authorization = "" } = headers;
  if (!hosts.includes(host.toLowerCase())) return denial(403, "host", "this server is not called so");
  const isOwn = origin === `http://${host}`;
  if (origin !== undefined && !isOwn) return denial(403, "origin", "only the page itself may ask");
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && !(site === "none" && method === "GET"))
    return denial(403, "origin", "only the page itself may ask");
  if (method !== "GET" && method !== "POST") return denial(405, "method", "GET or POST");
  if (!path.startsWith("/api/")) return method === "GET" ? undefined : denial(405, "method", "GET");
  if (!sameText(authorization, `Bearer ${token}`))
    return denial(401, "token", "open the page by the address that was printed at its start");
  if (method === "GET") return undefined;
  if (!isOwn) return denial(403, "origin", "a change needs the page's own origin");
  if (headers["content-type"] !== "application/json") return denial(400, "type", "application/json");
  if (!write) return denial(403, "read-only", "the page was started without --write");
  return undefined;
}

/** Takes as long for every wrong text. */
function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Headers of every answer. */
export const HEADERS: Readonly<Record<string, string>> = Object.freeze({
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Cache-Control": "no-store",
});

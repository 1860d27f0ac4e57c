import { sameBytes } from "./bytes.js";
import type { SubjectNames } from "./extensions.js";

const DOT = 0x2e;
const STAR = 0x2a;

/**
 * Whether the names of a certificate cover the host that was asked for. [RFC 9525, 6] Host names are compared with
 * dNSName alone, without regard to the case of ASCII letters; a wildcard is a whole left-most label, stands for exactly
 * one label, and has two labels at least behind it. IPv4 addresses are compared with iPAddress alone. The certificate's
 * common name is never looked at.
 * @param host a host name, or a dotted IPv4 address
 */
export function coversHost(names: SubjectNames, host: string): boolean {
  const address = ipv4Of(host);
  if (address !== undefined) return names.addresses.some((bytes) => sameBytes(bytes, address));
  const wanted = hostBytes(host);
  return wanted !== undefined && names.dns.some((name) => matches(name, wanted));
}

function matches(pattern: Uint8Array, host: Uint8Array): boolean {
  const name = lowerCase(pattern);
  if (name[0] !== STAR) return sameBytes(name, host);
  const rest = name.subarray(1);
  const labels = rest.reduce((count, byte) => count + (byte === DOT ? 1 : 0), 0);
  const dot = host.indexOf(DOT);
  return rest[0] === DOT && labels >= 2 && dot > 0 && sameBytes(rest, host.subarray(dot));
}

/**
 * Letters, digits, hyphens, underscores and dots between them; `undefined` for anything else, which no certificate can
 * name.
 */
function hostBytes(host: string): Uint8Array | undefined {
  if (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(host)) return undefined;
  return lowerCase(Uint8Array.from(host, (character) => character.charCodeAt(0)));
}

function lowerCase(name: Uint8Array): Uint8Array {
  return name.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));
}

function ipv4Of(host: string): Uint8Array | undefined {
  const parts = host.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return Uint8Array.from(parts, Number);
}

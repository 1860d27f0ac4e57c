import { FotaDownloadError } from "./errors.js";

/** The same for every server that may not be asked: what is told must not say what there is at an address. */
export const HOST_REFUSED = "a server that may not be asked";

/**
 * Host names without a final dot, lower case; "*." in front stands for one label. Undefined: whatever is no local
 * network.
 */
export type AllowedHosts = readonly string[] | undefined;

const MAX_HOST_LENGTH = 253; // RFC 1035, in text form

/** Networks that are no way to a server of the public internet. [RFC 6890, RFC 1112] */
const CLOSED_NETWORKS: readonly string[] = Object.freeze([
  "0.0.0.0/8", // "this" network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // shared between a provider and its customers
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local, cloud metadata among it
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "224.0.0.0/3", // multicast, reserved, broadcast
]);

/**
 * Checks an option `allowedHosts` and brings it into the form that is compared.
 * @throws FotaDownloadError "bad-option"
 */
export function parseAllowedHosts(list: readonly string[] | undefined): AllowedHosts {
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) throw badEntry("is not a list");
  return list.map((entry: unknown) => {
    const name = typeof entry === "string" ? withoutFinalDot(entry.toLowerCase()) : "";
    const base = name.startsWith("*.") ? name.slice(2) : name;
    if (base.length > MAX_HOST_LENGTH || !labelsPattern().test(base))
      throw badEntry("has an entry that is no host name");
    // An address has one spelling here, and is no domain that could have names in it.
    if (endsInNumber(base) && (base !== name || addressOf(base) === undefined)) throw badEntry("has an odd address");
    return name;
  });
}

const labelsPattern = () => /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;

function badEntry(problem: string): FotaDownloadError {
  return new FotaDownloadError("bad-option", `allowedHosts ${problem}`);
}

/**
 * Whether a server may be asked, by its host as `parseUrl` gives it. With a list: what is on it. Without: every name
 * but those of this very device, and every address in its usual spelling that is not of a closed network. IPv6
 * addresses never: the SDK's resolver knows none.
 */
export function isHostAllowed(host: string, allowed: AllowedHosts): boolean {
  const name = withoutFinalDot(host);
  if (allowed !== undefined) return allowed.some((entry) => matches(name, entry));
  if (name.startsWith("[")) return false;
  if (endsInNumber(name)) return isPublicAddress(name);
  return name !== "localhost" && !name.endsWith(".localhost");
}

/**
 * Whether a connection may go to what the name was resolved to. Anybody on the way can answer a DNS request, so a name
 * that was not listed must not lead into a closed network; one that was listed may, as for an endpoint in a private
 * cloud.
 */
export function isAnswerAllowed(address: string, allowed: AllowedHosts): boolean {
  return allowed !== undefined || isPublicAddress(address);
}

function matches(name: string, entry: string): boolean {
  if (!entry.startsWith("*.")) return name === entry;
  const label = name.slice(0, name.indexOf(".") + 1);
  return label.length > 1 && `*.${name.slice(label.length)}` === entry;
}

/** False also for what is no IPv4 address in its usual spelling. */
export function isPublicAddress(text: string): boolean {
  const address = addressOf(text);
  return address !== undefined && !CLOSED_NETWORKS.some((network) => isWithin(address, network));
}

function isWithin(address: number, network: string): boolean {
  const [first = "", bits = ""] = network.split("/");
  return (address ^ (addressOf(first) ?? 0)) >>> (32 - Number(bits)) === 0;
}

/**
 * Four decimal numbers. Other spellings of an address (one number, octal, hexadecimal, fewer parts) mean different
 * things to different programs: here they are none.
 */
function addressOf(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  return address;
}

/** What a URL with such a host means is an address, or nothing at all. [URL Standard, "ends in a number"] */
function endsInNumber(host: string): boolean {
  return /^(?:\d+|0x[0-9a-f]*)$/.test(host.slice(host.lastIndexOf(".") + 1));
}

function withoutFinalDot(host: string): string {
  return host.endsWith(".") ? host.slice(0, -1) : host;
}

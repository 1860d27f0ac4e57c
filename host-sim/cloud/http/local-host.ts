import { isIP } from "node:net";
import { hostName } from "../s3/address.js";

const EVERY_ADDRESS: readonly string[] = ["0.0.0.0", "::"];

/** A request to the cloud's own API that names another host. */
export class ForeignHostError extends Error {
  override readonly name = "ForeignHostError";
  constructor() {
    super("The Host header names no address of this cloud.");
  }
}

/**
 * Whether a Host header names this cloud by an address or a name that it was started with. A page of another site whose
 * name was made to lead to this machine sends that name, and so gets no answer from the cloud's own API.
 *
 * @param listening the address or name that the server listens on
 */
export function isOwnHost(host: string, listening: string): boolean {
  const name = hostName(host).replace(/^\[(.*)\]$/, "$1");
  if (name === "localhost" || name.endsWith(".localhost") || name === listening.toLowerCase()) return true;
  if (isIP(name) === 0) return false;
  // An address in the Host header was typed as an address: no name of another site led here.
  return EVERY_ADDRESS.includes(listening) || name === "::1" || name.startsWith("127.");
}

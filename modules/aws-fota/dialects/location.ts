import { type Fields, fault, MAX_URL_LENGTH, optionalText, text } from "./fields.js";

const MAX_HOST_LENGTH = 260;

/** "http", "http:", "https" and "https:" all occur in the field, in any case. */
function schemeOf(protocol: string, path: string): "http" | "https" {
  const match = /^(https?):?(?:\/\/)?$/i.exec(protocol);
  const scheme = match?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return scheme;
  throw fault(`${path}.protocol`, "is neither http nor https");
}

/**
 * Two paths separated by one space name an image for the first slot and one for the second [sdk-nrf fota_download]; the
 * slot that is not running gets its own.
 */
function pathFor(target: string, slot: number | undefined, path: string): string {
  const paths = target.split(" ");
  if (paths.length === 1) return target;
  if (paths.length > 2 || paths.includes("")) throw fault(`${path}.path`, "holds a space");
  const own = slot === undefined ? undefined : paths[slot];
  if (own === undefined)
    throw fault(`${path}.path`, "names two images and the slot has no number", "document-unsupported");
  return own;
}

/**
 * The URL of a `location` as Nordic's documents have it: protocol, host and path, or `url` in one.
 *
 * @param path of the location in the document, for what is wrong with it
 * @param slot number of the slot that is to be written, for a `path` with two images
 * @throws FotaError "document-invalid", "document-unsupported", "url-too-long"
 */
export function urlOf(location: Fields, path: string, slot: number | undefined): string {
  const url = optionalText(location, "url", `${path}.url`, MAX_URL_LENGTH);
  if (url !== undefined) return url;
  const scheme = schemeOf(text(location, "protocol", `${path}.protocol`, 16), path);
  const host = text(location, "host", `${path}.host`, MAX_HOST_LENGTH);
  if (/[/?#@\s]/.test(host)) throw fault(`${path}.host`, "is not a host name with an optional port");
  const target = pathFor(text(location, "path", `${path}.path`, MAX_URL_LENGTH), slot, path);
  return `${scheme}://${host}${target.startsWith("/") ? "" : "/"}${target}`;
}

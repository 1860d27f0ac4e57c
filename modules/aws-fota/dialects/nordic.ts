import type { UpdateDocument } from "../update-document.js";
import {
  type Fields,
  fault,
  fieldsAt,
  MAX_URL_LENGTH,
  optionalDigest,
  optionalFlag,
  optionalKeyId,
  optionalSignature,
  optionalSize,
  optionalText,
  optionalVersion,
  text,
} from "./fields.js";

/** The value of `operation` that the Nordic `aws_fota` library, its documents and its tests use. */
export const NORDIC_OPERATION = "app_fw_update";

const MAX_HOST_LENGTH = 260;
const MAX_PROJECT_LENGTH = 32; // application descriptor's project_name

/** "http", "http:", "https" and "https:" all occur in the field, in any case. */
function schemeOf(protocol: string): "http" | "https" {
  const match = /^(https?):?(?:\/\/)?$/i.exec(protocol);
  const scheme = match?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return scheme;
  throw fault("location.protocol", "is neither http nor https");
}

/**
 * Two paths separated by one space name an image for the first slot and one for the second [sdk-nrf fota_download]; the
 * slot that is not running gets its own.
 */
function pathFor(path: string, slot: number | undefined): string {
  const paths = path.split(" ");
  if (paths.length === 1) return path;
  if (paths.length > 2 || paths.includes("")) throw fault("location.path", "holds a space");
  const own = slot === undefined ? undefined : paths[slot];
  if (own === undefined)
    throw fault("location.path", "names two images and the slot has no number", "document-unsupported");
  return own;
}

function urlOf(location: Fields, slot: number | undefined): string {
  const url = optionalText(location, "url", "location.url", MAX_URL_LENGTH);
  if (url !== undefined) return url;
  const scheme = schemeOf(text(location, "protocol", "location.protocol", 16));
  const host = text(location, "host", "location.host", MAX_HOST_LENGTH);
  if (/[/?#@\s]/.test(host)) throw fault("location.host", "is not a host name with an optional port");
  const path = pathFor(text(location, "path", "location.path", MAX_URL_LENGTH), slot);
  return `${scheme}://${host}${path.startsWith("/") ? "" : "/"}${path}`;
}

/**
 * The document of the Nordic `aws_fota` library, with our optional fields: `sha256`, `sig-sha256-ecdsa`, `project`,
 * `force`.
 *
 * @param slot number of the slot that is to be written (0 for `ota_0`), for a `path` with two images
 * @throws FotaError "document-invalid", "document-unsupported", "url-too-long", "signature-invalid",
 * "signature-unsupported"
 */
export function parseNordic(document: Fields, slot: number | undefined): UpdateDocument {
  const version = optionalVersion(document, "fwversion", "fwversion");
  if (version === undefined) throw fault("fwversion", "is missing");
  return {
    dialect: "nordic",
    url: urlOf(fieldsAt(document, "location", "location"), slot),
    version,
    size: optionalSize(document, "size", "size"),
    digest: optionalDigest(document, "sha256", "sha256"),
    signature: optionalSignature(document, ""),
    signingKey: optionalKeyId(document),
    project: optionalText(document, "project", "project", MAX_PROJECT_LENGTH),
    force: optionalFlag(document, "force", "force"),
  };
}

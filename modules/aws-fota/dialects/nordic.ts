import type { UpdateDocument } from "../update-document.js";
import {
  type Fields,
  fault,
  fieldsAt,
  optionalDigest,
  optionalFlag,
  optionalKeyId,
  optionalSignature,
  optionalSize,
  optionalText,
  optionalVersion,
} from "./fields.js";
import { urlOf } from "./location.js";
import { optionalPatches } from "./patches.js";

/** The value of `operation` that the Nordic `aws_fota` library, its documents and its tests use. */
export const NORDIC_OPERATION = "app_fw_update";

const MAX_PROJECT_LENGTH = 32; // application descriptor's project_name

/**
 * The document of the Nordic `aws_fota` library, with our optional fields: `sha256`, `sig-sha256-ecdsa`, `project`,
 * `force`, `patches`.
 *
 * @param slot number of the slot that is to be written (0 for `ota_0`), for a `path` with two images
 * @throws FotaError "document-invalid", "document-unsupported", "url-too-long", "signature-invalid",
 * "signature-unsupported"
 */
export function parseNordic(document: Fields, slot: number | undefined): UpdateDocument {
  const version = optionalVersion(document, "fwversion", "fwversion");
  if (version === undefined) throw fault("fwversion", "is missing");
  const size = optionalSize(document, "size", "size");
  const digest = optionalDigest(document, "sha256", "sha256");
  const patches = optionalPatches(document, slot);
  // What a patch gives is proven by them, and its bytes are none of the image's.
  if (patches.length > 0 && size === undefined) throw fault("size", "is missing, patches need it");
  if (patches.length > 0 && digest === undefined) throw fault("sha256", "is missing, patches need it");
  return {
    dialect: "nordic",
    url: urlOf(fieldsAt(document, "location", "location"), "location", slot),
    version,
    size,
    digest,
    signature: optionalSignature(document, ""),
    signingKey: optionalKeyId(document),
    project: optionalText(document, "project", "project", MAX_PROJECT_LENGTH),
    force: optionalFlag(document, "force", "force"),
    patches,
  };
}

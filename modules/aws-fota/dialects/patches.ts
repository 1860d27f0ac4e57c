import type { PatchBaseIdentity, PatchOffer } from "../update-document.js";
import {
  type Fields,
  fault,
  fieldsAt,
  isFields,
  member,
  optionalDigest,
  optionalSize,
  optionalVersion,
} from "./fields.js";
import { urlOf } from "./location.js";

/** More is not of use: AWS IoT replaces at most ten placeholders in a document. */
export const MAX_PATCHES = 8;

/**
 * `patches`: ways to the same image that cost fewer bytes. Each is a patch against a file that may be installed, or,
 * without `base`, the image itself in compressed form.
 *
 * @param slot number of the slot that is to be written
 * @throws FotaError "document-invalid", "document-unsupported", "url-too-long"
 */
export function optionalPatches(document: Fields, slot: number | undefined): readonly PatchOffer[] {
  const list = member(document, "patches");
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw fault("patches", "is not an array");
  if (list.length > MAX_PATCHES) throw fault("patches", `holds more than ${MAX_PATCHES}`);
  return list.map((item: unknown, index) => patchOf(item, `patches[${index}]`, slot));
}

function patchOf(item: unknown, path: string, slot: number | undefined): PatchOffer {
  if (!isFields(item)) throw fault(path, "is not an object");
  const size = optionalSize(item, "size", `${path}.size`);
  if (size === undefined) throw fault(`${path}.size`, "is missing");
  const url = urlOf(fieldsAt(item, "location", `${path}.location`), `${path}.location`, slot);
  const base = member(item, "base");
  return { url, size, base: base === undefined || base === null ? undefined : baseOf(base, `${path}.base`) };
}

function baseOf(base: unknown, path: string): PatchBaseIdentity {
  if (!isFields(base)) throw fault(path, "is not an object");
  const digest = optionalDigest(base, "sha256", `${path}.sha256`);
  if (digest === undefined) throw fault(`${path}.sha256`, "is missing");
  const size = optionalSize(base, "size", `${path}.size`);
  if (size === undefined) throw fault(`${path}.size`, "is missing");
  return { digest, size, version: optionalVersion(base, "fwversion", `${path}.fwversion`) };
}

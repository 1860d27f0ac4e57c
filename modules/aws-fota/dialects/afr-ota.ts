import type { UpdateDocument } from "../update-document.js";
import {
  type Fields,
  fault,
  isFields,
  MAX_URL_LENGTH,
  member,
  numberIn,
  optionalFlag,
  optionalKeyId,
  optionalSignature,
  optionalSize,
  optionalText,
  text,
} from "./fields.js";

/** The member whose presence marks the dialect of CreateOTAUpdate. */
export const AFR_OTA_KEY = "afr_ota";

const APPLICATION_FILE_TYPE = 0;

function onlyFile(ota: Fields): Fields {
  const files = member(ota, "files");
  if (!Array.isArray(files)) throw fault("afr_ota.files", files === undefined ? "is missing" : "is not an array");
  if (files.length !== 1)
    throw fault(
      "afr_ota.files",
      "must hold exactly one file",
      files.length === 0 ? "document-invalid" : "document-unsupported",
    );
  const file: unknown = files[0];
  if (!isFields(file)) throw fault("afr_ota.files[0]", "is not an object");
  return file;
}

function checkProtocols(ota: Fields): void {
  const protocols = member(ota, "protocols");
  if (!Array.isArray(protocols))
    throw fault("afr_ota.protocols", protocols === undefined ? "is missing" : "is not an array");
  if (!protocols.includes("HTTP")) throw fault("afr_ota.protocols", "does not offer HTTP", "document-unsupported");
}

function checkFileType(file: Fields, path: string): void {
  const key = ["fileType", "filetype"].find((name) => member(file, name) !== undefined);
  if (key === undefined) return;
  const type = numberIn(member(file, key));
  if (type !== APPLICATION_FILE_TYPE)
    throw fault(`${path}${key}`, "is not 0, the application image", "document-unsupported");
}

/**
 * The document that CreateOTAUpdate makes, over HTTP. It names no version: that is read from the image, after the first
 * bytes.
 *
 * @throws FotaError "document-invalid", "document-unsupported", "url-too-long", "signature-invalid",
 * "signature-unsupported"
 */
export function parseAfrOta(document: Fields): UpdateDocument {
  const ota = member(document, AFR_OTA_KEY);
  if (!isFields(ota)) throw fault(AFR_OTA_KEY, "is not an object");
  checkProtocols(ota);
  const file = onlyFile(ota);
  const path = "afr_ota.files[0].";
  checkFileType(file, path);
  const scheme = optionalText(file, "auth_scheme", `${path}auth_scheme`, 64);
  if (scheme !== undefined && scheme !== "aws.s3.presigned") {
    throw fault(`${path}auth_scheme`, "is not aws.s3.presigned", "document-unsupported");
  }
  const size = optionalSize(file, "filesize", `${path}filesize`);
  if (size === undefined) throw fault(`${path}filesize`, "is missing");
  return {
    dialect: "afr-ota",
    url: text(file, "update_data_url", `${path}update_data_url`, MAX_URL_LENGTH),
    version: undefined,
    size,
    digest: undefined,
    signature: optionalSignature(file, path),
    signingKey: optionalKeyId(document),
    project: undefined,
    force: optionalFlag(document, "force", "force"),
    patches: [],
  };
}

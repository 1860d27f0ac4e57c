import { bytesFromBase64 } from "../../foundation/base64.js";
import { bytesFromHex, hexFromBytes } from "../../foundation/hex.js";
import { type AgentErrorCode, FotaError } from "../errors.js";
import { signatureFromBase64 } from "../signature.js";
import { isKeyId } from "../signing-keys.js";
import { MAX_VERSION_LENGTH, normalizeVersion } from "../version.js";

/** A JSON object whose members are not known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Host and target of a presigned URL with a session token come to about 2 KB; the downloader takes no more than this.
 */
export const MAX_URL_LENGTH = 4096;
/**
 * Room for the base64 of an RSA-4096 signature, so that one is refused as a wrong signature and not as a malformed
 * document.
 */
export const MAX_SIGNATURE_LENGTH = 1024;
const MAX_IMAGE_SIZE = 0xffffffff; // uint32, as the OTA agents have it
const DIGEST_LENGTH = 32;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The document is wrong at `path`. The value itself is not repeated: it may hold a URL. */
export function fault(path: string, what: string, code: AgentErrorCode = "document-invalid"): FotaError {
  return new FotaError(code, `${path} ${what}`);
}

export function member(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

export function fieldsAt(fields: Fields, key: string, path: string): Fields {
  const value = member(fields, key);
  if (!isFields(value)) throw fault(path, value === undefined ? "is missing" : "is not an object");
  return value;
}

/** A non-empty string of at most `most` characters without control characters; undefined when absent. */
export function optionalText(fields: Fields, key: string, path: string, most: number): string | undefined {
  const value = member(fields, key);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw fault(path, "is not a string");
  if (value === "") throw fault(path, "is empty");
  if (value.length > most)
    throw fault(
      path,
      `is longer than ${most} characters`,
      most === MAX_URL_LENGTH ? "url-too-long" : "document-invalid",
    );
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) throw fault(path, "holds a control character");
  }
  return value;
}

export function text(fields: Fields, key: string, path: string, most: number): string {
  const value = optionalText(fields, key, path, most);
  if (value === undefined) throw fault(path, "is missing");
  return value;
}

export function optionalVersion(fields: Fields, key: string, path: string): string | undefined {
  const value = optionalText(fields, key, path, MAX_VERSION_LENGTH);
  if (value === undefined) return undefined;
  const version = normalizeVersion(value);
  if (version === "") throw fault(path, "is blank");
  return version;
}

/**
 * A whole number, or the text of one. Job templates and package attributes put every value in quotation marks: what is
 * exactly a decimal number, without sign, spaces or leading zeros, is taken for it; any other value stays what it is.
 */
export function numberIn(value: unknown): unknown {
  return typeof value === "string" && /^(?:0|[1-9][0-9]{0,15})$/.test(value) ? Number(value) : value;
}

/** Bytes, 1 to 2^32 - 1; also as text. */
export function optionalSize(fields: Fields, key: string, path: string): number | undefined {
  const value = numberIn(member(fields, key));
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) throw fault(path, "is not an integer");
  if (value < 1 || value > MAX_IMAGE_SIZE) throw fault(path, "is out of range");
  return value;
}

/** true or false; also as exactly these words in a text, as a template writes them. */
export function optionalFlag(fields: Fields, key: string, path: string): boolean {
  const value = member(fields, key);
  if (value === undefined || value === null || value === "false") return false;
  if (value === "true") return true;
  if (typeof value !== "boolean") throw fault(path, "is not true or false");
  return value;
}

/** SHA-256 as 64 hexadecimal digits or as base64. */
export function optionalDigest(fields: Fields, key: string, path: string): string | undefined {
  const value = optionalText(fields, key, path, 2 * DIGEST_LENGTH);
  if (value === undefined) return undefined;
  const bytes = value.length === 2 * DIGEST_LENGTH ? bytesFromHex(value) : bytesFromBase64(value);
  if (bytes?.length !== DIGEST_LENGTH) throw fault(path, "is neither 64 hexadecimal digits nor base64 of 32 bytes");
  return hexFromBytes(bytes);
}

const SIGNATURE_KEY = "sig-sha256-ecdsa";
const KEY_ID_KEY = "sig-key-id";
const MAX_KEY_ID_LENGTH = 32;

/**
 * `sig-sha256-ecdsa`. A document that is signed in another way only is refused: dropping a signature that cannot be
 * checked would turn a signed image into an unsigned one.
 */
export function optionalSignature(fields: Fields, path: string): Uint8Array | undefined {
  const value = optionalText(fields, SIGNATURE_KEY, `${path}${SIGNATURE_KEY}`, MAX_SIGNATURE_LENGTH);
  if (value === undefined) {
    const other = Object.keys(fields).find((key) => key.startsWith("sig-") && key !== KEY_ID_KEY);
    if (other !== undefined)
      throw fault(path === "" ? "signature" : path, "has no sig-sha256-ecdsa", "signature-unsupported");
    return undefined;
  }
  const signature = signatureFromBase64(value);
  if (signature === undefined)
    throw fault(`${path}${SIGNATURE_KEY}`, "is not base64 DER of an ECDSA P-256 signature", "signature-invalid");
  return signature;
}

/** `sig-key-id`, at the top of the document in every dialect: which key the signature is of. */
export function optionalKeyId(document: Fields): string | undefined {
  const id = optionalText(document, KEY_ID_KEY, KEY_ID_KEY, MAX_KEY_ID_LENGTH);
  if (id !== undefined && !isKeyId(id)) throw fault(KEY_ID_KEY, 'is not letters, digits, ".", "_" or "-"');
  return id;
}

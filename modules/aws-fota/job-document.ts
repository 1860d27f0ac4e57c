import { parseUrl } from "../fota-download/index.js";
import { AFR_OTA_KEY, parseAfrOta } from "./dialects/afr-ota.js";
import { CODE_SIGNED_KEYS, parseCodeSigned } from "./dialects/code-signed.js";
import { type Fields, fault, isFields, member } from "./dialects/fields.js";
import { NORDIC_OPERATION, parseNordic } from "./dialects/nordic.js";
import { FotaError } from "./errors.js";
import type { UpdateDocument } from "./update-document.js";

/** What a job document turned out to be. */
export type DocumentOutcome =
  | { readonly kind: "update"; readonly update: UpdateDocument }
  /** Not for this library (design rule R13). `operation` is the document's, when it has one. */
  | { readonly kind: "foreign"; readonly operation: string | undefined }
  /** For this library, but not to be executed. */
  | { readonly kind: "invalid"; readonly error: FotaError };

/**
 * Members that only a firmware document has: with one of them and without `operation` it is a broken one, not somebody
 * else's.
 */
const NORDIC_KEYS: readonly string[] = Object.freeze(["fwversion", "location"]);

function parse(document: Fields, slot: number | undefined): UpdateDocument | undefined {
  if (member(document, AFR_OTA_KEY) !== undefined) return parseAfrOta(document);
  const operation = member(document, "operation");
  if (operation === NORDIC_OPERATION) return parseNordic(document, slot);
  if (operation !== undefined) {
    if (typeof operation !== "string") throw fault("operation", "is not a string");
    return undefined;
  }
  if (CODE_SIGNED_KEYS.every((key) => member(document, key) !== undefined)) return parseCodeSigned(document);
  if (NORDIC_KEYS.some((key) => member(document, key) !== undefined)) throw fault("operation", "is missing");
  return undefined;
}

/**
 * Reads a job document of any dialect. Never throws, whatever it is given.
 *
 * @param document as `JobExecution.jobDocument` delivers it
 * @param slot number of the slot that is to be written, see `parseNordic`
 */
export function parseJobDocument(document: unknown, slot?: number): DocumentOutcome {
  try {
    if (!isFields(document)) throw fault("document", "is not a JSON object");
    const update = parse(document, slot);
    if (update === undefined) {
      const operation = member(document, "operation");
      return { kind: "foreign", operation: typeof operation === "string" ? operation : undefined };
    }
    checkUrl(update.url);
    update.patches.forEach(({ url }) => {
      checkUrl(url);
    });
    return { kind: "update", update };
  } catch (error) {
    if (error instanceof FotaError) return { kind: "invalid", error };
    return { kind: "invalid", error: new FotaError("document-invalid", "cannot be read", { cause: error }) };
  }
}

function checkUrl(url: string): void {
  try {
    parseUrl(url);
  } catch (cause) {
    throw new FotaError("document-invalid", cause instanceof Error ? `URL: ${cause.message}` : "URL", { cause });
  }
}

import { invalidRequest, type OperationInput, optionalText } from "../../context/fields.js";
import { isDeeperThan } from "../../context/json.js";
import { MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH, MAX_DOCUMENT_SOURCE_LENGTH } from "../limits.js";
import type { JobsService } from "../service.js";

/** The text of a job's document, and where it was read, once and for all. */
export type GivenDocument = { readonly document: string; readonly documentSource: string | undefined };

/** `document` or `documentSource` of a request; undefined without either. @throws AwsError `InvalidRequest` */
export function givenDocument(service: JobsService, input: OperationInput): GivenDocument | undefined {
  const inline = optionalText(input, "document");
  const documentSource = optionalText(input, "documentSource", { maxLength: MAX_DOCUMENT_SOURCE_LENGTH });
  if (inline === undefined && documentSource === undefined) return undefined;
  if (inline !== undefined && documentSource !== undefined) {
    throw invalidRequest("document and documentSource exclude each other");
  }
  const document = inline ?? service.readS3Object(documentSource ?? "");
  if (document === undefined) throw invalidRequest("documentSource names no readable S3 object");
  checkDocument(document);
  return { document, documentSource };
}

/** @throws AwsError `InvalidRequest` */
export function checkDocument(document: string): void {
  if (Buffer.byteLength(document, "utf8") > MAX_DOCUMENT_BYTES) {
    throw invalidRequest(`the job document is longer than ${MAX_DOCUMENT_BYTES} bytes`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    throw invalidRequest("the job document is not JSON");
  }
  if (isDeeperThan(parsed, MAX_DOCUMENT_DEPTH)) {
    throw invalidRequest(`the job document is nested deeper than ${MAX_DOCUMENT_DEPTH} levels`);
  }
}

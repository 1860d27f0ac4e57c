import { invalidRequest } from "../context/fields.js";
import { MAX_SUBSTITUTIONS } from "./limits.js";
import type { JobRecord } from "./records.js";
import type { JobsService } from "./service.js";

const DEFAULT_EXPIRES_SECONDS = 3600; // CreateJob
/** What a placeholder holds ends where another begins: else each of many that never end would be read to the end. */
const PLACEHOLDERS = {
  v1: /\$\{aws:iot:s3-presigned-url:((?:(?!\$\{)[^}"])*)\}/g,
  v2: /\$\{aws:iot:s3-presigned-url-v2:((?:(?!\$\{)[^}"])*)\}/g,
  both: /\$\{aws:iot:s3-presigned-url(?:-v2)?:((?:(?!\$\{)[^}"])*)\}/g,
};

/**
 * The document as it is sent to a device: every placeholder replaced by a URL presigned now. Never stored, so each
 * delivery has a signature of its own. The text around the placeholders stays as the operator wrote it. [AWS IoT:
 * Presigned URLs]
 */
export function deliveredDocument(service: JobsService, job: JobRecord): string {
  const config = job.presignedUrlConfig;
  if (config === undefined) return job.document;
  const expires = config.expiresInSec ?? DEFAULT_EXPIRES_SECONDS;
  return job.document.replace(PLACEHOLDERS[service.options.placeholders], (_match, inJson: string) => {
    const url = service.presign(fromJsonString(inJson), expires);
    return JSON.stringify(url).slice(1, -1);
  });
}

/** Refuses a document whose placeholders cannot be replaced at delivery. */
export function checkPlaceholders(service: JobsService, document: string, hasRole: boolean): void {
  const found = [...document.matchAll(PLACEHOLDERS[service.options.placeholders])];
  if (found.length > MAX_SUBSTITUTIONS) {
    throw invalidRequest(`the job document has more than ${MAX_SUBSTITUTIONS} placeholders`);
  }
  if (found.length > 0 && !hasRole && service.options.placeholderWithoutRole === "reject") {
    throw invalidRequest("the job document has an S3 placeholder, but the job has no presignedUrlConfig with roleArn");
  }
  for (const [, inJson] of found) {
    const url = fromJsonString(inJson ?? "");
    if (!/^https:\/\/[^/]+\/.+/.test(url) || !URL.canParse(url)) {
      throw invalidRequest("an S3 placeholder does not hold an https URL of an object");
    }
  }
}

/** A placeholder stands inside a JSON string, where `/` may be written `\/`. */
function fromJsonString(text: string): string {
  const value: unknown = JSON.parse(`"${text}"`);
  return typeof value === "string" ? value : text;
}

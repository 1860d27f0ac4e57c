import { S3Error } from "./errors.js";
import type { ObjectRecord } from "./records.js";

type Headers = Readonly<Record<string, string>>;
type Header = "If-Match" | "If-None-Match" | "If-Unmodified-Since" | "If-Modified-Since";

/**
 * Whether a read is answered with the object ("go-on") or with 304, in the order of RFC 9110 13.2.2: an entity tag is
 * believed more than a date. A date that is none is no condition.
 *
 * @throws S3Error `PreconditionFailed`
 */
export function readCondition(headers: Headers, record: ObjectRecord): "go-on" | "not-modified" {
  const changed = Math.floor(record.lastModified / 1000) * 1000; // HTTP dates have seconds
  const match = headers["if-match"];
  const unmodified = dateOf(headers["if-unmodified-since"]);
  if (match !== undefined) {
    if (!matches(match, record.etag)) throw failed("If-Match");
  } else if (unmodified !== undefined && changed > unmodified) throw failed("If-Unmodified-Since");
  const noneMatch = headers["if-none-match"];
  if (noneMatch !== undefined) return matches(noneMatch, record.etag) ? "not-modified" : "go-on";
  const modified = dateOf(headers["if-modified-since"]);
  return modified !== undefined && changed <= modified ? "not-modified" : "go-on";
}

/**
 * Conditions of PutObject and CompleteMultipartUpload: `If-None-Match: *` writes only a new key, `If-Match` only over
 * the object with that entity tag. [S3: conditional writes]
 *
 * @throws S3Error `PreconditionFailed`; `NoSuchKey` where `If-Match` finds nothing; `NotImplemented` for other values
 */
export function checkWriteConditions(headers: Headers, key: string, record: ObjectRecord | undefined): void {
  const match = headers["if-match"];
  const noneMatch = headers["if-none-match"];
  if (noneMatch !== undefined && noneMatch.trim() !== "*") throw unsupported("If-None-Match");
  if (match !== undefined && (match.trim() === "*" || noneMatch !== undefined)) throw unsupported("If-Match");
  if (noneMatch !== undefined && record !== undefined) throw failed("If-None-Match");
  if (match === undefined) return;
  if (record === undefined) throw new S3Error("NoSuchKey", "The specified key does not exist.", { Key: key });
  if (!matches(match, record.etag)) throw failed("If-Match");
}

/**
 * `If-Match` of DeleteObject: an entity tag, or `*` for any object that is there. [S3: conditional deletes]
 *
 * @throws S3Error `PreconditionFailed`
 */
export function checkDeleteCondition(headers: Headers, record: ObjectRecord | undefined): void {
  const match = headers["if-match"];
  if (match !== undefined && (record === undefined || !matches(match, record.etag))) throw failed("If-Match");
}

function failed(condition: Header): S3Error {
  const message = "At least one of the pre-conditions you specified did not hold";
  return new S3Error("PreconditionFailed", message, { Condition: condition });
}

function unsupported(header: Header): S3Error {
  const message = "A header you provided implies functionality that is not implemented";
  return new S3Error("NotImplemented", message, { Header: header });
}

function dateOf(header: string | undefined): number | undefined {
  const at = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(at) ? undefined : at;
}

/** True when the header is `*` or lists the entity tag. */
function matches(header: string, etag: string): boolean {
  const bare = (text: string) => text.trim().replace(/^W\//, "").replaceAll('"', "");
  return header.split(",").some((item) => item.trim() === "*" || bare(item) === bare(etag));
}

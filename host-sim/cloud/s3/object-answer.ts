import { readCondition } from "./conditions.js";
import { S3Error } from "./errors.js";
import { ENCRYPTION } from "./object-settings.js";
import { partOf, type RangeAnswer, rangeOf } from "./range.js";
import type { ObjectRecord } from "./records.js";
import type { S3Call, S3Service } from "./service.js";
import { checksumHeaders } from "./upload-body.js";

/** Status, headers and extent of the answer to GET and HEAD of an object. */
export interface ObjectAnswer {
  readonly status: 200 | 206 | 304;
  readonly headers: Readonly<Record<string, string>>;
  readonly start: number;
  readonly end: number;
}

/** Parameters of GetObject and HeadObject that replace a header of the answer. */
const REPLACED = Object.freeze({
  "response-cache-control": "cache-control",
  "response-content-disposition": "content-disposition",
  "response-content-encoding": "content-encoding",
  "response-content-language": "content-language",
  "response-content-type": "content-type",
  "response-expires": "expires",
});

/** Decides on conditions, range and part. Errors: `PreconditionFailed`, `InvalidRange`, `InvalidPartNumber`. */
export function answerFor(s3: S3Service, call: S3Call, record: ObjectRecord): ObjectAnswer {
  const { headers } = call;
  const validators = { etag: record.etag, "last-modified": new Date(record.lastModified).toUTCString() };
  if (readCondition(headers, record) === "not-modified") {
    return { status: 304, headers: validators, start: 0, end: 0 };
  }
  const range = wantedRange(s3, call, record, validators["last-modified"]);
  if (range.kind === "unsatisfiable") {
    throw new S3Error(
      "InvalidRange",
      "The requested range is not satisfiable",
      { RangeRequested: headers.range ?? "", ActualObjectSize: String(record.size) },
      s3.switches.contentRangeOn416 ? { "content-range": `bytes */${record.size}` } : {},
    );
  }
  const { start, end } = range.kind === "part" ? range : { start: 0, end: record.size };
  const wantsChecksums = headers["x-amz-checksum-mode"]?.toUpperCase() === "ENABLED" && range.kind === "whole";
  return {
    status: range.kind === "part" ? 206 : 200,
    headers: {
      ...record.headers,
      ...replacedHeaders(call.query),
      ...validators,
      ...ENCRYPTION,
      "accept-ranges": "bytes",
      "content-length": String(end - start),
      ...(range.kind === "part" ? { "content-range": `bytes ${start}-${end - 1}/${record.size}` } : {}),
      ...(call.query.has("partNumber") && record.parts !== undefined
        ? { "x-amz-mp-parts-count": String(record.parts.length) }
        : {}),
      ...(wantsChecksums ? checksumHeaders(record.checksums) : {}),
    },
    start,
    end,
  };
}

function replacedHeaders(query: S3Call["query"]): Record<string, string> {
  const replaced: Record<string, string> = {};
  for (const [parameter, header] of Object.entries(REPLACED)) {
    const value = query.get(parameter);
    if (value === undefined) continue;
    // It becomes a line of the answer's head.
    if (!/^[\t\x20-\x7e]*$/.test(value)) throw new S3Error("InvalidArgument", `${parameter} is not valid`);
    replaced[header] = value;
  }
  return replaced;
}

function wantedRange(
  s3: S3Service,
  { headers, query }: S3Call,
  record: ObjectRecord,
  lastModified: string,
): RangeAnswer {
  const part = query.get("partNumber");
  if (part !== undefined) {
    if (headers.range === undefined) return partOf(part, record.parts ?? [record.size]);
    throw new S3Error("InvalidRequest", "Cannot specify both Range header and partNumber query parameter");
  }
  const condition = headers["if-range"];
  const current = condition === undefined || condition === record.etag || condition === lastModified;
  if (s3.switches.honourIfRange && !current) return { kind: "whole" };
  return rangeOf(headers.range, record.size);
}

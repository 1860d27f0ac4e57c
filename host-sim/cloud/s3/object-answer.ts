import { S3Error } from "./errors.js";
import { type RangeAnswer, rangeOf } from "./range.js";
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

/** Decides on conditions and range. Errors: `PreconditionFailed`, `InvalidRange`. */
export function answerFor(s3: S3Service, call: S3Call, record: ObjectRecord): ObjectAnswer {
  const { headers } = call;
  if (headers["if-match"] !== undefined && !matches(headers["if-match"], record.etag)) {
    const message = "At least one of the pre-conditions you specified did not hold";
    throw new S3Error("PreconditionFailed", message, { Condition: "If-Match" });
  }
  const validators = { etag: record.etag, "last-modified": new Date(record.lastModified).toUTCString() };
  if (headers["if-none-match"] !== undefined && matches(headers["if-none-match"], record.etag)) {
    return { status: 304, headers: validators, start: 0, end: 0 };
  }
  const range = wantedRange(s3, headers, record, validators["last-modified"]);
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
      ...validators,
      "accept-ranges": "bytes",
      "content-length": String(end - start),
      ...(range.kind === "part" ? { "content-range": `bytes ${start}-${end - 1}/${record.size}` } : {}),
      ...(wantsChecksums ? checksumHeaders(record.checksums) : {}),
    },
    start,
    end,
  };
}

function wantedRange(
  s3: S3Service,
  headers: S3Call["headers"],
  record: ObjectRecord,
  lastModified: string,
): RangeAnswer {
  const condition = headers["if-range"];
  const current = condition === undefined || condition === record.etag || condition === lastModified;
  if (s3.switches.honourIfRange && !current) return { kind: "whole" };
  return rangeOf(headers.range, record.size);
}

/** True when the header is `*` or lists the entity tag. */
function matches(header: string, etag: string): boolean {
  const bare = (text: string) => text.trim().replace(/^W\//, "").replaceAll('"', "");
  return header.split(",").some((item) => item.trim() === "*" || bare(item) === bare(etag));
}

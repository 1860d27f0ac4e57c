import { S3Error } from "./errors.js";
import { abortMultipartUpload } from "./operations/abort-multipart-upload.js";
import { completeMultipartUpload } from "./operations/complete-multipart-upload.js";
import { createBucket } from "./operations/create-bucket.js";
import { createMultipartUpload } from "./operations/create-multipart-upload.js";
import { deleteBucket } from "./operations/delete-bucket.js";
import { deleteObject } from "./operations/delete-object.js";
import { getBucketLocation } from "./operations/get-bucket-location.js";
import { getObject } from "./operations/get-object.js";
import { headBucket } from "./operations/head-bucket.js";
import { headObject } from "./operations/head-object.js";
import { listBuckets } from "./operations/list-buckets.js";
import { listObjectsV2 } from "./operations/list-objects-v2.js";
import { listParts } from "./operations/list-parts.js";
import { putObject } from "./operations/put-object.js";
import { uploadPart } from "./operations/upload-part.js";
import type { S3Call, S3Operation } from "./service.js";

interface Row {
  readonly method: string;
  readonly on: "service" | "bucket" | "object";
  /** Query parameter that tells this operation from others of the same method; with `=` its value, too. */
  readonly query?: string;
  readonly operation: S3Operation;
}

/** The first row that fits answers. */
const ROWS: readonly Row[] = Object.freeze([
  { method: "GET", on: "service", operation: listBuckets },
  { method: "PUT", on: "bucket", operation: createBucket },
  { method: "HEAD", on: "bucket", operation: headBucket },
  { method: "DELETE", on: "bucket", operation: deleteBucket },
  { method: "GET", on: "bucket", query: "location", operation: getBucketLocation },
  { method: "GET", on: "bucket", query: "list-type=2", operation: listObjectsV2 },
  { method: "POST", on: "object", query: "uploads", operation: createMultipartUpload },
  { method: "PUT", on: "object", query: "uploadId", operation: uploadPart },
  { method: "GET", on: "object", query: "uploadId", operation: listParts },
  { method: "POST", on: "object", query: "uploadId", operation: completeMultipartUpload },
  { method: "DELETE", on: "object", query: "uploadId", operation: abortMultipartUpload },
  { method: "GET", on: "object", operation: getObject },
  { method: "HEAD", on: "object", operation: headObject },
  { method: "PUT", on: "object", operation: putObject },
  { method: "DELETE", on: "object", operation: deleteObject },
] as const);

/**
 * Parameters that name other operations of S3; without this they would fall to GetObject or PutObject and do the wrong
 * thing.
 */
const OTHER_OPERATIONS =
  /^(?:accelerate|acl|analytics|attributes|cors|delete|encryption|intelligent-tiering|inventory|legal-hold|lifecycle|logging|metrics|notification|object-lock|ownershipControls|policy|policyStatus|publicAccessBlock|renameObject|replication|requestPayment|restore|retention|select|tagging|torrent|versioning|versions|website)$/;

/** Error: `NotImplemented` that names what is not emulated. */
export function operationFor(call: S3Call): S3Operation {
  const on = call.bucket === "" ? "service" : call.key === "" ? "bucket" : "object";
  const { method } = call.request;
  const other = [...call.query.keys()].find((name) => OTHER_OPERATIONS.test(name));
  const copy = call.headers["x-amz-copy-source"] === undefined ? undefined : "x-amz-copy-source";
  const row = ROWS.find(
    (candidate) => candidate.method === method && candidate.on === on && fits(candidate.query, call.query),
  );
  if (row === undefined || other !== undefined || copy !== undefined) {
    const detail = other ?? copy;
    const what = `${method} ${on}${detail === undefined ? "" : ` with ${detail}`}`;
    throw new S3Error("NotImplemented", `This operation (${what}) is not emulated by the local cloud.`);
  }
  return row.operation;
}

function fits(wanted: string | undefined, query: ReadonlyMap<string, string>): boolean {
  if (wanted === undefined) return true;
  const [name = "", value] = wanted.split("=");
  return value === undefined ? query.has(name) : query.get(name) === value;
}

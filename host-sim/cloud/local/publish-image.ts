import { randomBytes } from "node:crypto";
import type { Credentials } from "../sigv4/credentials.js";
import { presignUrl } from "../sigv4/sign.js";
import { uriEncode } from "../sigv4/signature.js";
import { expectOk, type Operator } from "./operator.js";

/** Bucket that images go to. */
export const IMAGE_BUCKET = "firmware";
/** Longest life of a presigned URL, for locations that nobody renews. */
const MAX_EXPIRES_SEC = 604_800;

export interface PublishOptions {
  readonly image: Uint8Array;
  /** `fwversion` of the job document. */
  readonly version: string;
  /** Things the job is for; at least one. */
  readonly thingNames: readonly string[];
  /** Default: made of the version and some random letters. */
  readonly jobId?: string;
  /** Further members of the job document. */
  readonly documentExtra?: Readonly<Record<string, unknown>>;
  /**
   * `url` (default): `location.url` holds a placeholder, and the device gets a fresh presigned URL with each description of its job.
   * `path`: `location` holds protocol, host and path with a query presigned now, good for a week.
   */
  readonly location?: "url" | "path";
  /** Further members of the CreateJob request, such as `timeoutConfig`. */
  readonly job?: Readonly<Record<string, unknown>>;
}

export interface Published {
  readonly jobId: string;
  readonly bucket: string;
  readonly key: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/**
 * Puts an image into the local bucket and creates the job that brings it to the things.
 * Errors: {@link OperatorError} with the service's answer, for example for a thing that does not exist.
 */
export async function publishImage(
  operator: Operator,
  context: { credentials: Credentials; account: string; now: number },
  options: PublishOptions,
): Promise<Published> {
  const bucket = IMAGE_BUCKET;
  const name = options.version.replace(/[^a-zA-Z0-9_-]/g, "-").slice(0, 40);
  const jobId = options.jobId ?? `fota-${name}-${randomBytes(4).toString("hex")}`;
  const key = `${jobId}/${name}.bin`;
  const created = await operator.send({ service: "s3", method: "PUT", target: `/${bucket}` });
  if (created.status !== 409) expectOk("CreateBucket", created);
  const path = `/${bucket}/${key.split("/").map(uriEncode).join("/")}`;
  const headers = { "content-type": "application/octet-stream" };
  expectOk(
    "PutObject",
    await operator.send({ service: "s3", method: "PUT", target: path, headers, body: options.image }),
  );

  const document = {
    operation: "app_fw_update",
    fwversion: options.version,
    size: options.image.length,
    location: locationOf(operator, context, path, options.location ?? "url"),
    ...options.documentExtra,
  };
  const arnPrefix = `arn:aws:iot:${operator.region}:${context.account}:thing/`;
  const body = JSON.stringify({
    targets: options.thingNames.map((thing) => arnPrefix + thing),
    document: JSON.stringify(document),
    presignedUrlConfig: { roleArn: `arn:aws:iam::${context.account}:role/presign`, expiresInSec: 3600 },
    ...options.job,
  });
  const target = `/jobs/${uriEncode(jobId)}`;
  expectOk(
    "CreateJob",
    await operator.send({ service: "iot", method: "PUT", target, headers: JSON_TYPE, body: Buffer.from(body) }),
  );
  return { jobId, bucket, key, document };
}

const JSON_TYPE = Object.freeze({ "content-type": "application/json" });

function locationOf(
  operator: Operator,
  { credentials, now }: { credentials: Credentials; now: number },
  path: string,
  form: "url" | "path",
): Record<string, string> {
  if (form === "url") {
    return { url: `\${aws:iot:s3-presigned-url:https://s3.${operator.region}.amazonaws.com${path}}` };
  }
  const signing = { credentials, region: operator.region, service: "s3", now, expiresInSec: MAX_EXPIRES_SEC };
  const url = new URL(presignUrl(`${operator.origin}${path}`, signing));
  return { protocol: url.protocol, host: url.host, path: `${url.pathname}${url.search}`.slice(1) };
}

import { randomBytes } from "node:crypto";
import { expectOk, type Operator } from "local-aws-iot";
import { arnOf } from "local-aws-iot/facts";
import { IMAGE_BUCKET, jobRequest, type UpdateJob, updateDocument } from "./job-request.js";
import { type PublishedPatch, patchEntry } from "./patches.js";

/** Longest life of a presigned URL, for locations that nobody renews. */
const MAX_EXPIRES_SEC = 604_800;

/** What is published, and to whom. */
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
   * `url` (default): `location.url` holds a placeholder, and the device gets a fresh presigned URL with each
   * description of its job. `path`: `location` holds protocol, host and path with a query presigned now, good for a
   * week.
   */
  readonly location?: "url" | "path";
  /** Further members of the CreateJob request, such as `timeoutConfig`. */
  readonly job?: Readonly<Record<string, unknown>>;
  /** Ways to the image that cost fewer bytes, in the order of preference. */
  readonly patches?: readonly PublishedPatch[];
}

/** What {@link publishImage} made. */
export interface Published {
  readonly jobId: string;
  readonly bucket: string;
  readonly key: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/**
 * Puts an image into the local bucket and creates the job that brings it to the things. `cloud` is a local AWS, or what
 * reaches one.
 * @throws OperatorError with the service's answer, for example for a thing that does not exist
 */
export async function publishImage(
  cloud: { readonly operator: Operator; readonly account: string },
  options: PublishOptions,
): Promise<Published> {
  const { operator, account } = cloud;
  const { region } = operator;
  const name = options.version.replace(/[^a-zA-Z0-9_-]/g, "-").slice(0, 40);
  const jobId = options.jobId ?? `fota-${name}-${randomBytes(4).toString("hex")}`;
  const key = `${encodeURIComponent(jobId)}/${name}.bin`;
  const path = `/${IMAGE_BUCKET}/${key}`;
  const patches = (options.patches ?? []).map((patch, index) => ({
    patch,
    key: `${encodeURIComponent(jobId)}/${name}-${index}.patch`,
  }));
  const created = await operator.send({ service: "s3", method: "PUT", target: `/${IMAGE_BUCKET}` });
  if (created.status !== 409) expectOk("CreateBucket", created);
  const headers = { "content-type": "application/octet-stream" };
  const put = async (target: string, body: Uint8Array) =>
    expectOk("PutObject", await operator.send({ service: "s3", method: "PUT", target, headers, body }));
  await put(path, options.image);
  for (const { patch, key } of patches) await put(`/${IMAGE_BUCKET}/${key}`, patch.bytes);
  const wanted: UpdateJob = {
    region,
    account,
    targets: options.thingNames.map((thing) => arnOf({ region, account }, "thing", thing)),
    version: options.version,
    size: options.image.length,
    key,
    ...(options.location === "path" ? { location: presignedLocation(operator, path) } : {}),
    document: {
      ...options.documentExtra,
      ...(patches.length === 0 ? {} : { patches: patches.map((each) => patchEntry(each.patch, region, each.key)) }),
    },
    ...(options.job === undefined ? {} : { job: options.job }),
  };
  const request = {
    service: "iot",
    method: "PUT",
    target: `/jobs/${encodeURIComponent(jobId)}`,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(jobRequest(wanted))),
  } as const;
  expectOk("CreateJob", await operator.send(request));
  return { jobId, bucket: IMAGE_BUCKET, key, document: updateDocument(wanted) };
}

function presignedLocation(operator: Operator, path: string): Record<string, string> {
  const url = new URL(operator.presign(path, MAX_EXPIRES_SEC));
  return { protocol: url.protocol, host: url.host, path: `${url.pathname}${url.search}`.slice(1) };
}

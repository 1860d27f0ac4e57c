/** The job that brings an image to things, as this project's firmware reads it (docs/job-document.md). */

/** Bucket that images go to. */
export const IMAGE_BUCKET = "firmware";
/** Seconds that a device has to begin its download after a description of its job: the service's longest. */
const URL_EXPIRES_SEC = 3600;

/** An update as its job is asked for. */
export interface UpdateJob {
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  /** ARNs of things and thing groups. */
  readonly targets: readonly string[];
  /** `fwversion` of the job document. */
  readonly version: string;
  /** Bytes of the image. */
  readonly size: number;
  /** Of the image in {@link IMAGE_BUCKET}. */
  readonly key: string;
  /**
   * Default: `url` with a placeholder, so that the device gets a fresh presigned URL with each description of its job.
   */
  readonly location?: Readonly<Record<string, string>>;
  /** Further members of the job document; they replace the usual ones of the same name. */
  readonly document?: Readonly<Record<string, unknown>>;
  /** Further members of the CreateJob request, such as `timeoutConfig`. */
  readonly job?: Readonly<Record<string, unknown>>;
  /** Seconds a presigned URL lives. Default 3600. */
  readonly urlExpiresInSec?: number;
}

/** What AWS IoT replaces by a fresh presigned URL at each delivery of the document. */
export function placeholderOf(region: string, key: string): string {
  return `\${aws:iot:s3-presigned-url:https://s3.${region}.amazonaws.com/${IMAGE_BUCKET}/${key}}`;
}

/** The members of a job document without signature. */
export function updateDocument(wanted: UpdateJob): Readonly<Record<string, unknown>> {
  const { region, version, size, key } = wanted;
  return {
    operation: "app_fw_update",
    fwversion: version,
    size,
    location: wanted.location ?? { url: placeholderOf(region, key) },
    ...wanted.document,
  };
}

/** The members of a CreateJob request, the job's id aside. */
export function jobRequest(wanted: UpdateJob): Readonly<Record<string, unknown>> {
  return {
    targets: wanted.targets,
    document: JSON.stringify(updateDocument(wanted)),
    presignedUrlConfig: {
      roleArn: `arn:aws:iam::${wanted.account}:role/presign`,
      expiresInSec: wanted.urlExpiresInSec ?? URL_EXPIRES_SEC,
    },
    ...wanted.job,
  };
}

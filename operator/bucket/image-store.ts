import { HeadObjectCommand, ListObjectsV2Command, NotFound } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { type Aws, awsSuffix } from "../aws/index.js";
import { FotaError } from "../failure/index.js";

/** Where the tool keeps its images in the bucket: `fota/PROJECT/VERSION/DIGEST.bin`. */
export const PREFIX = "fota/";
/** Digits of the digest in an object's name. */
const NAME_DIGITS = 16;
/** Parts of an upload: the least S3 takes, since images have a few megabytes. [S3: multipart upload limits] */
const PART_BYTES = 5 * 1024 * 1024;

/** What identifies a file in the bucket. */
export type Identity = { readonly project: string; readonly version: string; readonly sha256: string };

/** A file to put into the bucket, with what a later job has to know of it. */
export type NewImage = Identity & {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly chip: string;
  /** Base64 of DER; none for an image that nobody signed. */
  readonly signature?: string | undefined;
  readonly keyId?: string | undefined;
};

/** A file in the bucket. */
export type StoredImage = Identity & {
  readonly key: string;
  readonly size: number;
  readonly chip: string;
  readonly signature?: string | undefined;
  readonly keyId?: string | undefined;
};

/** The images in a bucket. */
export class ImageStore {
  readonly bucket: string;
  readonly #aws: Aws;

  constructor(aws: Aws, bucket: string) {
    this.#aws = aws;
    this.bucket = bucket;
  }

  /** Name of an image's object: the same image has the same one, and no image takes another's place. */
  keyOf({ project, version, sha256 }: Identity): string {
    return `${PREFIX}${segment(project)}/${segment(version)}/${sha256.slice(0, NAME_DIGITS)}.bin`;
  }

  /** Name of a patch's object; without a base it is the image compressed. */
  patchKeyOf(image: Identity, base?: Pick<Identity, "sha256">): string {
    const from = base === undefined ? "compressed" : `from-${base.sha256.slice(0, NAME_DIGITS)}`;
    return this.keyOf(image).replace(/bin$/, `${from}.patch`);
  }

  /** What AWS IoT puts a presigned URL for at each delivery of the document. [AWS IoT: presigned URLs] */
  async placeholder(key: string): Promise<string> {
    const region = await this.#aws.region();
    return `\${aws:iot:s3-presigned-url:https://s3.${region}.${awsSuffix(region)}/${this.bucket}/${key}}`;
  }

  /** `undefined` for an object that is not there. @throws FotaError "no-bucket" and others */
  async find(key: string): Promise<StoredImage | undefined> {
    const input = { Bucket: this.bucket, Key: key };
    const head = await this.#aws.askedFor("s3:GetObject", this.#arn(key), async (sending) => {
      try {
        return await this.#aws.s3.send(new HeadObjectCommand(input), sending);
      } catch (error) {
        // HEAD has no body to say that the bucket is missing.
        if (error instanceof NotFound) await this.#requireBucket(sending);
        throw error;
      }
    });
    if (head === undefined) return undefined;
    const { Metadata: kept = {}, ContentLength: size = 0 } = head;
    const signature = kept["fota-signature"];
    const keyId = kept["fota-key-id"];
    return {
      key,
      size,
      project: kept["fota-project"] ?? "",
      version: kept["fota-version"] ?? "",
      chip: kept["fota-chip"] ?? "",
      sha256: kept["fota-sha256"] ?? "",
      ...(signature === undefined ? {} : { signature }),
      ...(keyId === undefined ? {} : { keyId }),
    };
  }

  /**
   * Uploads a file, in parts where it is large. Ctrl-C takes back the parts that went.
   * @param progress hears how many bytes have gone
   */
  async put(file: NewImage, progress: (sent: number) => void): Promise<void> {
    const Metadata = {
      "fota-project": file.project,
      "fota-version": file.version,
      "fota-chip": file.chip,
      "fota-sha256": file.sha256,
      ...(file.signature === undefined ? {} : { "fota-signature": file.signature }),
      ...(file.keyId === undefined ? {} : { "fota-key-id": file.keyId }),
    };
    const ContentType = "application/octet-stream";
    const params = { Bucket: this.bucket, Key: file.key, Body: Buffer.from(file.bytes), ContentType, Metadata };
    await this.#aws.asked("s3:PutObject", this.#arn(file.key), async ({ abortSignal }) => {
      const upload = new Upload({ client: this.#aws.s3, params, partSize: PART_BYTES });
      upload.on("httpUploadProgress", ({ loaded = 0 }) => progress(loaded));
      const stop = () => void upload.abort();
      abortSignal?.addEventListener("abort", stop, { once: true });
      try {
        await upload.done();
      } finally {
        abortSignal?.removeEventListener("abort", stop);
      }
    });
  }

  /** Names of the images of a version, of one project or of all. One request for 1000 objects. */
  async keysOfVersion(version: string, project?: string): Promise<readonly string[]> {
    const bare = (text: string) => text.replace(/^v/, "");
    const prefix = project === undefined ? PREFIX : `${PREFIX}${segment(project)}/`;
    const keys = await this.#keys(prefix);
    return keys.filter((key) => {
      const [, , found = "", file = ""] = key.split("/");
      return bare(found) === bare(segment(version)) && file.endsWith(".bin");
    });
  }

  async #keys(prefix: string): Promise<readonly string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const input = {
        Bucket: this.bucket,
        Prefix: prefix,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      };
      const page = await this.#aws.asked("s3:ListBucket", `arn:aws:s3:::${this.bucket}`, (sending) =>
        this.#aws.s3.send(new ListObjectsV2Command(input), sending),
      );
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
    return keys;
  }

  async #requireBucket(sending: { readonly abortSignal?: AbortSignal }): Promise<void> {
    try {
      await this.#aws.s3.send(new ListObjectsV2Command({ Bucket: this.bucket, MaxKeys: 1 }), sending);
    } catch (error) {
      if (error instanceof Error && error.name === "NoSuchBucket")
        throw new FotaError("no-bucket", `there is no bucket ${this.bucket}`, {
          mend: [`fota doctor --bucket ${this.bucket} --mend makes it`],
          cause: error,
        });
      // Whoever may not list learns no more than that the object is not there.
    }
  }

  #arn(key: string): string {
    return `arn:aws:s3:::${this.bucket}/${key}`;
  }
}

/** A part of an object's name that needs no escaping anywhere: in a URL, in a placeholder, in a shell. */
function segment(text: string): string {
  return text.replace(/[^a-zA-Z0-9._-]/g, "_") || "_";
}

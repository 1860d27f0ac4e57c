import type { CloudContext, Stored } from "../context/context.js";
import { S3Error } from "./errors.js";

/** What the store keeps of an object; its bytes are a content. */
export interface ObjectRecord {
  readonly contentId: string;
  readonly size: number;
  /** Quoted. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
  /** Stored headers echoed by GET: content-type, content-encoding, x-amz-meta-... */
  readonly headers: Readonly<Record<string, string>>;
  /** Checksums given at upload, by lower-case name. */
  readonly checksums: Readonly<Record<string, string>>;
  /** Bytes of each part of an object that came in parts. */
  readonly parts?: readonly number[];
}

export interface PartRecord {
  readonly contentId: string;
  readonly size: number;
  readonly md5: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
}

/** Buckets, objects and unfinished uploads over the store. */
export class S3Records {
  readonly #context: CloudContext;
  constructor(context: CloudContext) {
    this.#context = context;
  }

  bucketCreatedAt(bucket: string): number | undefined {
    const value = this.#context.store.get(["s3", "bucket", bucket]);
    return typeof value === "number" ? value : undefined;
  }
  requireBucket(bucket: string): void {
    if (this.bucketCreatedAt(bucket) === undefined) {
      throw new S3Error("NoSuchBucket", "The specified bucket does not exist", { BucketName: bucket });
    }
  }
  putBucket(bucket: string): void {
    this.#context.store.put(["s3", "bucket", bucket], this.#context.clock.now());
  }
  removeBucket(bucket: string): void {
    this.#context.store.remove(["s3", "bucket", bucket]);
  }
  *buckets(): Iterable<{ name: string; createdAt: number }> {
    for (const { key, value } of this.#context.store.list(["s3", "bucket"])) {
      if (typeof value === "number") yield { name: key[2] ?? "", createdAt: value };
    }
  }

  object(bucket: string, key: string): ObjectRecord | undefined {
    return readObject(this.#context.store.get(["s3", "object", bucket, key]));
  }
  /** Errors: `NoSuchBucket`, `NoSuchKey`. */
  existingObject(bucket: string, key: string): ObjectRecord {
    this.requireBucket(bucket);
    const record = this.object(bucket, key);
    if (record === undefined) throw new S3Error("NoSuchKey", "The specified key does not exist.", { Key: key });
    return record;
  }
  putObject(bucket: string, key: string, record: ObjectRecord): void {
    this.#context.store.put(["s3", "object", bucket, key], { ...record });
  }
  removeObject(bucket: string, key: string): void {
    this.#context.store.remove(["s3", "object", bucket, key]);
  }
  /** In the order S3 lists: by the UTF-8 bytes of the key. */
  objects(bucket: string): { key: string; record: ObjectRecord }[] {
    const found: { key: string; record: ObjectRecord }[] = [];
    for (const { key, value } of this.#context.store.list(["s3", "object", bucket])) {
      const record = readObject(value);
      if (record !== undefined) found.push({ key: key[3] ?? "", record });
    }
    return found.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  putUpload(bucket: string, key: string, uploadId: string, headers: Readonly<Record<string, string>>): void {
    this.#context.store.put(["s3", "upload", uploadId], { bucket, key, headers });
  }
  /** The stored headers of an upload. Error: `NoSuchUpload`. */
  existingUpload(bucket: string, key: string, uploadId: string): Record<string, string> {
    const value = members(this.#context.store.get(["s3", "upload", uploadId]));
    if (value?.bucket !== bucket || value.key !== key) {
      throw new S3Error("NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid.", {
        UploadId: uploadId,
      });
    }
    return texts(value.headers);
  }
  putPart(uploadId: string, number: number, part: PartRecord): void {
    this.#context.store.put(["s3", "part", uploadId, partKey(number)], { ...part });
  }
  part(uploadId: string, number: number): PartRecord | undefined {
    return readPart(this.#context.store.get(["s3", "part", uploadId, partKey(number)]));
  }
  parts(uploadId: string): { number: number; part: PartRecord }[] {
    const found: { number: number; part: PartRecord }[] = [];
    for (const { key, value } of this.#context.store.list(["s3", "part", uploadId])) {
      const part = readPart(value);
      if (part !== undefined) found.push({ number: Number(key[3]), part });
    }
    return found;
  }
  removeUpload(uploadId: string): void {
    for (const { number } of this.parts(uploadId))
      this.#context.store.remove(["s3", "part", uploadId, partKey(number)]);
    this.#context.store.remove(["s3", "upload", uploadId]);
  }

  /** Ids of all contents that an object or a part names. */
  contentIds(): Set<string> {
    const ids = new Set<string>();
    for (const kind of ["object", "part"]) {
      for (const { value } of this.#context.store.list(["s3", kind])) {
        const id = members(value)?.contentId;
        if (typeof id === "string") ids.add(id);
      }
    }
    return ids;
  }
}

function partKey(number: number): string {
  return String(number).padStart(5, "0");
}

function members(value: Stored | undefined): { readonly [key: string]: Stored | undefined } | undefined {
  return typeof value === "object" && value !== null && !isList(value) ? value : undefined;
}
function isList(value: object): value is readonly Stored[] {
  return Array.isArray(value);
}
function texts(value: Stored | undefined): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [key, item] of Object.entries(members(value) ?? {})) if (typeof item === "string") result[key] = item;
  return result;
}

function readObject(value: Stored | undefined): ObjectRecord | undefined {
  const m = members(value);
  if (m === undefined || typeof m.contentId !== "string" || typeof m.size !== "number") return undefined;
  return {
    contentId: m.contentId,
    size: m.size,
    etag: typeof m.etag === "string" ? m.etag : '""',
    lastModified: typeof m.lastModified === "number" ? m.lastModified : 0,
    headers: texts(m.headers),
    checksums: texts(m.checksums),
    ...(isParts(m.parts) ? { parts: m.parts } : {}),
  };
}

function readPart(value: Stored | undefined): PartRecord | undefined {
  const m = members(value);
  if (m === undefined || typeof m.contentId !== "string" || typeof m.size !== "number" || typeof m.md5 !== "string")
    return undefined;
  const lastModified = typeof m.lastModified === "number" ? m.lastModified : 0;
  return { contentId: m.contentId, size: m.size, md5: m.md5, lastModified };
}

function isParts(value: Stored | undefined): value is readonly number[] {
  return typeof value === "object" && value !== null && isList(value) && value.every((n) => typeof n === "number");
}

import { createHash } from "node:crypto";
import { XMLNS, xmlAnswer } from "../answers.js";
import { S3Error, xmlElements } from "../errors.js";
import type { PartRecord } from "../records.js";
import type { S3Operation } from "../service.js";

const MIN_PART_BYTES = 5 * 1024 * 1024; // S3, all parts but the last

/** [S3: CompleteMultipartUpload] The ETag is the MD5 of the parts' MD5s with the number of parts. */
export const completeMultipartUpload: S3Operation = ({ records, contents, context }, { bucket, key, query, body }) => {
  const uploadId = query.get("uploadId") ?? "";
  const headers = records.existingUpload(bucket, key, uploadId);
  const parts = wantedParts(Buffer.from(body).toString("utf8"), (number) => records.part(uploadId, number));
  if (parts.slice(0, -1).some((part) => part.size < MIN_PART_BYTES)) {
    throw new S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.");
  }
  const pieces = parts.map((part) => {
    const source = contents.open(part.contentId);
    const bytes = source.read(0, part.size);
    source.close();
    return bytes;
  });
  const digest = createHash("md5");
  for (const part of parts) digest.update(Buffer.from(part.md5, "hex"));
  const etag = `"${digest.digest("hex")}-${parts.length}"`;
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const contentId = contents.write(pieces);
  const leftovers = [...records.parts(uploadId).map(({ part }) => part.contentId)];
  const before = records.object(bucket, key);
  context.store.transaction(() => {
    records.putObject(bucket, key, {
      contentId,
      size,
      etag,
      lastModified: context.clock.now(),
      headers,
      checksums: {},
    });
    records.removeUpload(uploadId);
  });
  for (const id of leftovers) contents.remove(id);
  if (before !== undefined) contents.remove(before.contentId);
  const elements = xmlElements({ Location: `/${bucket}/${key}`, Bucket: bucket, Key: key, ETag: etag });
  return xmlAnswer(`<CompleteMultipartUploadResult ${XMLNS}>${elements}</CompleteMultipartUploadResult>`);
};

function wantedParts(xml: string, find: (number: number) => PartRecord | undefined): PartRecord[] {
  const parts: PartRecord[] = [];
  let previous = 0;
  for (const [, element = ""] of xml.matchAll(/<Part>([\s\S]*?)<\/Part>/g)) {
    const number = Number(/<PartNumber>(\d{1,5})<\/PartNumber>/.exec(element)?.[1]);
    const etag = /<ETag>([^<]*)<\/ETag>/.exec(element)?.[1]?.replace(/&quot;|&#34;|"/g, "");
    const part = find(number);
    if (part === undefined || part.md5 !== etag) {
      throw new S3Error("InvalidPart", "One or more of the specified parts could not be found.", {
        PartNumber: String(number),
      });
    }
    if (number <= previous) throw new S3Error("InvalidPartOrder", "The list of parts was not in ascending order.");
    previous = number;
    parts.push(part);
  }
  if (parts.length === 0) throw new S3Error("MalformedXML", "The XML you provided was not well-formed.");
  return parts;
}

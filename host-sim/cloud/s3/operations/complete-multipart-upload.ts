import { createHash } from "node:crypto";
import { XMLNS, xmlAnswer } from "../answers.js";
import { checkWriteConditions } from "../conditions.js";
import type { ContentStore } from "../contents.js";
import { S3Error, xmlElements } from "../errors.js";
import { ENCRYPTION } from "../object-settings.js";
import type { PartRecord } from "../records.js";
import type { S3Operation } from "../service.js";

const MIN_PART_BYTES = 5 * 1024 * 1024; // S3, all parts but the last
const MAX_XML_BYTES = 4 * 1024 * 1024; // 10,000 parts with their checksums are about half of it

/** [S3: CompleteMultipartUpload] The ETag is the MD5 of the parts' MD5s with the number of parts. */
export const completeMultipartUpload: S3Operation = ({ records, contents, context }, call) => {
  const { bucket, key, query, body } = call;
  const uploadId = query.get("uploadId") ?? "";
  const headers = records.existingUpload(bucket, key, uploadId);
  const before = records.object(bucket, key);
  checkWriteConditions(call.headers, key, before);
  if (body.length > MAX_XML_BYTES) throw malformed();
  const parts = wantedParts(Buffer.from(body).toString("utf8"), (number) => records.part(uploadId, number));
  if (parts.slice(0, -1).some((part) => part.size < MIN_PART_BYTES)) {
    throw new S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.");
  }
  const digest = createHash("md5");
  for (const part of parts) digest.update(Buffer.from(part.md5, "hex"));
  const etag = `"${digest.digest("hex")}-${parts.length}"`;
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const contentId = contents.write(piecesOf(parts, contents));
  const leftovers = [...records.parts(uploadId).map(({ part }) => part.contentId)];
  context.store.transaction(() => {
    records.putObject(bucket, key, {
      contentId,
      size,
      etag,
      lastModified: context.clock.now(),
      headers,
      checksums: {},
      parts: parts.map((part) => part.size),
    });
    records.removeUpload(uploadId);
  });
  for (const id of leftovers) contents.remove(id);
  if (before !== undefined) contents.remove(before.contentId);
  const elements = xmlElements({ Location: `/${bucket}/${key}`, Bucket: bucket, Key: key, ETag: etag });
  return xmlAnswer(`<CompleteMultipartUploadResult ${XMLNS}>${elements}</CompleteMultipartUploadResult>`, ENCRYPTION);
};

/** The bytes of the parts, one part at a time: together they may be more than fits in memory. */
function* piecesOf(parts: readonly PartRecord[], contents: ContentStore): Iterable<Uint8Array> {
  for (const part of parts) {
    const source = contents.open(part.contentId);
    try {
      yield source.read(0, part.size);
    } finally {
      source.close();
    }
  }
}

/** What stands between `<Part>` and `</Part>`, each text once; what is not closed is nothing. */
function* partElements(xml: string): Iterable<string> {
  for (let at = xml.indexOf("<Part>"); at >= 0; ) {
    const end = xml.indexOf("</Part>", at);
    if (end < 0) return;
    yield xml.slice(at + "<Part>".length, end);
    at = xml.indexOf("<Part>", end);
  }
}

function wantedParts(xml: string, find: (number: number) => PartRecord | undefined): PartRecord[] {
  const parts: PartRecord[] = [];
  let previous = 0;
  for (const element of partElements(xml)) {
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
  if (parts.length === 0) throw malformed();
  return parts;
}

function malformed(): S3Error {
  return new S3Error("MalformedXML", "The XML you provided was not well-formed.");
}

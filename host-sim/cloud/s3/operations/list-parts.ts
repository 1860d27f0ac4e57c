import { isoTime, XMLNS, xmlAnswer } from "../answers.js";
import { xmlElements } from "../errors.js";
import { pageSize } from "../page-token.js";
import type { S3Operation } from "../service.js";

const MAX_PARTS = 1000;

/** [S3: ListParts] `max-parts`, `part-number-marker`. */
export const listParts: S3Operation = ({ records }, { bucket, key, query }) => {
  const uploadId = query.get("uploadId") ?? "";
  records.existingUpload(bucket, key, uploadId);
  const maxParts = pageSize(query.get("max-parts"), "max-parts", MAX_PARTS);
  const marker = pageSize(query.get("part-number-marker") ?? "0", "part-number-marker", 0x7fffffff);
  const behind = records.parts(uploadId).filter(({ number }) => number > marker);
  const page = behind.slice(0, maxParts);
  const truncated = maxParts > 0 && page.length < behind.length;
  const parts = page
    .map(({ number, part: { md5, size, lastModified } }) => {
      const elements = { PartNumber: number, LastModified: isoTime(lastModified), ETag: `"${md5}"`, Size: size };
      return `<Part>${xmlElements(elements)}</Part>`;
    })
    .join("");
  const head = xmlElements({
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    StorageClass: "STANDARD",
    PartNumberMarker: marker,
    NextPartNumberMarker: truncated ? page.at(-1)?.number : undefined,
    MaxParts: maxParts,
    IsTruncated: String(truncated),
  });
  return xmlAnswer(`<ListPartsResult ${XMLNS}>${head}${parts}</ListPartsResult>`);
};

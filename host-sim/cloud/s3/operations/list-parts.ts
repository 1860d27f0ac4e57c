import { XMLNS, xmlAnswer } from "../answers.js";
import { xmlElements } from "../errors.js";
import type { S3Operation } from "../service.js";

/** [S3: ListParts] All parts in one answer. */
export const listParts: S3Operation = ({ records }, { bucket, key, query }) => {
  const uploadId = query.get("uploadId") ?? "";
  records.existingUpload(bucket, key, uploadId);
  const parts = records
    .parts(uploadId)
    .map(
      ({ number, part }) =>
        `<Part>${xmlElements({ PartNumber: number, ETag: `"${part.md5}"`, Size: part.size })}</Part>`,
    )
    .join("");
  const head = xmlElements({ Bucket: bucket, Key: key, UploadId: uploadId, IsTruncated: "false" });
  return xmlAnswer(`<ListPartsResult ${XMLNS}>${head}${parts}</ListPartsResult>`);
};

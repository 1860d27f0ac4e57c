import { emptyAnswer } from "../answers.js";
import { S3Error } from "../errors.js";
import { ENCRYPTION } from "../object-settings.js";
import type { S3Operation } from "../service.js";
import { checkedBody, checksumHeaders } from "../upload-body.js";

/** [S3: UploadPart] A part sent again replaces the earlier one. */
export const uploadPart: S3Operation = ({ records, contents, context }, call) => {
  const { bucket, key, query, body } = call;
  const uploadId = query.get("uploadId") ?? "";
  const number = Number(query.get("partNumber"));
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    throw new S3Error("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
  }
  records.existingUpload(bucket, key, uploadId);
  const { md5, checksums } = checkedBody(call);
  const before = records.part(uploadId, number);
  records.putPart(uploadId, number, {
    contentId: contents.write([body]),
    size: body.length,
    md5,
    lastModified: context.clock.now(),
  });
  if (before !== undefined) contents.remove(before.contentId);
  return emptyAnswer(200, { etag: `"${md5}"`, ...ENCRYPTION, ...checksumHeaders(checksums) });
};

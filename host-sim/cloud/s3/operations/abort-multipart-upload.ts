import { emptyAnswer } from "../answers.js";
import type { S3Operation } from "../service.js";

/** [S3: AbortMultipartUpload] */
export const abortMultipartUpload: S3Operation = ({ records, contents, context }, { bucket, key, query }) => {
  const uploadId = query.get("uploadId") ?? "";
  records.existingUpload(bucket, key, uploadId);
  const ids = records.parts(uploadId).map(({ part }) => part.contentId);
  context.store.transaction(() => records.removeUpload(uploadId));
  for (const id of ids) contents.remove(id);
  return emptyAnswer(204);
};

import { emptyAnswer } from "../answers.js";
import type { S3Operation } from "../service.js";

/** [S3: DeleteObject] A key that is not there counts as deleted. */
export const deleteObject: S3Operation = ({ records, contents }, { bucket, key }) => {
  records.requireBucket(bucket);
  const record = records.object(bucket, key);
  if (record !== undefined) {
    records.removeObject(bucket, key);
    contents.remove(record.contentId);
  }
  return emptyAnswer(204);
};

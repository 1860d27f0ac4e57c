import { emptyAnswer } from "../answers.js";
import { checkDeleteCondition } from "../conditions.js";
import type { S3Operation } from "../service.js";

/** [S3: DeleteObject] Without a condition a key that is not there counts as deleted. */
export const deleteObject: S3Operation = ({ records, contents }, { bucket, key, headers }) => {
  records.requireBucket(bucket);
  const record = records.object(bucket, key);
  checkDeleteCondition(headers, record);
  if (record !== undefined) {
    records.removeObject(bucket, key);
    contents.remove(record.contentId);
  }
  return emptyAnswer(204);
};

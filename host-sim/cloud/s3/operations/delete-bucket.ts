import { emptyAnswer } from "../answers.js";
import { S3Error } from "../errors.js";
import type { S3Operation } from "../service.js";

/** [S3: DeleteBucket] */
export const deleteBucket: S3Operation = ({ records }, { bucket }) => {
  records.requireBucket(bucket);
  if (records.objects(bucket).length > 0) {
    throw new S3Error("BucketNotEmpty", "The bucket you tried to delete is not empty", { BucketName: bucket });
  }
  records.removeBucket(bucket);
  return emptyAnswer(204);
};

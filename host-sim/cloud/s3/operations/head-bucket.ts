import { emptyAnswer } from "../answers.js";
import type { S3Operation } from "../service.js";

/** [S3: HeadBucket] */
export const headBucket: S3Operation = ({ records, context }, { bucket }) => {
  records.requireBucket(bucket);
  return emptyAnswer(200, { "x-amz-bucket-region": context.region, "content-type": "application/xml" });
};

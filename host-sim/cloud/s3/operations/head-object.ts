import { emptyAnswer } from "../answers.js";
import { answerFor } from "../object-answer.js";
import type { S3Operation } from "../service.js";

/** [S3: HeadObject] */
export const headObject: S3Operation = (s3, call) => {
  const { status, headers } = answerFor(s3, call, s3.records.existingObject(call.bucket, call.key));
  return emptyAnswer(status, headers);
};

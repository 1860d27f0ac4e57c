import { partSource, textSource } from "../../message/message.js";
import { answerFor } from "../object-answer.js";
import type { S3Operation } from "../service.js";

/** [S3: GetObject] One range of bytes, If-Match, If-None-Match and, by switch, If-Range. */
export const getObject: S3Operation = (s3, call) => {
  const record = s3.records.existingObject(call.bucket, call.key);
  const { status, headers, start, end } = answerFor(s3, call, record);
  const body = status === 304 ? textSource("") : partSource(s3.contents.open(record.contentId), start, end);
  return { status, headers, body };
};

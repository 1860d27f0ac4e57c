import { XMLNS, xmlAnswer } from "../answers.js";
import { xmlElements } from "../errors.js";
import { ENCRYPTION } from "../object-settings.js";
import type { S3Operation } from "../service.js";
import { checkKey, storedHeaders } from "../upload-body.js";

/** [S3: CreateMultipartUpload] */
export const createMultipartUpload: S3Operation = ({ records, context }, { bucket, key, headers }) => {
  records.requireBucket(bucket);
  checkKey(key);
  const uploadId = Buffer.from(context.random(24)).toString("hex");
  records.putUpload(bucket, key, uploadId, storedHeaders(headers));
  const elements = xmlElements({ Bucket: bucket, Key: key, UploadId: uploadId });
  return xmlAnswer(`<InitiateMultipartUploadResult ${XMLNS}>${elements}</InitiateMultipartUploadResult>`, ENCRYPTION);
};

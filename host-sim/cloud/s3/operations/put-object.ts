import { emptyAnswer } from "../answers.js";
import { checkWriteConditions } from "../conditions.js";
import { ENCRYPTION } from "../object-settings.js";
import type { S3Operation } from "../service.js";
import { checkedBody, checkKey, checksumHeaders, storedHeaders } from "../upload-body.js";

/** [S3: PutObject] */
export const putObject: S3Operation = ({ records, contents, context }, call) => {
  const { bucket, key, body, headers } = call;
  records.requireBucket(bucket);
  checkKey(key);
  const { md5, checksums } = checkedBody(call);
  const before = records.object(bucket, key);
  checkWriteConditions(headers, key, before);
  const etag = `"${md5}"`;
  const contentId = contents.write([body]);
  const record = {
    contentId,
    size: body.length,
    etag,
    lastModified: context.clock.now(),
    headers: storedHeaders(headers),
    checksums,
  };
  records.putObject(bucket, key, record);
  if (before !== undefined) contents.remove(before.contentId);
  return emptyAnswer(200, { etag, ...ENCRYPTION, ...checksumHeaders(checksums) });
};

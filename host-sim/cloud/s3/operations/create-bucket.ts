import { emptyAnswer } from "../answers.js";
import { S3Error } from "../errors.js";
import type { S3Operation } from "../service.js";

const NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/; // S3: 3...63 characters

/** [S3: CreateBucket] Creating one's own bucket again succeeds in us-east-1 and is an error elsewhere, as on AWS. */
export const createBucket: S3Operation = ({ records, context }, { bucket }) => {
  if (!NAME.test(bucket) || bucket.includes("..") || /^\d+\.\d+\.\d+\.\d+$/.test(bucket)) {
    throw new S3Error("InvalidBucketName", "The specified bucket is not valid.", { BucketName: bucket });
  }
  if (records.bucketCreatedAt(bucket) === undefined) records.putBucket(bucket);
  else if (context.region !== "us-east-1") {
    const message = "Your previous request to create the named bucket succeeded and you already own it.";
    throw new S3Error("BucketAlreadyOwnedByYou", message, { BucketName: bucket });
  }
  return emptyAnswer(200, { location: `/${bucket}` });
};

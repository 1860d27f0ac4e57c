import { emptyAnswer } from "../answers.js";
import { S3Error } from "../errors.js";
import type { S3Operation } from "../service.js";

const NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/; // S3: 3...63 characters

/**
 * [S3: CreateBucket] The constraint in the body has to be the region that is asked; only us-east-1 takes none. Creating
 * one's own bucket again succeeds in us-east-1 and is an error elsewhere, as on AWS.
 */
export const createBucket: S3Operation = ({ records, context }, { bucket, body }) => {
  if (!NAME.test(bucket) || bucket.includes("..") || /^\d+\.\d+\.\d+\.\d+$/.test(bucket)) {
    throw new S3Error("InvalidBucketName", "The specified bucket is not valid.", { BucketName: bucket });
  }
  checkLocation(context.region, body);
  if (records.bucketCreatedAt(bucket) === undefined) records.putBucket(bucket);
  else if (context.region !== "us-east-1") {
    const message = "Your previous request to create the named bucket succeeded and you already own it.";
    throw new S3Error("BucketAlreadyOwnedByYou", message, { BucketName: bucket });
  }
  return emptyAnswer(200, { location: `/${bucket}` });
};

const MAX_XML_BYTES = 16_384;

function checkLocation(region: string, body: Uint8Array): void {
  const xml = body.length > MAX_XML_BYTES ? "<" : Buffer.from(body).toString("utf8");
  if (xml.trim() !== "" && !/<CreateBucketConfiguration[\s/>]/.test(xml)) {
    throw new S3Error("MalformedXML", "The XML you provided was not well-formed.");
  }
  const wanted = /<LocationConstraint>([^<]*)<\/LocationConstraint>/.exec(xml)?.[1]?.trim() ?? "";
  if (wanted === "us-east-1") {
    const message = "The specified location-constraint is not valid";
    throw new S3Error("InvalidLocationConstraint", message, { LocationConstraint: wanted });
  }
  if (wanted === (region === "us-east-1" ? "" : region)) return;
  const name = wanted === "" ? "unspecified" : wanted;
  throw new S3Error(
    "IllegalLocationConstraintException",
    `The ${name} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

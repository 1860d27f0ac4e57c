import { XMLNS, xmlAnswer } from "../answers.js";
import { escapeXml } from "../errors.js";
import type { S3Operation } from "../service.js";

/** [S3: GetBucketLocation] Empty for us-east-1, as on AWS. */
export const getBucketLocation: S3Operation = ({ records, context }, { bucket }) => {
  records.requireBucket(bucket);
  const region = context.region === "us-east-1" ? "" : escapeXml(context.region);
  return xmlAnswer(`<LocationConstraint ${XMLNS}>${region}</LocationConstraint>`);
};

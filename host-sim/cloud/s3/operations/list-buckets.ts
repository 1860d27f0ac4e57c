import { isoTime, XMLNS, xmlAnswer } from "../answers.js";
import { xmlElements } from "../errors.js";
import type { S3Operation } from "../service.js";

/** [S3: ListBuckets] */
export const listBuckets: S3Operation = ({ records, context }) => {
  const buckets = [...records.buckets()]
    .map(({ name, createdAt }) => `<Bucket>${xmlElements({ Name: name, CreationDate: isoTime(createdAt) })}</Bucket>`)
    .join("");
  const owner = `<Owner>${xmlElements({ ID: context.account, DisplayName: "local" })}</Owner>`;
  return xmlAnswer(`<ListAllMyBucketsResult ${XMLNS}>${owner}<Buckets>${buckets}</Buckets></ListAllMyBucketsResult>`);
};

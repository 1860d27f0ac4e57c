import { isoTime, XMLNS, xmlAnswer } from "../answers.js";
import { xmlElements } from "../errors.js";
import { keyOfToken, pageSize, pageToken } from "../page-token.js";
import type { S3Operation } from "../service.js";

const MAX_BUCKETS = 10_000;

/** [S3: ListBuckets] `prefix`, `max-buckets`, `continuation-token`, `bucket-region`. */
export const listBuckets: S3Operation = ({ records, context }, { query }) => {
  const prefix = query.get("prefix") ?? "";
  const region = query.get("bucket-region") ?? context.region;
  const after = keyOfToken(query.get("continuation-token")) ?? "";
  const size = pageSize(query.get("max-buckets"), "max-buckets", MAX_BUCKETS, 1);
  const wanted = [...records.buckets()].filter(
    ({ name }) => region === context.region && name.startsWith(prefix) && name > after,
  );
  const page = wanted.slice(0, size);
  const last = page.length < wanted.length ? page.at(-1)?.name : undefined;
  const next = xmlElements({
    ContinuationToken: last === undefined ? undefined : pageToken(last),
    Prefix: query.get("prefix"),
  });
  const buckets = page
    .map(({ name, createdAt }) => `<Bucket>${xmlElements({ Name: name, CreationDate: isoTime(createdAt) })}</Bucket>`)
    .join("");
  const owner = `<Owner>${xmlElements({ ID: context.account, DisplayName: "local" })}</Owner>`;
  return xmlAnswer(
    `<ListAllMyBucketsResult ${XMLNS}>${owner}<Buckets>${buckets}</Buckets>${next}</ListAllMyBucketsResult>`,
  );
};

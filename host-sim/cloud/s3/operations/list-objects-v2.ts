import { uriEncode } from "../../sigv4/signature.js";
import { isoTime, XMLNS, xmlAnswer } from "../answers.js";
import { xmlElements } from "../errors.js";
import { keyOfToken, pageSize, pageToken } from "../page-token.js";
import type { S3Operation } from "../service.js";

const MAX_KEYS = 1000;

/** [S3: ListObjectsV2] prefix, delimiter, start-after, continuation-token, max-keys, encoding-type. */
export const listObjectsV2: S3Operation = ({ records }, { bucket, query }) => {
  records.requireBucket(bucket);
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const token = query.get("continuation-token");
  const after = keyOfToken(token) ?? query.get("start-after") ?? "";
  const maxKeys = pageSize(query.get("max-keys"), "max-keys", MAX_KEYS);
  const encode =
    query.get("encoding-type") === "url"
      ? (text: string) => uriEncode(text).replaceAll("%2F", "/")
      : (text: string) => text;

  const contents: string[] = [];
  const prefixes: string[] = [];
  let last = "";
  let truncated = false;
  for (const { key, record } of records.objects(bucket)) {
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = cut < 0 ? key : key.slice(0, cut + delimiter.length);
    if (Buffer.compare(Buffer.from(entry), Buffer.from(after)) <= 0 || (cut >= 0 && entry === last)) continue;
    if (contents.length + prefixes.length >= maxKeys) {
      truncated = maxKeys > 0; // a page without room is no reason to ask for the next one
      break;
    }
    last = entry;
    if (cut >= 0) prefixes.push(`<CommonPrefixes>${xmlElements({ Prefix: encode(entry) })}</CommonPrefixes>`);
    else {
      const { etag, size, lastModified } = record;
      const elements = {
        Key: encode(key),
        LastModified: isoTime(lastModified),
        ETag: etag,
        Size: size,
        StorageClass: "STANDARD",
      };
      contents.push(`<Contents>${xmlElements(elements)}</Contents>`);
    }
  }
  const head = xmlElements({
    Name: bucket,
    Prefix: encode(prefix),
    Delimiter: delimiter === "" ? undefined : encode(delimiter),
    MaxKeys: maxKeys,
    KeyCount: contents.length + prefixes.length,
    IsTruncated: String(truncated),
    EncodingType: query.get("encoding-type"),
    StartAfter: token === undefined ? encodedOf(query.get("start-after"), encode) : undefined,
    ContinuationToken: token,
    NextContinuationToken: truncated ? pageToken(last) : undefined,
  });
  return xmlAnswer(`<ListBucketResult ${XMLNS}>${head}${contents.join("")}${prefixes.join("")}</ListBucketResult>`);
};

function encodedOf(text: string | undefined, encode: (text: string) => string): string | undefined {
  return text === undefined ? undefined : encode(text);
}

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { CloudResponse } from "../../../host-sim/cloud/message/message.js";
import { bodyBytes, bodyText, MemoryS3, pattern } from "../support/memory-s3.js";

const BYTES = pattern(1000);

function fails(response: CloudResponse, status: number, code: string): string {
  const body = bodyText(response);
  assert.equal(response.status, status, body);
  assert.match(body, new RegExp(`<Code>${code}</Code>`));
  return body;
}

describe("S3 objects", () => {
  let s3: MemoryS3;
  let url: string;
  beforeEach(() => {
    s3 = new MemoryS3();
    url = s3.object("my-fw", "rel/app.bin", BYTES);
  });

  it("are given whole with length, entity tag and stored type", () => {
    const response = s3.get(url);
    assert.equal(response.status, 200);
    assert.equal(response.headers["content-length"], "1000");
    assert.equal(response.headers.etag, `"${createHash("md5").update(BYTES).digest("hex")}"`);
    assert.equal(response.headers["content-type"], "binary/octet-stream");
    assert.equal(response.headers["accept-ranges"], "bytes");
    assert.deepEqual(Buffer.from(bodyBytes(response)), Buffer.from(BYTES));
  });

  it("are the same in path style and in virtual-host style", () => {
    const virtual = s3.services.presign("https://my-fw.s3.us-east-1.amazonaws.com/rel/app.bin", 60);
    assert.equal(bodyBytes(s3.get(virtual)).length, 1000);
    assert.equal(new URL(virtual).host, "my-fw.s3.us-east-1.amazonaws.com");
  });

  it("are given in part for one range, also when it covers everything", () => {
    const part = s3.get(url, { range: "bytes=990-2000" });
    assert.equal(part.status, 206);
    assert.equal(part.headers["content-range"], "bytes 990-999/1000");
    assert.deepEqual(Buffer.from(bodyBytes(part)), Buffer.from(BYTES.subarray(990)));
    assert.equal(s3.get(url, { range: "bytes=0-" }).status, 206);
  });

  it("answer 416 with the actual size, with Content-Range only by switch", () => {
    const body = fails(s3.get(url, { range: "bytes=1000-" }), 416, "InvalidRange");
    assert.match(body, /<RangeRequested>bytes=1000-<\/RangeRequested><ActualObjectSize>1000</);
    assert.equal(s3.get(url, { range: "bytes=1000-" }).headers["content-range"], undefined);
    const other = new MemoryS3({ contentRangeOn416: true });
    const otherUrl = other.object("my-fw", "k", BYTES);
    assert.equal(other.get(otherUrl, { range: "bytes=1000-" }).headers["content-range"], "bytes */1000");
  });

  it("answer 412 to an If-Match that does not hold and 304 to an If-None-Match that does", () => {
    const { etag = "" } = s3.get(url).headers;
    assert.equal(s3.get(url, { "if-match": etag, range: "bytes=5-6" }).status, 206);
    fails(s3.get(url, { "if-match": '"other"' }), 412, "PreconditionFailed");
    assert.equal(s3.get(url, { "if-none-match": etag }).status, 304);
    assert.equal(bodyBytes(s3.get(url, { "if-none-match": etag })).length, 0);
    assert.equal(s3.get(url, { "if-none-match": '"other"' }).status, 200);
  });

  it("honour If-Range unless switched off", () => {
    const headers = { range: "bytes=5-6", "if-range": '"other"' };
    assert.equal(s3.get(url, headers).status, 200);
    assert.equal(s3.get(url, { ...headers, "if-range": s3.get(url).headers.etag ?? "" }).status, 206);
    const other = new MemoryS3({ honourIfRange: false });
    assert.equal(other.get(other.object("my-fw", "k", BYTES), headers).status, 206);
  });

  it("show checksums only when asked for and not for a range", () => {
    s3.send("PUT", "/my-fw/c", Buffer.from("123456789"), { "x-amz-checksum-crc32": "y/Q5Jg==" });
    const mode = { "x-amz-checksum-mode": "ENABLED" };
    assert.equal(s3.send("GET", "/my-fw/c", undefined, mode).headers["x-amz-checksum-crc32"], "y/Q5Jg==");
    assert.equal(s3.send("GET", "/my-fw/c").headers["x-amz-checksum-crc32"], undefined);
    assert.equal(
      s3.send("GET", "/my-fw/c", undefined, { ...mode, range: "bytes=0-1" }).headers["x-amz-checksum-crc32"],
      undefined,
    );
  });

  it("refuse an upload whose checksum or MD5 does not fit, and keep the old object", () => {
    fails(
      s3.send("PUT", "/my-fw/rel/app.bin", Buffer.from("x"), { "x-amz-checksum-crc32": "y/Q5Jg==" }),
      400,
      "BadDigest",
    );
    fails(s3.send("PUT", "/my-fw/rel/app.bin", Buffer.from("x"), { "content-md5": "AAAA" }), 400, "BadDigest");
    assert.equal(bodyBytes(s3.get(url)).length, 1000);
  });

  it("answer errors with a chunked XML body, HEAD without any", () => {
    const missing = s3.send("GET", "/my-fw/none");
    assert.equal(missing.chunked, true);
    assert.match(
      fails(missing, 404, "NoSuchKey"),
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error>.*<RequestId>[0-9A-F]{16}<\/RequestId><HostId>/,
    );
    const head = s3.send("HEAD", "/my-fw/none");
    assert.equal(head.status, 404);
    assert.equal(head.body.length, 0);
  });

  it("refuse what cannot be: buckets, keys, operations", () => {
    fails(s3.send("PUT", "/A_b"), 400, "InvalidBucketName");
    fails(s3.send("GET", "/none/k"), 404, "NoSuchBucket");
    fails(s3.send("PUT", "/none/k", BYTES), 404, "NoSuchBucket");
    fails(s3.send("PUT", `/my-fw/${"k".repeat(1025)}`, BYTES), 400, "KeyTooLongError");
    fails(s3.send("DELETE", "/my-fw"), 409, "BucketNotEmpty");
    assert.match(fails(s3.send("PUT", "/my-fw/k?tagging", BYTES), 501, "NotImplemented"), /PUT object with tagging/);
    assert.match(
      fails(s3.send("PUT", "/my-fw/k", undefined, { "x-amz-copy-source": "/a/b" }), 501, "NotImplemented"),
      /copy-source/,
    );
  });

  it("are gone after DeleteObject, which may be repeated", () => {
    assert.equal(s3.send("DELETE", "/my-fw/rel/app.bin").status, 204);
    assert.equal(s3.send("DELETE", "/my-fw/rel/app.bin").status, 204);
    fails(s3.get(url), 404, "NoSuchKey");
  });
});

describe("S3 presigned URLs", () => {
  let s3: MemoryS3;
  let url: string;
  beforeEach(() => {
    s3 = new MemoryS3();
    url = s3.object("my-fw", "app.bin", BYTES, 60);
  });

  it("answer 403 with the dates once they expired", () => {
    s3.clock.advance(300_000);
    const body = fails(s3.get(url), 403, "AccessDenied");
    assert.match(
      body,
      /<Message>Request has expired<\/Message><X-Amz-Expires>60<\/X-Amz-Expires><Expires>2026-01-01T10:01:00Z<\/Expires><ServerTime>2026-01-01T10:05:00Z</,
    );
  });

  it("answer 403 to HEAD and to an edited query", () => {
    assert.equal(s3.get(url, {}, "HEAD").status, 403);
    fails(s3.get(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61")), 403, "SignatureDoesNotMatch");
    fails(s3.get(url.replace("/app.bin", "/other.bin")), 403, "SignatureDoesNotMatch");
  });

  it("answer 400 to a malformed query and 403 to an unknown key or no signature", () => {
    fails(s3.get(url.replace("AWS4-HMAC-SHA256", "AWS4")), 400, "AuthorizationQueryParametersError");
    fails(s3.get(url.replace(/ASIA[A-Z0-9]{16}/, "ASIAAAAAAAAAAAAAAAAA")), 403, "InvalidAccessKeyId");
    fails(s3.get(url.split("?")[0] ?? ""), 403, "AccessDenied");
  });

  it("answer 400 ExpiredToken when the session behind them ended", () => {
    s3.services.credentials.endSessions();
    fails(s3.get(url), 400, "ExpiredToken");
    const renewed = s3.services.presign("https://s3.us-east-1.amazonaws.com/my-fw/app.bin", 60);
    assert.equal(s3.get(renewed).status, 200);
  });

  it("are longer than a kilobyte because of the session token, as on AWS", () => {
    assert(url.length > 1000 && url.length < 2048, String(url.length));
  });
});

describe("S3 lists", () => {
  it("follow prefix, delimiter and continuation token", () => {
    const s3 = new MemoryS3();
    for (const key of ["a/1", "a/2", "b", "c/1"]) s3.object("my-fw", key, BYTES);
    const all = bodyText(s3.send("GET", "/my-fw?list-type=2"));
    assert.deepEqual(
      [...all.matchAll(/<Key>([^<]*)</g)].map((match) => match[1]),
      ["a/1", "a/2", "b", "c/1"],
    );
    const folders = bodyText(s3.send("GET", "/my-fw?delimiter=%2F&list-type=2"));
    assert.deepEqual(
      [...folders.matchAll(/<Prefix>([^<]+)</g)].map((match) => match[1]),
      ["a/", "c/"],
    );
    const first = bodyText(s3.send("GET", "/my-fw?list-type=2&max-keys=3"));
    const token = /<NextContinuationToken>([^<]*)</.exec(first)?.[1] ?? "";
    const second = bodyText(s3.send("GET", `/my-fw?continuation-token=${encodeURIComponent(token)}&list-type=2`));
    assert.deepEqual(
      [...second.matchAll(/<Key>([^<]*)</g)].map((match) => match[1]),
      ["c/1"],
    );
  });
});

describe("S3 multipart uploads", () => {
  const PART = pattern(5 * 1024 * 1024);
  const begin = (s3: MemoryS3) =>
    /<UploadId>([^<]*)</.exec(bodyText(s3.send("POST", "/my-fw/big?uploads=")))?.[1] ?? "";
  const part = (s3: MemoryS3, id: string, number: number, bytes: Uint8Array) =>
    s3.send("PUT", `/my-fw/big?partNumber=${number}&uploadId=${id}`, bytes).headers.etag ?? "";
  const complete = (s3: MemoryS3, id: string, parts: readonly (readonly [number, string])[]) => {
    const xml = parts
      .map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`)
      .join("");
    const body = Buffer.from(`<CompleteMultipartUpload>${xml}</CompleteMultipartUpload>`);
    return s3.send("POST", `/my-fw/big?uploadId=${id}`, body);
  };

  it("join the parts under an entity tag that counts them", () => {
    const s3 = new MemoryS3();
    s3.send("PUT", "/my-fw");
    const id = begin(s3);
    const etags = [part(s3, id, 1, PART), part(s3, id, 2, BYTES)];
    assert.equal(
      complete(s3, id, [
        [1, etags[0] ?? ""],
        [2, etags[1] ?? ""],
      ]).status,
      200,
    );
    const head = s3.send("HEAD", "/my-fw/big");
    assert.equal(head.headers["content-length"], String(PART.length + BYTES.length));
    assert.match(head.headers.etag ?? "", /^"[0-9a-f]{32}-2"$/);
    fails(complete(s3, id, [[1, etags[0] ?? ""]]), 404, "NoSuchUpload");
  });

  it("refuse parts that are unknown, changed, out of order or too small", () => {
    const s3 = new MemoryS3();
    s3.send("PUT", "/my-fw");
    const id = begin(s3);
    const [one, two] = [part(s3, id, 1, BYTES), part(s3, id, 2, BYTES)];
    fails(complete(s3, id, [[3, one]]), 400, "InvalidPart");
    fails(complete(s3, id, [[1, '"0"']]), 400, "InvalidPart");
    fails(
      complete(s3, id, [
        [2, two],
        [1, one],
      ]),
      400,
      "InvalidPartOrder",
    );
    fails(
      complete(s3, id, [
        [1, one],
        [2, two],
      ]),
      400,
      "EntityTooSmall",
    );
    fails(complete(s3, id, []), 400, "MalformedXML");
    fails(s3.send("PUT", `/my-fw/big?partNumber=0&uploadId=${id}`, BYTES), 400, "InvalidArgument");
    assert.equal(s3.send("DELETE", `/my-fw/big?uploadId=${id}`).status, 204);
    fails(s3.send("PUT", `/my-fw/big?partNumber=1&uploadId=${id}`, BYTES), 404, "NoSuchUpload");
  });
});

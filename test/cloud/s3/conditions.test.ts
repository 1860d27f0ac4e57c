import assert from "node:assert/strict";
import type { CloudResponse } from "../../../host-sim/cloud/message/message.js";
import { bodyText, MemoryS3, pattern } from "../support/memory-s3.js";

const SECOND = 1000;

describe("conditions of S3", () => {
  let s3: MemoryS3;
  let etag: string;
  /** Status and the error's code, if there is one. */
  const outcome = (response: CloudResponse) => {
    const code = /<Code>(\w+)<\/Code>/.exec(bodyText(response))?.[1];
    return code === undefined ? String(response.status) : `${response.status} ${code}`;
  };
  const put = (key: string, headers: Record<string, string> = {}, text = "new") =>
    outcome(s3.send("PUT", `/my-fw/${key}`, Buffer.from(text), headers));

  beforeEach(() => {
    s3 = new MemoryS3();
    s3.object("my-fw", "k", pattern(1000));
    etag = s3.send("HEAD", "/my-fw/k").headers.etag ?? "";
  });

  it("on PutObject: a new key only, or only over what is known", () => {
    assert.equal(put("k", { "if-none-match": "*" }), "412 PreconditionFailed");
    assert.equal(put("other", { "if-none-match": "*" }), "200");
    assert.equal(put("k", { "if-match": '"other"' }), "412 PreconditionFailed");
    assert.equal(put("absent", { "if-match": etag }), "404 NoSuchKey");
    assert.equal(s3.send("HEAD", "/my-fw/k").headers.etag, etag, "nothing was written");
    assert.equal(put("k", { "if-match": etag }), "200");
    assert.notEqual(s3.send("HEAD", "/my-fw/k").headers.etag, etag);
  });

  it("on PutObject: other values are not S3's", () => {
    assert.equal(put("k", { "if-none-match": etag }), "501 NotImplemented");
    assert.equal(put("k", { "if-match": "*" }), "501 NotImplemented");
    assert.equal(put("k", { "if-match": etag, "if-none-match": "*" }), "501 NotImplemented");
  });

  it("on DeleteObject: only what is known", () => {
    const remove = (key: string, match: string) =>
      outcome(s3.send("DELETE", `/my-fw/${key}`, undefined, { "if-match": match }));
    assert.equal(remove("k", '"other"'), "412 PreconditionFailed");
    assert.equal(remove("absent", "*"), "412 PreconditionFailed");
    assert.equal(s3.send("HEAD", "/my-fw/k").status, 200);
    assert.equal(remove("k", etag), "204");
    assert.equal(s3.send("HEAD", "/my-fw/k").status, 404);
  });

  it("on CompleteMultipartUpload, which may be tried again", () => {
    const created = bodyText(s3.send("POST", "/my-fw/k?uploads"));
    const id = /<UploadId>(\w+)</.exec(created)?.[1] ?? "";
    const part = s3.send("PUT", `/my-fw/k?partNumber=1&uploadId=${id}`, pattern(10)).headers.etag;
    const xml = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part}</ETag></Part></CompleteMultipartUpload>`;
    const complete = (headers: Record<string, string>) =>
      outcome(s3.send("POST", `/my-fw/k?uploadId=${id}`, Buffer.from(xml), headers));
    assert.equal(complete({ "if-none-match": "*" }), "412 PreconditionFailed");
    assert.equal(complete({ "if-match": '"other"' }), "412 PreconditionFailed");
    assert.equal(complete({ "if-match": etag }), "200");
  });

  it("on GetObject and HeadObject: dates, in seconds; an entity tag is believed more", () => {
    s3.clock.advance(SECOND / 2);
    s3.send("PUT", "/my-fw/k", pattern(1000));
    const modified = s3.send("HEAD", "/my-fw/k").headers["last-modified"] ?? "";
    const earlier = new Date(Date.parse(modified) - SECOND).toUTCString();
    const ask = (headers: Record<string, string>) =>
      outcome(s3.send("GET", "/my-fw/k", undefined, headers)).slice(0, 3);
    const rows: readonly [Record<string, string>, string][] = [
      [{ "if-modified-since": modified }, "304"],
      [{ "if-modified-since": earlier }, "200"],
      [{ "if-unmodified-since": modified }, "200"],
      [{ "if-unmodified-since": earlier }, "412"],
      [{ "if-unmodified-since": earlier, "if-match": etag }, "200"],
      [{ "if-modified-since": modified, "if-none-match": '"other"' }, "200"],
      [{ "if-modified-since": earlier, "if-none-match": etag }, "304"],
      [{ "if-modified-since": "yesterday or so" }, "200"],
    ];
    for (const [headers, status] of rows) assert.equal(ask(headers), status, JSON.stringify(headers));
  });
});

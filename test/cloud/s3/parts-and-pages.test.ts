import assert from "node:assert/strict";
import { type CloudResponse, splitTarget } from "../../../host-sim/cloud/message/message.js";
import { bodyBytes, bodyText, MemoryS3, pattern } from "../support/memory-s3.js";

const FIVE_MIB = 5 * 1024 * 1024;
const codeOf = (response: CloudResponse) => /<Code>(\w+)<\/Code>/.exec(bodyText(response))?.[1];
const element = (xml: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

describe("S3 in parts and pages", () => {
  let s3: MemoryS3;
  beforeEach(() => {
    s3 = new MemoryS3();
    s3.send("PUT", "/my-fw");
  });

  const upload = (sizes: readonly number[]) => {
    const id = element(bodyText(s3.send("POST", "/my-fw/big?uploads")), "UploadId") ?? "";
    const etags = sizes.map(
      (size, index) => s3.send("PUT", `/my-fw/big?partNumber=${index + 1}&uploadId=${id}`, pattern(size)).headers.etag,
    );
    return { id, etags };
  };

  it("gives one part of an object that came in parts, and how many there are", () => {
    const { id, etags } = upload([FIVE_MIB, 7]);
    const parts = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`).join("");
    const xml = `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`;
    assert.equal(s3.send("POST", `/my-fw/big?uploadId=${id}`, Buffer.from(xml)).status, 200);
    const part = s3.send("GET", "/my-fw/big?partNumber=2");
    assert.equal(part.status, 206);
    assert.equal(part.headers["content-range"], `bytes ${FIVE_MIB}-${FIVE_MIB + 6}/${FIVE_MIB + 7}`);
    assert.equal(part.headers["x-amz-mp-parts-count"], "2");
    assert.deepEqual(Buffer.from(bodyBytes(part)), Buffer.from(pattern(7)));
    assert.equal(codeOf(s3.send("GET", "/my-fw/big?partNumber=3")), "InvalidPartNumber");
    assert.equal(codeOf(s3.send("GET", "/my-fw/big?partNumber=0")), "InvalidArgument");
    assert.equal(
      codeOf(s3.send("GET", "/my-fw/big?partNumber=1", undefined, { range: "bytes=0-1" })),
      "InvalidRequest",
    );
  });

  it("takes an object that came whole for one part", () => {
    s3.send("PUT", "/my-fw/k", pattern(10));
    const whole = s3.send("GET", "/my-fw/k?partNumber=1");
    assert.equal(whole.headers["content-range"], "bytes 0-9/10");
    assert.equal(whole.headers["x-amz-mp-parts-count"], undefined);
    assert.equal(codeOf(s3.send("GET", "/my-fw/k?partNumber=2")), "InvalidPartNumber");
  });

  it("lists parts page by page", () => {
    const { id } = upload([1, 2, 3]);
    const page = (query: string) => bodyText(s3.send("GET", `/my-fw/big?uploadId=${id}${query}`));
    const numbers = (xml: string) => [...xml.matchAll(/<PartNumber>(\d+)</g)].map(([, number]) => Number(number));
    const first = page("&max-parts=2");
    assert.deepEqual(numbers(first), [1, 2]);
    assert.equal(element(first, "IsTruncated"), "true");
    assert.equal(element(first, "MaxParts"), "2");
    const second = page(`&max-parts=2&part-number-marker=${element(first, "NextPartNumberMarker")}`);
    assert.deepEqual(numbers(second), [3]);
    assert.equal(element(second, "IsTruncated"), "false");
    assert.equal(element(second, "NextPartNumberMarker"), undefined);
    assert.deepEqual(numbers(page("")), [1, 2, 3]);
    assert.equal(codeOf(s3.send("GET", `/my-fw/big?uploadId=${id}&max-parts=two`)), "InvalidArgument");
  });

  it("lists keys and buckets page by page, with tokens of its own only", () => {
    for (const key of ["a", "b", "c"]) s3.send("PUT", `/my-fw/${key}`, pattern(1));
    const first = bodyText(s3.send("GET", "/my-fw?list-type=2&max-keys=2"));
    const token = encodeURIComponent(element(first, "NextContinuationToken") ?? "");
    const second = bodyText(s3.send("GET", `/my-fw?list-type=2&max-keys=2&continuation-token=${token}`));
    assert.deepEqual(
      [...second.matchAll(/<Key>(\w)</g)].map(([, key]) => key),
      ["c"],
    );
    for (const forged of ["a", "YQ%3D%3D", ""]) {
      const answer = s3.send("GET", `/my-fw?list-type=2&continuation-token=${forged}`);
      assert.equal(codeOf(answer), "InvalidArgument", forged);
    }
    s3.send("PUT", "/my-fx");
    const buckets = bodyText(s3.send("GET", "/?max-buckets=1"));
    assert.deepEqual(
      [...buckets.matchAll(/<Name>([^<]+)</g)].map(([, name]) => name),
      ["my-fw"],
    );
    const rest = encodeURIComponent(element(buckets, "ContinuationToken") ?? "");
    assert.match(
      bodyText(s3.send("GET", `/?max-buckets=1&continuation-token=${rest}`)),
      /<Name>my-fx<(?!.*<ContinuationToken>)/,
    );
  });

  it("gives the headers that the URL asks for, and refuses what would be more than one", () => {
    s3.send("PUT", "/my-fw/k", pattern(10));
    const asked = s3.send("GET", "/my-fw/k?response-content-type=text%2Fplain&response-cache-control=no-store");
    assert.equal(asked.headers["content-type"], "text/plain");
    assert.equal(asked.headers["cache-control"], "no-store");
    assert.equal(codeOf(s3.send("GET", "/my-fw/k?response-content-type=a%0D%0Ab%3A+c")), "InvalidArgument");
  });

  it("makes buckets where they are asked for, or not at all", () => {
    const bucket = (constraint: string) => {
      const xml = `<CreateBucketConfiguration xmlns="x"><LocationConstraint>${constraint}</LocationConstraint></CreateBucketConfiguration>`;
      return codeOf(s3.send("PUT", "/other", Buffer.from(xml)));
    };
    assert.equal(bucket("eu-west-1"), "IllegalLocationConstraintException");
    assert.equal(bucket("us-east-1"), "InvalidLocationConstraint");
    assert.equal(codeOf(s3.send("PUT", "/other", Buffer.from("nonsense"))), "MalformedXML");
    assert.equal(s3.send("HEAD", "/other").status, 404);
    assert.equal(s3.send("PUT", "/other").status, 200);
  });

  it("keeps nothing back in silence: access lists, other encryption, tags, classes", () => {
    const put = (headers: Record<string, string>) => codeOf(s3.send("PUT", "/my-fw/k", pattern(1), headers));
    const rows: readonly [Record<string, string>, string | undefined][] = [
      [{ "x-amz-acl": "public-read" }, "AccessControlListNotSupported"],
      [
        { "x-amz-grant-read": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' },
        "AccessControlListNotSupported",
      ],
      [{ "x-amz-acl": "bucket-owner-full-control" }, undefined],
      [{ "x-amz-server-side-encryption": "aws:kms" }, "NotImplemented"],
      [{ "x-amz-server-side-encryption-customer-algorithm": "AES256" }, "NotImplemented"],
      [{ "x-amz-server-side-encryption": "AES256" }, undefined],
      [{ "x-amz-tagging": "a=b" }, "NotImplemented"],
      [{ "x-amz-storage-class": "GLACIER" }, "NotImplemented"],
      [{ "x-amz-storage-class": "STANDARD" }, undefined],
      [{ "x-amz-object-lock-mode": "GOVERNANCE" }, "NotImplemented"],
      [{ "x-amz-expected-bucket-owner": "111111111111" }, "AccessDenied"],
      [{ "x-amz-expected-bucket-owner": "000000000000" }, undefined],
    ];
    for (const [headers, code] of rows) assert.equal(put(headers), code, JSON.stringify(headers));
    assert.equal(s3.send("GET", "/my-fw/k").headers["x-amz-server-side-encryption"], "AES256");
  });

  it("names what it wants instead of a signature of version 2", () => {
    const target = "/my-fw/k?AWSAccessKeyId=AKIDEXAMPLE&Expires=1767261600&Signature=c2ln";
    const url = {
      method: "GET",
      ...splitTarget(target),
      headers: { host: "s3.amazonaws.com" },
      body: new Uint8Array(0),
    };
    const header = { ...url, ...splitTarget("/my-fw/k"), headers: { ...url.headers, authorization: "AWS AKID:c2ln" } };
    for (const request of [url, header]) {
      const answer = s3.raw(request);
      const body = bodyText(answer);
      assert.equal(`${answer.status} ${element(body, "Code")}`, "400 InvalidRequest");
      assert.match(element(body, "Message") ?? "", /Please use AWS4-HMAC-SHA256/);
    }
  });
});

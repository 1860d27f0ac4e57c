import assert from "node:assert/strict";
import { presignUrl } from "../../../host-sim/cloud/sigv4/sign.js";
import { canonicalPath } from "../../../host-sim/cloud/sigv4/signature.js";

describe("presigning", () => {
  it("gives the signature of the example in the S3 documentation", () => {
    const url = presignUrl("https://examplebucket.s3.amazonaws.com/test.txt", {
      credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
      region: "us-east-1",
      service: "s3",
      now: Date.parse("2013-05-24T00:00:00Z"),
      expiresInSec: 86_400,
    });
    const query = new URL(url).searchParams;
    assert.equal(query.get("X-Amz-Signature"), "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    assert.equal(query.get("X-Amz-Date"), "20130524T000000Z");
  });

  it("encodes the path once for S3 and twice for other services", () => {
    assert.equal(canonicalPath("/a%20b/%C3%BC", "s3"), "/a%20b/%C3%BC");
    assert.equal(canonicalPath("/things/t/jobs/%24next", "iot-jobs-data"), "/things/t/jobs/%2524next");
    assert.equal(canonicalPath("/things/t/jobs/$next", "iot-jobs-data"), "/things/t/jobs/%24next");
  });
});

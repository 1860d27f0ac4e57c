import assert from "node:assert/strict";
import { decodeAwsChunked } from "../../../host-sim/cloud/sigv4/aws-chunked.js";
import { EMPTY_SHA256, scopeText, sha256Hex, signingKey, signText } from "../../../host-sim/cloud/sigv4/signature.js";
import { SignatureError } from "../../../host-sim/cloud/sigv4/signature-error.js";
import type { Verified } from "../../../host-sim/cloud/sigv4/verify.js";

const SCOPE = { date: "20260101", region: "us-east-1", service: "s3" };

function verified(payload: string): Verified {
  return {
    credentials: { accessKeyId: "A", secretAccessKey: "s" },
    scope: SCOPE,
    amzDate: "20260101T100000Z",
    signature: "seed",
    presigned: false,
    payload,
  };
}
const UNSIGNED = verified("STREAMING-UNSIGNED-PAYLOAD-TRAILER");
const SIGNED = verified("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");

function signedBody(chunks: readonly string[]): string {
  const key = signingKey("s", SCOPE);
  let previous = "seed";
  return [...chunks, ""]
    .map((chunk) => {
      const text = [
        "AWS4-HMAC-SHA256-PAYLOAD",
        SIGNED.amzDate,
        scopeText(SCOPE),
        previous,
        EMPTY_SHA256,
        sha256Hex(chunk),
      ];
      previous = signText(key, text.join("\n"));
      return `${chunk.length.toString(16)};chunk-signature=${previous}\r\n${chunk}${chunk === "" ? "" : "\r\n"}`;
    })
    .join("");
}

function refuses(text: string, as: Verified, problem: "malformed" | "mismatch"): void {
  assert.throws(
    () => decodeAwsChunked(Buffer.from(text), as),
    (error: unknown) => error instanceof SignatureError && error.problem === problem,
  );
}

describe("an aws-chunked body", () => {
  it("gives the bytes and the trailers", () => {
    const text = "5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
    const { body, trailers } = decodeAwsChunked(Buffer.from(text), UNSIGNED);
    assert.equal(Buffer.from(body).toString(), "hello world");
    assert.deepEqual(trailers, { "x-amz-checksum-crc32": "DUoRhQ==" });
  });

  it("checks the signature of each chunk", () => {
    const text = signedBody(["hello", " world"]);
    assert.equal(Buffer.from(decodeAwsChunked(Buffer.from(text), SIGNED).body).toString(), "hello world");
    refuses(text.replace("hello", "jello"), SIGNED, "mismatch");
    refuses(text.replace(/chunk-signature=./, "chunk-signature=x"), SIGNED, "mismatch");
    refuses("5\r\nhello\r\n0\r\n\r\n", SIGNED, "mismatch");
  });

  it("refuses framing that does not add up", () => {
    for (const text of ["", "5\r\nhel", "x\r\n", "3\r\nhello\r\n0\r\n", "5\r\nhello\r\n"])
      refuses(text, UNSIGNED, "malformed");
  });

  it("holds no more than it had, however small its chunks are", () => {
    const text = `${"1\r\nx\r\n".repeat(10_000)}0\r\n\r\n`;
    const { body } = decodeAwsChunked(Buffer.from(text), UNSIGNED);
    assert.equal(body.length, 10_000);
    assert(body.buffer.byteLength <= 2 * text.length);
  });

  it("carries no header in its trailer but checksums", () => {
    const lines = [
      "x-amz-acl: public-read",
      "content-type: a/\u0001b",
      "x-amz-checksum-crc32: a\u0001b",
      "if-none-match: *",
    ];
    const { trailers } = decodeAwsChunked(Buffer.from(`0\r\n${lines.join("\r\n")}\r\n\r\n`), UNSIGNED);
    assert.deepEqual(trailers, {});
  });

  it("refuses a trailer of more than 16 KiB", () => {
    refuses(`0\r\n${"a:b\r\n".repeat(4000)}`, UNSIGNED, "malformed");
  });
});

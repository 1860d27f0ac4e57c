import assert from "node:assert/strict";
import type { CloudRequest } from "../../../host-sim/cloud/message/message.js";
import type { KnownCredentials } from "../../../host-sim/cloud/sigv4/credentials.js";
import { presignUrl, signHeaders } from "../../../host-sim/cloud/sigv4/sign.js";
import { sha256Hex } from "../../../host-sim/cloud/sigv4/signature.js";
import { SignatureError, type SignatureProblem } from "../../../host-sim/cloud/sigv4/signature-error.js";
import { verifyHead, verifySignature } from "../../../host-sim/cloud/sigv4/verify.js";

const NOW = Date.parse("2026-01-01T10:00:00Z");
const PAIR: KnownCredentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
const SESSION: KnownCredentials = {
  accessKeyId: "ASIATEST",
  secretAccessKey: "secret2",
  sessionToken: "token+/=",
  endsAt: NOW + 3_600_000,
};

function context(now = NOW) {
  const known = new Map([PAIR, SESSION].map((pair) => [pair.accessKeyId, pair]));
  return { find: (id: string) => known.get(id), now, region: "us-east-1" };
}

function signed(change: Partial<CloudRequest> = {}, credentials = PAIR): CloudRequest {
  const body = Buffer.from('{"a":1}');
  const headers = signHeaders(
    {
      method: "PUT",
      host: "localhost:1",
      target: "/jobs/j?force=true",
      body,
      headers: { "content-type": "application/json" },
    },
    { credentials, region: "us-east-1", service: "iot", now: NOW },
  );
  return { method: "PUT", path: "/jobs/j", query: "force=true", headers, body, ...change };
}

function presigned(change: (url: string) => string = (url) => url, credentials = PAIR): CloudRequest {
  const signing = { credentials, region: "us-east-1", service: "s3", now: NOW, expiresInSec: 60 };
  const url = new URL(change(presignUrl("https://b.s3.us-east-1.amazonaws.com/k%20ey?versionId=3", signing)));
  return {
    method: "GET",
    path: url.pathname,
    query: url.search.slice(1),
    headers: { host: url.host, range: "bytes=0-1" },
    body: new Uint8Array(0),
  };
}

function refuses(request: CloudRequest, problem: SignatureProblem, now = NOW): void {
  assert.throws(
    () => verifySignature(request, context(now)),
    (error: unknown) => error instanceof SignatureError && error.problem === problem,
  );
}

function headRefuses(request: CloudRequest, problem: SignatureProblem, now = NOW): void {
  assert.throws(
    () => verifyHead(request, context(now)),
    (error: unknown) => error instanceof SignatureError && error.problem === problem,
  );
}

describe("signature verification", () => {
  it("accepts a signed request and says who signed for which service", () => {
    const verified = verifySignature(signed(), context());
    assert.equal(verified.credentials.accessKeyId, "AKIATEST");
    assert.equal(verified.scope.service, "iot");
    assert.equal(verified.presigned, false);
  });

  it("accepts a clock that is a quarter of an hour off and no more", () => {
    verifySignature(signed(), context(NOW + 15 * 60_000));
    verifySignature(signed(), context(NOW - 15 * 60_000));
    refuses(signed(), "skewed", NOW + 15 * 60_000 + 1);
    refuses(signed(), "skewed", NOW - 15 * 60_000 - 1);
  });

  it("refuses another method, path, query, host or body than was signed", () => {
    refuses(signed({ method: "POST" }), "mismatch");
    refuses(signed({ path: "/jobs/k" }), "mismatch");
    refuses(signed({ query: "" }), "mismatch");
    refuses(signed({ headers: { ...signed().headers, host: "localhost:2" } }), "mismatch");
    refuses(signed({ body: Buffer.from('{"a":2}') }), "mismatch");
  });

  it("refuses an unsigned request, an unknown key and another region", () => {
    refuses(signed({ headers: { host: "localhost:1" } }), "missing");
    refuses(signed({}, { accessKeyId: "AKIAOTHER", secretAccessKey: "secret" }), "unknown-key");
    const headers = signHeaders(
      { method: "GET", host: "h", target: "/" },
      { credentials: PAIR, region: "eu-west-1", service: "iot", now: NOW },
    );
    refuses({ method: "GET", path: "/", query: "", headers, body: new Uint8Array(0) }, "wrong-region");
  });

  it("refuses headers that are no signature", () => {
    for (const authorization of [
      "Basic YTpi",
      "AWS4-HMAC-SHA256",
      "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=1",
    ]) {
      refuses(signed({ headers: { ...signed().headers, authorization } }), "malformed");
    }
    const { "x-amz-date": _, ...dateless } = signed().headers;
    refuses(signed({ headers: dateless }), "malformed");
  });

  it("refuses a body that does not have the hash its header announces", () => {
    const body = Buffer.from("abc");
    const headers = signHeaders(
      { method: "PUT", host: "h", target: "/b/k", body },
      { credentials: PAIR, region: "us-east-1", service: "s3", now: NOW },
    );
    verifySignature({ method: "PUT", path: "/b/k", query: "", headers, body }, context());
    refuses({ method: "PUT", path: "/b/k", query: "", headers, body: Buffer.from("abd") }, "wrong-body");
  });
});

describe("what is known before a body is read", () => {
  it("is the whole signature where the hash of the body is in the headers", () => {
    const hashed = { ...signed().headers, "x-amz-content-sha256": sha256Hex(Buffer.from('{"a":1}')) };
    verifyHead(signed({ headers: hashed, body: new Uint8Array(0) }), context());
    headRefuses(signed({ headers: hashed, path: "/jobs/k" }), "mismatch");
  });

  it("is key, region, token and date where it is not", () => {
    verifyHead(signed({ path: "/jobs/k" }), context());
    headRefuses(signed({ headers: { host: "localhost:1" } }), "missing");
    headRefuses(signed({}, { ...PAIR, accessKeyId: "AKIAOTHER" }), "unknown-key");
    headRefuses(signed({}, { accessKeyId: "ASIATEST", secretAccessKey: "secret2" }), "wrong-token");
    headRefuses(signed(), "skewed", NOW + 3_600_000);
  });
});

describe("headers that S3 wants signed", () => {
  const withHeaders = (headers: Record<string, string>) => {
    const url = presigned();
    return { ...url, headers: { ...url.headers, ...headers } };
  };

  it("are those that begin with x-amz-, and their names are told", () => {
    assert.throws(
      () => verifySignature(withHeaders({ "x-amz-acl": "public-read", "x-amz-meta-a": "b" }), context()),
      (error: unknown) =>
        error instanceof SignatureError &&
        error.problem === "unsigned-headers" &&
        error.details.HeadersNotSigned === "x-amz-acl, x-amz-meta-a",
    );
  });

  it("are no others", () => {
    verifySignature(withHeaders({ "x-amzn-trace-id": "1", "content-type": "a/b", "if-match": "*" }), context());
  });

  it("may be named once alone", () => {
    const { headers } = signed();
    const authorization = headers.authorization?.replace("SignedHeaders=", "SignedHeaders=host;") ?? "";
    refuses(signed({ headers: { ...headers, authorization } }), "malformed");
  });
});

describe("presigned URL verification", () => {
  it("accepts the URL until it expires, with any header added", () => {
    assert.equal(verifySignature(presigned(), context()).presigned, true);
    verifySignature(presigned(), context(NOW + 59_999));
    refuses(presigned(), "expired", NOW + 60_000);
  });

  it("says when the URL expired", () => {
    assert.throws(
      () => verifySignature(presigned(), context(NOW + 300_000)),
      (error: unknown) => {
        assert(error instanceof SignatureError);
        assert.equal(error.message, "Request has expired");
        assert.deepEqual(error.details, {
          "X-Amz-Expires": "60",
          Expires: "2026-01-01T10:01:00Z",
          ServerTime: "2026-01-01T10:05:00Z",
        });
        return true;
      },
    );
  });

  it("refuses a URL that was edited", () => {
    refuses(
      presigned((url) => url.replace("X-Amz-Expires=60", "X-Amz-Expires=600")),
      "mismatch",
    );
    refuses(
      presigned((url) => url.replace("versionId=3", "versionId=4")),
      "mismatch",
    );
    refuses(
      presigned((url) => url.replace("k%20ey", "key")),
      "mismatch",
    );
    refuses(
      presigned((url) => `${url}&x=1`),
      "mismatch",
    );
    refuses(
      presigned((url) => url.replace("//b.", "//c.")),
      "mismatch",
    );
  });

  it("refuses another method than was signed", () => {
    refuses({ ...presigned(), method: "HEAD" }, "mismatch");
  });

  it("refuses a parameter that is missing, repeated or out of range", () => {
    refuses(
      presigned((url) => url.replace("X-Amz-Expires=60", "X-Amz-Expires=0")),
      "malformed",
    );
    refuses(
      presigned((url) => url.replace("X-Amz-Expires=60", "X-Amz-Expires=604801")),
      "malformed",
    );
    refuses(
      presigned((url) => `${url}&X-Amz-Expires=600`),
      "malformed",
    );
    refuses(
      presigned((url) => url.replace(/&X-Amz-Signature=.*$/, "")),
      "malformed",
    );
    refuses(
      presigned((url) => url.replace("SignedHeaders=host", "SignedHeaders=")),
      "malformed",
    );
  });

  it("needs the session's token and a session that goes on", () => {
    verifySignature(
      presigned((url) => url, SESSION),
      context(),
    );
    refuses(
      presigned((url) => url.replace(/&X-Amz-Security-Token=[^&]*/, ""), SESSION),
      "wrong-token",
    );
    const over = { ...context(), find: () => ({ ...SESSION, endsAt: NOW }) };
    assert.throws(
      () =>
        verifySignature(
          presigned((url) => url, SESSION),
          over,
        ),
      (error: unknown) => error instanceof SignatureError && error.problem === "expired-token",
    );
  });
});

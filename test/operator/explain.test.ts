import assert from "node:assert/strict";
import { explain } from "../../operator/aws/index.js";
import { FotaError } from "../../operator/failure/index.js";

const question = { action: "iot:CreateJob", resource: "job x", region: "eu-west-1" };

function told(name: string, message = "", more: object = {}): Error {
  return Object.assign(new Error(message), { name }, more);
}

describe("a refusal of AWS, in words", () => {
  for (const [what, error, code, message, mend] of [
    ["expired credentials", told("ExpiredTokenException"), "credentials", /^the credentials have expired/, /sso login/],
    ["keys that are not known", told("UnrecognizedClientException"), "credentials", /does not know these/, /--profile/],
    [
      "a wrong clock",
      told("SignatureDoesNotMatch", "Signature expired: 2026"),
      "credentials",
      /clock is wrong/,
      /set the clock/,
    ],
    ["a request from another time", told("RequestTimeTooSkewed"), "credentials", /clock is wrong/, /set the clock/],
    ["a bucket that is missing", told("NoSuchBucket"), "no-bucket", /there is no bucket/, /doctor --mend/],
    [
      "another region",
      told("PermanentRedirect", "", { Region: "us-east-2" }),
      "wrong-region",
      /is not in eu-west-1 but in us-east-2/,
      /--region us-east-2/,
    ],
    [
      "another region, by its header",
      told("AuthorizationHeaderMalformed", "the region 'eu-west-1' is wrong; expecting 'us-west-2'"),
      "wrong-region",
      /but in us-west-2/,
      /./,
    ],
    ["too many requests", told("ThrottlingException"), "throttled", /no more requests/, /wait a minute/],
    ["a busy bucket", told("SlowDown"), "throttled", /./, /./],
    ["a quota", told("LimitExceededException", "100 jobs"), "limit", /100 jobs/, /quotas/],
    [
      "no network",
      told("Error", "connect", { code: "ECONNREFUSED" }),
      "unreachable",
      /cannot be reached \(ECONNREFUSED\)/,
      /proxy/,
    ],
    ["no name server", told("Error", "getaddrinfo", { code: "ENOTFOUND" }), "unreachable", /ENOTFOUND/, /./],
    ["Ctrl-C", told("AbortError"), "interrupted", /stopped while iot:CreateJob/, /^$/],
    ["anything else", told("InternalFailureException", "oh"), "service", /InternalFailureException: oh/, /^$/],
  ] as const) {
    it(`is ${code} for ${what}`, () => {
      const found = explain(error, question);
      assert.equal(found.code, code);
      assert.match(found.message, message);
      assert.match(found.mend.join("\n"), mend);
    });
  }

  it("names the action that was really refused, and the line of the policy that allows it", () => {
    const text =
      "User: arn:aws:iam::1:user/a is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/presign because no policy allows it";
    const found = explain(told("AccessDeniedException", text), question);
    assert.equal(found.code, "access-denied");
    assert.equal(found.message, "access denied: iam:PassRole on arn:aws:iam::1:role/presign");
    assert.deepEqual(found.mend, [
      'the policy needs {"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::1:role/presign"}',
    ]);
  });

  it("names the action that was asked for where AWS does not", () => {
    const found = explain(told("AccessDenied", "Access Denied", { $metadata: { httpStatusCode: 403 } }), {
      ...question,
      action: "s3:PutObject",
      resource: "arn:aws:s3:::fw/a",
    });
    assert.match(found.mend[0] ?? "", /"Action":"s3:PutObject","Resource":"arn:aws:s3:::fw\/a"/);
  });

  it("says when a policy denies it in so many words", () => {
    const text = "User: x is not authorized to perform: iot:CreateJob on resource: y with an explicit deny in a policy";
    assert.match(explain(told("AccessDeniedException", text), question).message, /a policy denies it in so many words/);
  });

  it("stays what it is", () => {
    const error = new FotaError("usage", "x");
    assert.equal(explain(error, question), error);
  });
});

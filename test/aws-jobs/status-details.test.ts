import assert from "node:assert/strict";
import { AwsJobsError } from "../../modules/aws-jobs/index.js";
import { checkStatusDetails } from "../../modules/aws-jobs/status-details.js";

const ten = Object.fromEntries([..."abcdefghij"].map((key) => [key, "x"]));

describe("statusDetails", () => {
  it("takes ten pairs, values of 128 characters, and what is printable in any language", () => {
    checkStatusDetails(ten);
    checkStatusDetails({ "a:b_c-D9": "x".repeat(128), text: "größer 字 😀" });
  });

  for (const [name, details] of Object.entries({
    "eleven pairs": { ...ten, k: "x" },
    "an empty key": { "": "x" },
    "a key with a space": { "a b": "x" },
    "a key with a dot": { "a.b": "x" },
    "a key of 129 characters": { ["k".repeat(129)]: "x" },
    "an empty value": { a: "" },
    "a value of 129 characters": { a: "x".repeat(129) },
    "a line end": { a: "x\ny" },
    "a DEL": { a: "\u007f" },
    "a C1 control": { a: "\u0085" },
    "a zero-width space": { a: "\u200b" },
    "a lone surrogate": { a: "\ud800" },
    "a number": { a: 1 } as unknown as Record<string, string>,
  }))
    it(`refuses ${name}`, () => {
      assert.throws(
        () => checkStatusDetails(details),
        (error) =>
          error instanceof AwsJobsError && error.code === "invalid-argument" && !error.repeatable && !error.retryable,
      );
    });
});

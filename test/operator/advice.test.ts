import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ADVICE, type Retry } from "../../operator/advice/index.js";

const RETRIES: Readonly<Record<string, Retry>> = {
  yes: "yes",
  "yes, later": "later",
  "yes, when mended": "mended",
  no: "no",
};

/** The rows of docs/operations.md about the ends of jobs. */
function rows(): Readonly<Record<string, unknown>> {
  const text = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
  const sections = text.split("\n## ").filter((section) => /^(?:FAILED|REJECTED): /.test(section));
  return Object.fromEntries(
    sections.flatMap((section) =>
      [...section.matchAll(/^\| `([\w-]+)` \| (.*?) \| (.*?) \| (.*?) \|$/gm)].map(
        ([, code = "", happened, todo, retry = ""]) => [code, { happened, todo, retry: RETRIES[retry] }],
      ),
    ),
  );
}

describe("what the operator's tool says to a code", () => {
  it("is what docs/operations.md says, code for code", () => {
    assert.ok(Object.keys(rows()).length > 70);
    assert.deepEqual({ ...ADVICE }, rows());
  });
});

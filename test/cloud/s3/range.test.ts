import assert from "node:assert/strict";
import { rangeOf } from "../../../host-sim/cloud/s3/range.js";

describe("a Range header", () => {
  const cases: readonly [header: string | undefined, size: number, expected: string][] = [
    [undefined, 10, "whole"],
    ["bytes=0-0", 10, "0-1"],
    ["bytes=0-9", 10, "0-10"],
    ["bytes=9-9", 10, "9-10"],
    ["bytes=4-", 10, "4-10"],
    ["bytes=4-99", 10, "4-10"],
    ["bytes=-3", 10, "7-10"],
    ["bytes=-99", 10, "0-10"],
    ["bytes=-0", 10, "unsatisfiable"],
    ["bytes=10-", 10, "unsatisfiable"],
    ["bytes=10-12", 10, "unsatisfiable"],
    ["bytes=0-", 0, "unsatisfiable"],
    ["bytes=5-4", 10, "whole"],
    ["bytes=0-1,3-4", 10, "whole"],
    ["items=0-1", 10, "whole"],
    ["bytes=-", 10, "whole"],
    ["bytes=a-b", 10, "whole"],
  ];
  for (const [header, size, expected] of cases) {
    it(`${header ?? "that is absent"} of ${size} bytes is ${expected}`, () => {
      const answer = rangeOf(header, size);
      assert.equal(answer.kind === "part" ? `${answer.start}-${answer.end}` : answer.kind, expected);
    });
  }
});

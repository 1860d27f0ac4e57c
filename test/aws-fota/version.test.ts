import assert from "node:assert/strict";
import { compareVersions, normalizeVersion } from "../../modules/aws-fota/version.js";

describe("compareVersions", () => {
  const rows: readonly [string, string, string][] = [
    ["1.0.2", "1.0.1", "newer"],
    ["v1.0.2", "1.0.2", "same"],
    ["1.0.2", "V1.0.2", "same"],
    ["1.0", "1.0.0", "same"],
    ["1.10.0", "1.9.9", "newer"],
    ["0.9", "1", "older"],
    ["2", "1.9.9.9", "newer"],
    ["1.0.0-rc.1", "1.0.0", "older"],
    ["1.0.0", "1.0.0-rc.1", "newer"],
    ["1.0.0-rc.2", "1.0.0-rc.10", "older"],
    ["1.0.0-alpha", "1.0.0-alpha.1", "older"],
    ["1.0.0-beta", "1.0.0-alpha.1", "newer"],
    ["1.0.0+build7", "1.0.0", "same"],
    ["main", "main", "same"],
    ["main", "1.0.0", "unordered"],
    ["1.0.0", "release-7", "unordered"],
    ["1.2.3.4.5", "1.2.3.4", "unordered"],
    ["", "1.0.0", "unordered"],
    [" 1.0.0 ", "1.0.0", "same"],
  ];
  for (const [candidate, running, order] of rows) {
    it(`calls "${candidate}" ${order} when "${running}" runs`, () => {
      assert.equal(compareVersions(candidate, running), order);
    });
  }
});

describe("normalizeVersion", () => {
  it("drops a v only before a digit", () => {
    assert.equal(normalizeVersion("v2"), "2");
    assert.equal(normalizeVersion("vnext"), "vnext");
  });
});

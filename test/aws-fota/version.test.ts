import assert from "node:assert/strict";
import { compareVersions, hasOrder, normalizeVersion } from "../../modules/aws-fota/version.js";

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
    ["1.2.3.4.5", "1.2.3.4", "newer"],
    ["1.2.3.4.0.0", "1.2.3.4", "same"],
    ["1.2.3.4.5.6.7.8", "1.2.3.4.5.6.7.9", "older"],
    ["1.99999999999999999999", "1.100000000000000000000", "older"],
    ["1.9007199254740993", "1.9007199254740992", "newer"],
    ["1.007", "1.7", "same"],
    ["1.0.0-1", "1.0.0-alpha", "older"],
    ["1.0.0--", "1.0.0-1", "newer"],
    ["1.0.0-rc.9007199254740993", "1.0.0-rc.9007199254740992", "newer"],
    ["1.0.0+build7", "1.0.0+build8", "same"],
    // git describe --tags --dirty
    ["1.0.2-5-g1a2b3c4", "1.0.2", "newer"],
    ["1.0.2-5-g1a2b3c4", "1.0.3", "older"],
    ["1.0.2-12-g5d6e7f8", "1.0.2-9-g1a2b3c4", "newer"],
    ["v1.0.2-12-g5d6e7f8", "1.0.2-9-g1a2b3c4", "newer"],
    ["1.0.2-0-g1a2b3c4", "1.0.2", "same"],
    ["1.0.2-5-g1a2b3c4", "1.0.2-5-g5d6e7f8", "unordered"],
    ["1.0.2-5-g1a2b3c4-dirty", "1.0.2-5-g1a2b3c4", "newer"],
    ["1.0.2-5-g1a2b3c4-dirty", "1.0.2-5-g5d6e7f8", "unordered"],
    ["1.0.2-dirty", "1.0.2", "newer"],
    ["1.0.2-dirty", "1.0.2-1-g1a2b3c4", "older"],
    ["1.0.2-rc.1-5-g1a2b3c4", "1.0.2-rc.1", "newer"],
    ["1.0.2-rc.1-5-g1a2b3c4", "1.0.2-rc.2", "older"],
    ["1.0.2-rc.1-5-g1a2b3c4", "1.0.2", "older"],
    ["1.0.2-5-g1a2b3c4", "1.0.2-rc.1-7-g1a2b3c4", "newer"],
    // what ESP-IDF names a build by itself: the bare commit where there is no tag, "1" where there is no git
    ["1a2b3c4", "5d6e7f8", "unordered"],
    ["1a2b3c4", "1.0.2", "unordered"],
    ["1a2b3c4-dirty", "1a2b3c4", "unordered"],
    ["1234567", "1.0.2", "unordered"],
    ["1.0.2", "1234567", "unordered"],
    ["1", "1", "same"],
    ["1", "1.0.0", "same"],
    ["1.0.1", "1", "newer"],
    // dates
    ["20261127", "20261126", "newer"],
    ["20261126", "2026-11-26", "same"],
    ["2026.11.26", "2026-11-26", "same"],
    ["2026.9.30", "20261001", "older"],
    ["2026-11-26-2", "2026-11-26", "newer"],
    ["20261126.10", "20261126.9", "newer"],
    ["20261126-1000", "20261126-999", "newer"],
    ["2026-11-26T09:12:00Z", "2026-11-26T09:11:59Z", "newer"],
    ["20261126T091200Z", "2026-11-26 09:12:00", "same"],
    ["202611260912", "202611260911", "newer"],
    ["20261126091200", "20261126091201", "older"],
    ["2026-11-26-rc.1", "2026-11-26", "older"],
    ["20261126-5-g1a2b3c4", "20261126", "newer"],
    ["1764126574", "1764126573", "newer"],
    ["20261326", "20261226", "unordered"],
    // 31 characters are all that a descriptor holds
    ["1.0.2-a-name-of-31-characters-1x", "1.0.2-a-name-of-31-characters-1y", "same"],
    ["1.0.2-a-name-of-31-characters-1", "1.0.2-a-name-of-31-characters-2", "unordered"],
    ["1.0.2-a-name-of-31-characters-1", "1.0.1-a-name-of-31-characters-2", "newer"],
    ["1.0.2-a-name-of-31-characters-9-g1", "1.0.2-a-name-of-31-character-12-g1", "unordered"],
    ["1.0.2-a-name-of-29-character-1", "1.0.2-a-name-of-29-characters", "unordered"],
    ["1.0.2-a-name-of-28-characters", "1.0.2-a-name-of-28-character1", "newer"],
    ["1.0.2-5-g1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", "1.0.2-12-g1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c", "older"],
    ["1.0.2-5-g1a2b3c4d5e6f708192a3b4c5d6e7f8", "1.0.2-5-g1a2b3c4d5e6f708192a3b4c5d6e7f9", "same"],
    ["v1.0.2-a-name-of-30-characters1x", "v1.0.2-a-name-of-30-characters1y", "same"],
    // no form at all
    ["1.0.0-", "1.0.0", "unordered"],
    ["1..0", "1.0", "unordered"],
    ["1.0.0 beta", "1.0.0", "unordered"],
    ["1.0\n", "1.0", "same"],
    ["1.0\0", "1.0", "unordered"],
    ["\u0661.0", "1.0", "unordered"],
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
  it("cuts as ESP-IDF does, the v counted, and once is enough", () => {
    const long = "v1.0.2-feature.with-a-long-name-5-g1a2b3c4";
    assert.equal(normalizeVersion(long), "1.0.2-feature.with-a-long-name");
    for (const text of [long, ` ${long} `, `1.${"0".repeat(28)} x`, "v v1"]) {
      const once = normalizeVersion(text);
      assert.equal(normalizeVersion(once), once);
    }
  });
});

describe("hasOrder", () => {
  for (const version of ["1", "1.0.2", "v2", "1.0.2-dirty", "20261126", "1234567"])
    it(`is true for ${version}`, () => assert.equal(hasOrder(version), true));
  for (const version of ["", "-", "main", "1a2b3c4", "1a2b3c4-dirty", "release-7", "1.0.0-"])
    it(`is false for "${version}"`, () => assert.equal(hasOrder(version), false));
});

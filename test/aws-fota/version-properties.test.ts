import assert from "node:assert/strict";
import { compareVersions, type VersionOrder } from "../../modules/aws-fota/version.js";
import { randomIndex } from "../support/random-index.js";

const VERSIONS = 140;
const SEED = 20261126;

/** Versions of every form, alike enough that most pairs differ in one part only. */
function versions(count: number, random: (limit: number) => number): string[] {
  const pick = (...choices: readonly string[]) => choices[random(choices.length)] ?? "";
  const number = () => pick("0", "1", "2", "02", "10", "4711", "99999999999999999999", "100000000000000000000");
  const dotted = () => Array.from({ length: 1 + random(5) }, number).join(".");
  const date = () =>
    `${pick("2025", "2026")}${pick("1126", "-11-26", "-1127", "1127", ".11.26", "1126-2", "-11-26T0912")}`;
  const preRelease = () =>
    pick(
      "",
      "",
      "-name-of-many-characters",
      "-rc.1",
      "-rc.2",
      "-rc.10",
      "-rc",
      "-1",
      "-01",
      "-a-b",
      "--",
      "-alpha.1.x",
    );
  const described = () => pick("", "", "-0-gaaaaaaa", "-5-gaaaaaaa", "-5-gbbbbbbb", "-12-gaaaaaaa", "-5-gaaaaaab");
  const other = () => pick("", "main", "1a2b3c4", "1234567", "1234568", "release-7", "1..2", "1.0.", "-5-gaaaaaaa");
  const base = () => (random(8) === 0 ? other() : (random(4) === 0 ? date() : dotted()) + preRelease());
  return Array.from({ length: count }, () => `${pick("", "v")}${base()}${described()}${pick("", "", "-dirty", "+b7")}`);
}

const OPPOSITE: Readonly<Record<VersionOrder, VersionOrder>> = {
  older: "newer",
  newer: "older",
  same: "same",
  unordered: "unordered",
};

describe("the order of versions, over generated ones", () => {
  const list = versions(VERSIONS, randomIndex(SEED));
  const table = list.map((a) => list.map((b) => compareVersions(a, b)));
  const order = (a: number, b: number) => table[a]?.[b] ?? "unordered";
  const indices = [...list.keys()];

  it("tells every verdict", () => {
    assert.deepEqual(new Set(table.flat()), new Set(["older", "newer", "same", "unordered"]));
  });

  it("is antisymmetric, and a version is the same as itself", () => {
    for (const a of indices) {
      assert.equal(order(a, a), "same", list[a]);
      for (const b of indices) assert.equal(order(b, a), OPPOSITE[order(a, b)], `${list[a]} and ${list[b]}`);
    }
  });

  it("is transitive: newer than a newer one is newer", () => {
    for (const a of indices)
      for (const b of indices)
        if (order(a, b) === "newer")
          for (const c of indices)
            if (order(b, c) === "newer") assert.equal(order(a, c), "newer", `${list[a]}, ${list[b]}, ${list[c]}`);
  });

  it("treats versions that are the same alike", () => {
    for (const a of indices)
      for (const b of indices)
        if (order(a, b) === "same")
          for (const c of indices) assert.equal(order(a, c), order(b, c), `${list[a]}, ${list[b]} and ${list[c]}`);
  });

  it("does not depend on a leading v", () => {
    for (const a of list)
      for (const b of list.slice(0, 30))
        if (/^\d/.test(a) && a.length < 31)
          assert.equal(compareVersions(`v${a}`, b), compareVersions(a, b), `${a}, ${b}`);
  });
});

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT, readText } from "./source-tree.js";

/** Names of the threats, in the RFC's order. [RFC 9124, 4.2] */
const THREATS = [
  ...["IMG.EXPIRED", "IMG.EXPIRED.OFFLINE", "IMG.INCOMPATIBLE", "IMG.FORMAT", "IMG.LOCATION", "NET.REDIRECT"],
  ...["NET.ONPATH", "IMG.REPLACE", "IMG.NON_AUTH", "UPD.WRONG_PRECURSOR", "UPD.UNAPPROVED", "IMG.DISCLOSURE"],
  ...["MFST.OVERRIDE", "MFST.EXPOSURE", "IMG.EXTRA", "KEY.EXPOSURE", "MFST.MODIFICATION", "MFST.TOCTOU"],
];
const COLUMNS = 5;

/** The cells of each row of the tables that have a column for tests. */
function rows(): string[][] {
  return readText("docs/threat-model.md")
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "))
    .filter((cells) => cells.length === COLUMNS && cells[0] !== "threat");
}

describe("the threat model", () => {
  it("has every threat of RFC 9124, in its order", () => {
    const names = rows().map(([name]) => name);
    assert.deepEqual(names.slice(0, THREATS.length), THREATS);
  });

  it("says for each who, what happens and what stands against it", () => {
    for (const cells of rows()) for (const cell of cells) assert.notEqual(cell.trim(), "", cells[0]);
  });

  it("names for each a test that exists", () => {
    for (const [name, , , , tests = ""] of rows()) {
      const files = [...tests.matchAll(/\]\(\.\.\/(test\/[^)]+)\)/g)].map(([, path = ""]) => path);
      for (const file of files) assert.ok(existsSync(join(ROOT, file)), `${name}: ${file}`);
      assert.ok(files.length > 0, `${name} has no test`);
    }
  });
});

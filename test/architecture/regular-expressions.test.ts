import assert from "node:assert/strict";
import { filesBelow, readText } from "./source-tree.js";

/** A regular expression in a value of the module's scope. */
const LITERAL = /^(?:export )?const [^"'`]*?[ (,[]\/(?![/* ]).+\/[a-z]*[;,)\]]/;

const atModuleLevel = (source: string): boolean =>
  source.split("\n").some((line) => LITERAL.test(line) && !line.includes("=>"));

/**
 * Preload puts a module's constants into ROM. XS (17.9.1) crashes when it collects garbage while such a regular
 * expression is matched: the memory of its captures is not kept. A regular expression made where it is used has memory
 * of its own.
 */
describe("regular expressions of device code", () => {
  it("are made where they are used, never at module level", () => {
    const sources = [...filesBelow("modules", ".ts"), ...filesBelow("src", ".ts")];
    assert.deepEqual(
      sources.filter((path) => atModuleLevel(readText(path))),
      [],
    );
  });

  for (const source of ["const A = /x/;", "export const B = Object.freeze([/x/g]);", "const C: RegExp = /a b/i;"]) {
    it(`would be found in "${source}"`, () => assert.ok(atModuleLevel(source)));
  }

  for (const source of [
    "const a = () => /x/;",
    'const B = "a/b/c";',
    "const C = 4 / 2; // and / or",
    "  const match = /x/.exec(y);",
  ]) {
    it(`are not seen in "${source}"`, () => assert.ok(!atModuleLevel(source)));
  }
});

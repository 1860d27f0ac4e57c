import assert from "node:assert/strict";
import { compilePattern, literalText, matchesPattern } from "../../../host-sim/cloud/policy/wildcards.js";

const OPENING = "$" + "{";
const NAME = `${OPENING}name}`;
const VARIABLES = new Map([["name", "a*b"]]);

function pattern(text: string) {
  return compilePattern(text, (name) => VARIABLES.get(name)) ?? assert.fail(`${text} has no value`);
}
const matches = (text: string, value: string) => matchesPattern(pattern(text), value);

/** Comparisons that one match takes. */
function costOf(text: string, value: string): number {
  const cost = { comparisons: 0 };
  matchesPattern(pattern(text), value, cost);
  return cost.comparisons;
}

/** The same question asked of a regular expression: slow for some patterns, but plain. */
function reference(text: string, value: string): boolean {
  const source = Array.from(text, (c) => (c === "*" ? ".*" : c === "?" ? "." : c));
  return new RegExp(`^${source.join("")}$`, "su").test(value);
}

function* textsOver(alphabet: string, length: number): Iterable<string> {
  if (length === 0) yield "";
  else for (const rest of textsOver(alphabet, length - 1)) for (const c of alphabet) yield c + rest;
}

describe("wildcards of policies", () => {
  it("agree with a regular expression for every pattern of up to five characters", () => {
    const values = [0, 1, 2, 3, 4, 5].flatMap((length) => [...textsOver("ab", length)]);
    for (const length of [0, 1, 2, 3, 4, 5]) {
      for (const text of textsOver("ab*?", length)) {
        for (const value of values) assert.equal(matches(text, value), reference(text, value), `${text} on ${value}`);
      }
    }
  });

  it("take a character outside the basic plane for one", () => {
    assert(matches("a?b", "a\u{1f600}b"));
    assert(matches("*\u{1f600}*", "x\u{1f600}y"));
    assert(!matches("*\ude00", "\u{1f600}"));
  });

  it("cost no more comparisons with more stars", () => {
    const value = "a".repeat(256);
    for (const stars of [1, 2, 6, 40, 400]) {
      const text = `${"*a".repeat(stars)}!`;
      assert(costOf(text, value) <= 4 * (text.length + value.length), `${stars} stars`);
    }
  });

  it("cost in proportion to pattern and text where the pattern almost fits everywhere", () => {
    for (const size of [100, 1000, 10_000]) {
      const text = `*${"a".repeat(size)}b*`;
      const value = "a".repeat(2 * size);
      assert(costOf(text, value) <= 4 * (text.length + value.length), `${size} characters`);
    }
  });

  it("cost the length of a part with `?` for each character of the text, at most", () => {
    const text = `*${"a?".repeat(100)}b*${"?".repeat(50)}c*`;
    assert(costOf(text, "a".repeat(1000)) <= text.length * 1000);
  });

  it("read a text of openings without end once, and take them for themselves", () => {
    assert(matches(OPENING.repeat(3), OPENING.repeat(3)));
    assert.equal(
      compilePattern(`${OPENING.repeat(3)}}`, () => undefined),
      undefined,
    );
  });

  it("take a variable's value and an escaped wildcard literally", () => {
    assert(matches(NAME, "a*b"));
    assert(!matches(NAME, "axb"));
    assert(matches(`\${*}\${?}\${$}`, "*?$"));
    assert.equal(literalText(pattern(`a*\${*}?`)), "a**?");
  });

  for (const name of ["constructor", "toString", "__proto__"]) {
    it(`know no variable ${name}`, () => {
      assert.equal(
        compilePattern(`\${${name}}`, (variable) => VARIABLES.get(variable)),
        undefined,
      );
    });
  }
});

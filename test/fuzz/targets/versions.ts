import assert from "node:assert/strict";
import fc from "fast-check";
import {
  compareVersions,
  namedVersion,
  normalizeVersion,
  type VersionOrder,
} from "../../../modules/aws-fota/version.js";
import { textTarget } from "../../support/fuzz/fuzz-target.js";
import { mutatedText } from "../../support/fuzz/mutations.js";

const REVERSED: Readonly<Record<VersionOrder, VersionOrder>> = {
  older: "newer",
  newer: "older",
  same: "same",
  unordered: "unordered",
};

const part = fc.constantFrom("0", "1", "2", "9", "10", "01", "999999999", "2024", "9007199254740993");
const suffix = fc
  .array(fc.constantFrom("rc", "alpha", "1", "2", "10", "1a", "9a", "x-y", "01", "g1234abc", "dirty", "5"), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join("."));
type Parts = {
  readonly v: string;
  readonly numbers: readonly string[];
  readonly pre?: string;
  readonly build?: string;
};

const parts = fc.record<Parts, "v" | "numbers">(
  {
    v: fc.constantFrom("", "v", "V", " "),
    numbers: fc.array(part, { minLength: 1, maxLength: 5 }),
    pre: suffix,
    build: suffix,
  },
  { requiredKeys: ["v", "numbers"] },
);

function write({ v, numbers, pre, build }: Parts): string {
  return `${v}${numbers.join(".")}${pre === undefined ? "" : `-${pre}`}${build === undefined ? "" : `+${build}`}`;
}

/** Three of which most differ late: what is decided by the first number tests nothing else. */
const triples = fc
  .tuple(parts, parts, parts, fc.integer({ min: 0, max: 3 }))
  .map(([one, two, three, dice]) =>
    (dice === 0 ? [one, two, three] : [one, { ...two, numbers: one.numbers }, { ...three, numbers: one.numbers }])
      .map(write)
      .join("\n"),
  );

export const versions = textTarget({
  name: "versions",
  reads: "versions in job documents and application descriptors (three, one a line)",
  reaches: ["older", "newer", "same", "unordered"],
  data: mutatedText(triples, { tokens: ["-", "+", ".", "v", "-rc.1", "-5-g1234abc", "\n"], most: 2 }),
  check: (text) => {
    const [a = "", b = "", c = ""] = text.split("\n");
    const order = compareVersions(a, b);
    assert.equal(compareVersions(b, a), REVERSED[order], "the other way round");
    assert.equal(compareVersions(a, a), "same");
    assert.equal(compareVersions(normalizeVersion(a), b), order, "a leading v does not count");
    assert.notEqual(namedVersion(a), "");
    const onward = compareVersions(b, c);
    // An order has no circles: else there is a way back by going forward.
    if (order !== "unordered" && (onward === order || onward === "same")) {
      const whole = compareVersions(a, c);
      assert.equal(whole, order, `${a} is ${order} than ${b}, that ${onward} than ${c}, yet the first is ${whole}`);
    }
    return order;
  },
});

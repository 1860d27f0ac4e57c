import assert from "node:assert/strict";
import { parseJson } from "../../modules/foundation/json.js";

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

describe("parseJson", () => {
  it("reads any value, null among them", () => {
    assert.deepEqual(parseJson('{"a":[1,null]}'), { value: { a: [1, null] } });
    assert.deepEqual(parseJson("null"), { value: null });
  });

  for (const text of ["", "{", "nul", "[1,]", "\u0000"]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseJson(text), undefined));
  }

  it("reads what is nested 24 deep and refuses what is deeper, complete or not", () => {
    assert.notEqual(parseJson(nested(24)), undefined);
    for (const text of [nested(25), "[".repeat(4000), '{"a":'.repeat(25)]) assert.equal(parseJson(text), undefined);
  });

  it("does not count brackets in strings", () => {
    assert.deepEqual(parseJson(`["\\"${"[".repeat(50)}"]`), { value: [`"${"[".repeat(50)}`] });
  });
});

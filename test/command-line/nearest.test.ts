import assert from "node:assert/strict";
import { nearestWord } from "../../host-sim/command-line/index.js";

const KNOWN = ["engine", "seed", "story", "out", "image", "key-id", "key"];

describe("the nearest word", () => {
  for (const [typed, nearest] of [
    ["engin", "engine"],
    ["enigne", "engine"],
    ["Seed", "seed"],
    ["sede", "seed"],
    ["uot", "out"],
    ["keyid", "key-id"],
    ["stroy", "story"],
    ["imgae", "image"],
  ] as const) {
    it(`to ${typed} is ${nearest}`, () => assert.equal(nearestWord(typed, KNOWN), nearest));
  }

  for (const typed of ["", "x", "certificate", "zzzz"]) {
    it(`to ${JSON.stringify(typed)} is none`, () => assert.equal(nearestWord(typed, KNOWN), undefined));
  }

  it("is none where nothing is known", () => assert.equal(nearestWord("out", []), undefined));
});

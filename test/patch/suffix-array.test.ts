import assert from "node:assert/strict";
import fc from "fast-check";
import { suffixArray } from "../../operator/patch/suffix-array.js";
import { codeLike } from "../support/patch-images.js";

/** The suffixes sorted by comparing them. */
const naive = (text: Uint8Array): number[] =>
  [...text.keys()].sort((one, other) => Buffer.compare(text.subarray(one), text.subarray(other)));

describe("suffix array", () => {
  it("has the suffixes in their order, as sorting them has", () => {
    const texts = fc
      .integer({ min: 1, max: 256 })
      .chain((codes) => fc.array(fc.nat(codes - 1), { maxLength: 300 }))
      .map((codes) => Uint8Array.from(codes));
    fc.assert(
      fc.property(texts, (text) => assert.deepEqual([...suffixArray(text)], naive(text))),
      { numRuns: 500, seed: 1 },
    );
  });

  it("has them where much repeats: runs, periods, Fibonacci words", () => {
    let [word, before] = ["ab", "a"];
    while (word.length < 2000) [word, before] = [word + before, word];
    const texts = [
      new Uint8Array(3000),
      new Uint8Array(3000).map((_, at) => at % 7),
      new Uint8Array(3000).map((_, at) => (at < 1500 ? 255 : 0)),
      Uint8Array.from(Buffer.from(word)),
      codeLike(3000),
    ];
    for (const text of texts) assert.deepEqual([...suffixArray(text)], naive(text));
  });

  it("takes a time that grows with the text, also where everything is the same", () => {
    assert.equal(suffixArray(new Uint8Array(1_000_000))[0], 999_999);
  });
});

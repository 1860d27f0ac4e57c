import assert from "node:assert/strict";
import fc from "fast-check";
import { makePatch, PatchError, readPatch } from "fota-operator/patch";
import { codeLike, nextBuild } from "../support/patch-images.js";
import { rebuild } from "../support/rebuild.js";

const base = codeLike(200_000);

function assertRebuilds(from: Uint8Array | undefined, to: Uint8Array): Uint8Array {
  const patch = makePatch({ from, to });
  assert.deepEqual(rebuild({ base: from, patch, imageSize: to.length, chunk: 4096 }).image, to);
  return patch;
}

describe("makePatch", () => {
  it("says in the header what it is made of", () => {
    const to = nextBuild(base, 1000, 20);
    const header = readPatch(makePatch({ from: base, to }));
    assert.equal(header.imageSize, to.length);
    assert.equal(header.baseSize, base.length);
    assert.equal(readPatch(makePatch({ to })).baseSize, 0);
    assert.ok(readPatch(makePatch({ to })).baseSha256.every((byte) => byte === 0));
  });

  const ONE_WORD = base.slice();
  ONE_WORD.set([1, 2, 3, 4], 100_000);
  const PAIRS: readonly (readonly [string, Uint8Array | undefined, Uint8Array, number])[] = [
    ["the same image", base, base, 0.002],
    ["one word changed", base, ONE_WORD, 0.002],
    ["code inserted that moves the rest", base, nextBuild(base, 5_000, 300, 100), 0.02],
    ["the end cut off", base, base.slice(0, 123_457), 0.002],
    ["an image twice as long", base, new Uint8Array([...base, ...base]), 0.002],
    ["its halves exchanged", base, new Uint8Array([...base.subarray(100_000), ...base.subarray(0, 100_000)]), 0.002],
    ["nothing in common", base, codeLike(50_000, 99).map((byte) => byte ^ 0xff), 0.6],
    ["no base", undefined, base, 0.6],
    ["bytes of one value", new Uint8Array(100_000), new Uint8Array(300_000).fill(0xff), 0.01],
    ["a base of one byte", new Uint8Array(1), base.slice(0, 5_000), 0.7],
    ["an image of one byte", base, new Uint8Array([7]), 100],
  ];
  for (const [name, from, to, share] of PAIRS)
    it(`makes a small patch that gives the image again: ${name}`, () => {
      const patch = assertRebuilds(from, to);
      assert.ok(patch.length <= 80 + share * to.length, `${patch.length} of ${to.length}`);
    });

  it("gives any image again out of any other", () => {
    const parts = fc.oneof(
      fc.uint8Array({ maxLength: 500 }),
      fc.record({ at: fc.nat(199_000), length: fc.nat(90_000) }).map(({ at, length }) => base.slice(at, at + length)),
      fc
        .record({ length: fc.nat(70_000), value: fc.nat(255) })
        .map(({ length, value }) => new Uint8Array(length).fill(value)),
      fc.record({ length: fc.nat(70_000), seed: fc.nat(9) }).map(({ length, seed }) => codeLike(length, seed)),
    );
    const images = fc
      .array(parts, { minLength: 1, maxLength: 4 })
      .map((list) => new Uint8Array(Buffer.concat(list)))
      .filter(({ length }) => length > 0);
    fc.assert(
      fc.property(fc.option(images, { nil: undefined }), images, (from, to) => {
        assertRebuilds(from, to);
      }),
      { numRuns: 30, seed: 5 },
    );
  });

  it("refuses images of no bytes, and larger than any flash", () => {
    for (const images of [
      { to: new Uint8Array(0) },
      { from: new Uint8Array(0), to: base },
      { to: new Uint8Array(16_777_217) },
      { from: new Uint8Array(16_777_217), to: base },
    ])
      assert.throws(() => makePatch(images), PatchError);
  });
});

import assert from "node:assert/strict";
import { applyPatch, HEADER_LENGTH, inspectPatch, makePatch, PatchError } from "../../operator/patch/index.js";
import { codeLike, nextBuild } from "../support/patch-images.js";

const base = codeLike(150_000);
const next = nextBuild(base, 40_001, 333);
const patch = makePatch({ from: base, to: next });

describe("inspectPatch", () => {
  it("says of each frame where it is and what it is made of", () => {
    const { header, frames } = inspectPatch(patch);
    assert.equal(header.imageSize, next.length);
    assert.deepEqual(
      frames.map(({ imageOffset, imageLength }) => [imageOffset, imageLength]),
      [
        [0, 65_536],
        [65_536, 65_536],
        [131_072, next.length - 131_072],
      ],
    );
    let at = HEADER_LENGTH;
    for (const { patchOffset, length, imageLength, unchanged, changed, fresh } of frames) {
      assert.equal(patchOffset, at);
      assert.equal(unchanged + changed + fresh, imageLength);
      at += length;
    }
    assert.equal(at, patch.length);
    assert.ok(frames.every(({ unchanged, imageLength }) => unchanged > 0.9 * imageLength));
  });

  it("says of a compressed image that all of it is new", () => {
    const { header, frames } = inspectPatch(makePatch({ to: next }));
    assert.equal(header.baseSize, 0);
    assert.ok(frames.every(({ fresh, imageLength }) => fresh === imageLength));
  });

  it("refuses what is no patch, is cut, or goes on", () => {
    for (const bytes of [
      new Uint8Array(0),
      base,
      patch.slice(0, 80),
      patch.slice(0, -1),
      new Uint8Array([...patch, 0]),
    ])
      assert.throws(() => inspectPatch(bytes), PatchError);
  });
});

describe("applyPatch", () => {
  it("gives the image", () => {
    assert.deepEqual(applyPatch({ from: base, patch }), next);
    assert.deepEqual(applyPatch({ patch: makePatch({ to: next }) }), next);
  });

  it("refuses a base of another size", () => {
    assert.throws(() => applyPatch({ patch }), PatchError);
    assert.throws(() => applyPatch({ from: next, patch }), PatchError);
  });
});

import assert from "node:assert/strict";
import { makePatch } from "fota-operator/patch";
import { type FotaPatchErrorCode, FRAME_LENGTH, PatchDecoder } from "../../modules/fota-patch/index.js";
import { codeLike, nextBuild } from "../support/patch-images.js";
import { memoryBase, type Rebuild, rebuild } from "../support/rebuild.js";

const failure = (code: FotaPatchErrorCode) => (error: unknown) =>
  error instanceof Error && "code" in error && error.code === code;

const base = codeLike(300_000);
const next = nextBuild(base, 70_001, 1_234);
const patch = makePatch({ from: base, to: next });
const compressed = makePatch({ to: next });

const PATCHES: readonly (readonly [string, Pick<Rebuild, "base" | "patch">])[] = [
  ["a patch", { base, patch }],
  ["a compressed image", { patch: compressed }],
];

describe("patch decoder", () => {
  for (const [name, { base: from, patch: bytes }] of PATCHES) {
    describe(`with ${name}`, () => {
      for (const chunk of [1, 7, 1460, 16_384, bytes.length])
        it(`gives the image, whatever pieces it comes in: ${chunk === bytes.length ? "whole" : chunk}`, () => {
          const { image, pieces } = rebuild({ base: from, patch: bytes, imageSize: next.length, chunk });
          assert.deepEqual(image, next);
          const last = pieces.at(-1);
          assert.ok(pieces.slice(0, -1).every((length) => length === 4096));
          assert.equal(last, next.length % 4096 || 4096);
        });

      it("goes on at every edge of a frame with two numbers, without what was before", () => {
        const { edges } = rebuild({ base: from, patch: bytes, imageSize: next.length, chunk: 1 });
        assert.deepEqual(
          edges.map(({ imageOffset }) => imageOffset),
          [0, 0, ...[1, 2, 3, 4].map((count) => count * FRAME_LENGTH), next.length],
          "before and behind the header, and behind each frame",
        );
        for (const { imageOffset: offset, patchOffset } of edges.slice(2)) {
          const { image } = rebuild({
            base: from,
            patch: bytes,
            imageSize: next.length,
            offset,
            patchOffset,
            chunk: 100,
          });
          assert.deepEqual(image, next.subarray(offset));
        }
      });

      it("gives everything before the edge that it names to the sink, wherever the bytes end", () => {
        for (let stopAt = 0; stopAt < bytes.length; stopAt += Math.ceil(bytes.length / 100)) {
          const { image, edges } = rebuild({ base: from, patch: bytes, imageSize: next.length, stopAt, chunk: 50 });
          const edge = edges.at(-1) ?? assert.fail();
          assert.ok(image.length >= edge.imageOffset && image.length - edge.imageOffset < FRAME_LENGTH);
          assert.deepEqual(image, next.subarray(0, image.length));
          assert.ok(edge.patchOffset <= stopAt);
        }
      });

      it("says when the patch ends too early, at every byte", () => {
        for (const length of [0, 1, 79, 80, 81, 1000, bytes.length - 1])
          assert.throws(
            () => rebuild({ base: from, patch: bytes.slice(0, length), imageSize: next.length }),
            failure("patch-truncated"),
          );
      });

      it("refuses what follows the last frame", () => {
        const longer = new Uint8Array([...bytes, 0]);
        for (const chunk of [1, longer.length])
          assert.throws(
            () => rebuild({ base: from, patch: longer, imageSize: next.length, chunk }),
            failure("patch-invalid"),
          );
      });
    });
  }

  it("gives one piece at a time to who asks for it, and says when it wants bytes", () => {
    const pieces: number[] = [];
    const decoder = new PatchDecoder({
      base: memoryBase(base),
      imageSize: next.length,
      sink: { write: (bytes) => pieces.push(bytes.length) },
    });
    let at = 0;
    let steps = 0;
    while (at < patch.length || !decoder.isHungry) {
      const before = pieces.length;
      at = decoder.writeSome(patch, at);
      assert.ok(pieces.length <= before + 1);
      steps++;
    }
    assert.ok(decoder.isComplete);
    assert.equal(pieces.length, Math.ceil(next.length / 4096));
    assert.ok(steps > pieces.length);
    decoder.finish();
  });

  it("shows the header before anything else, and stops when that is refused", () => {
    const refusal = new Error("not this one");
    const seen: number[] = [];
    assert.throws(
      () =>
        rebuild({
          base,
          patch,
          imageSize: next.length,
          chunk: 3,
          onHeader: ({ imageSize, baseSize }) => {
            seen.push(imageSize, baseSize);
            throw refusal;
          },
        }),
      refusal,
    );
    assert.deepEqual(seen, [next.length, base.length]);
  });

  it("refuses another base, no base, and an image of another size, before anything is read or given", () => {
    const untouched = {
      imageSize: next.length,
      sink: { write: () => assert.fail("nothing is given") },
    };
    const read = () => assert.fail("nothing is read");
    const tried = (options: ConstructorParameters<typeof PatchDecoder>[0]) => () =>
      new PatchDecoder(options).write(patch);
    assert.throws(tried({ ...untouched, base: { size: base.length - 1, read } }), failure("base-mismatch"));
    assert.throws(tried(untouched), failure("base-mismatch"));
    assert.throws(
      tried({ ...untouched, base: { size: base.length, read }, imageSize: next.length + 1 }),
      failure("patch-size"),
    );
  });

  it("does not read a base that the patch does not need", () => {
    const decoder = new PatchDecoder({
      base: { size: 10, read: () => assert.fail("nothing is read") },
      imageSize: next.length,
      sink: { write: () => {} },
    });
    decoder.write(compressed);
    decoder.finish();
  });

  it("takes nothing more after an exception, its own or the sink's", () => {
    const full = new Error("flash is full");
    const decoder = new PatchDecoder({
      base: memoryBase(base),
      imageSize: next.length,
      sink: {
        write: () => {
          throw full;
        },
      },
    });
    assert.throws(() => decoder.write(patch), full);
    assert.throws(() => decoder.write(patch), failure("closed"));
    assert.throws(() => decoder.finish(), failure("closed"));
    assert.deepEqual(decoder.frame, { imageOffset: 0, patchOffset: 80 });
  });

  it("says when flash does not give the base, with what flash said", () => {
    const cause = new Error("read failed");
    const decoder = new PatchDecoder({
      base: {
        size: base.length,
        read: () => {
          throw cause;
        },
      },
      imageSize: next.length,
      sink: { write: () => {} },
    });
    assert.throws(
      () => decoder.write(patch),
      (error) => failure("base-read-failed")(error) && error instanceof Error && error.cause === cause,
    );
  });

  const sink = { write: () => {} };
  for (const [name, options] of [
    ["an image of no bytes", { imageSize: 0 }],
    ["an image of half a byte", { imageSize: 0.5 }],
    ["an image larger than any flash", { imageSize: 16_777_217 }],
    ["an offset that is no edge", { imageSize: 100_000, offset: 4096, patchOffset: 90 }],
    ["an offset behind the image", { imageSize: 100_000, offset: 131_072, patchOffset: 90 }],
    ["an offset within the header", { imageSize: 100_000, offset: 65_536, patchOffset: 10 }],
    ["a patch offset without an image offset", { imageSize: 100_000, patchOffset: 100 }],
    ["a negative offset", { imageSize: 100_000, offset: -65_536, patchOffset: 100 }],
    ["a base of a size that is no number", { imageSize: 100_000, base: { size: Number.NaN, read: () => {} } }],
  ] as const)
    it(`refuses ${name}`, () => assert.throws(() => new PatchDecoder({ sink, ...options }), failure("bad-option")));
});

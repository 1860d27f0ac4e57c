import assert from "node:assert/strict";
import fc from "fast-check";
import { makePatch } from "fota-operator/patch";
import { PATCH_HEADER_LENGTH } from "../../../modules/fota-patch/index.js";
import { NativeFrameDecoder } from "../../../modules/fota-patch/native/native-frame-decoder.js";
import { ScriptFrameDecoder } from "../../../modules/fota-patch/script-frame-decoder.js";
import { mutatedBytes } from "../../support/fuzz/mutations.js";
import { codeLike, nextBuild } from "../../support/patch-images.js";
import { rebuild } from "../../support/rebuild.js";
import { hasCompiler, NativeProgram, type TracedPatch } from "./native-program.js";
import { traceOf } from "./trace.js";

const NOTHING = new Uint8Array(0);
const base = codeLike(150_000);
const next = nextBuild(base, 40_001, 333);
const framesOf = (from: Uint8Array | undefined, to: Uint8Array) =>
  makePatch({ from, to }).subarray(PATCH_HEADER_LENGTH);
const VALID: readonly (readonly [string, Omit<TracedPatch, "chunk">])[] = [
  ["a patch", { imageSize: next.length, offset: 0, base, frames: framesOf(base, next) }],
  ["a compressed image", { imageSize: next.length, offset: 0, base: NOTHING, frames: framesOf(undefined, next) }],
  [
    "a base of ten bytes",
    { imageSize: 1000, offset: 0, base: base.slice(0, 10), frames: framesOf(base.slice(0, 10), base.slice(0, 1000)) },
  ],
  [
    "what cannot be compressed",
    {
      imageSize: 2000,
      offset: 0,
      base: NOTHING,
      frames: framesOf(
        undefined,
        codeLike(2000).map((byte, at) => byte ^ (at * 97)),
      ),
    },
  ],
];

describe("fota_patch.c (needs cc)", () => {
  let program: NativeProgram | undefined;
  const native = (patches: readonly TracedPatch[]): number[][] => program?.trace(patches) ?? [];

  before(function () {
    if (!hasCompiler()) this.skip();
    program = new NativeProgram();
  });
  after(() => program?.remove());

  for (const [name, patch] of VALID)
    it(`takes the same steps as the decoder in JavaScript, in any pieces: ${name}`, () => {
      const patches = [1, 7, 1460, 16_384].map((chunk) => ({ ...patch, chunk }));
      assert.deepEqual(
        native(patches),
        patches.map((one) => traceOf(one, new ScriptFrameDecoder())),
      );
    });

  it("finds the same wrong at the same byte in what is damaged, and touches nothing that is not its own", () => {
    const [[, whole] = assert.fail(), [, compressed] = assert.fail(), [, small] = assert.fail()] = VALID;
    const patches = fc.sample(
      fc
        .record({
          from: fc.constantFrom(whole, compressed, small),
          edits: fc.nat(3),
          chunk: fc.constantFrom(1, 13, 1460, 16_384),
        })
        .chain(({ from, edits, chunk }) =>
          mutatedBytes(fc.constant(from.frames), { most: edits + 1 }).map((frames) => ({ ...from, frames, chunk })),
        ),
      { numRuns: 400, seed: 3 },
    );
    const traces = patches.map((patch) => traceOf(patch, new ScriptFrameDecoder()));
    assert.deepEqual(native(patches), traces);
    const faults = new Set(traces.map((trace) => trace.at(-3)).filter((step) => step !== undefined && step >= 16));
    assert.ok(faults.size >= 6, `only ${[...faults].join(", ")} were reached`);
  });

  it("stands in the place of the decoder in JavaScript", () => {
    const image = next.slice(0, 70_000);
    const patch = makePatch({ from: base, to: image });
    const frames = new NativeFrameDecoder(program?.functions ?? assert.fail());
    const { image: result } = rebuild({ base, patch, imageSize: image.length, chunk: 100, frames });
    assert.deepEqual(result, image);
  });
});

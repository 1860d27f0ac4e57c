import assert from "node:assert/strict";
import fc from "fast-check";
import { applyPatch, makePatch } from "fota-operator/patch";
import { FOTA_PATCH_RETRY, FotaPatchError, PatchDecoder, readPatchHeader } from "../../../modules/fota-patch/index.js";
import { bytesTarget } from "../../support/fuzz/fuzz-target.js";
import { assertSafeMessage, cutBytes, type Outcome, outcomeOf } from "../../support/fuzz/invariants.js";
import { mutatedBytes } from "../../support/fuzz/mutations.js";
import { codeLike, nextBuild } from "../../support/patch-images.js";
import { memoryBase } from "../../support/rebuild.js";

const base = codeLike(70_000);
const SMALL = base.slice(0, 3_000);
const images = [
  ...[nextBuild(base, 30_000, 70), base.slice(5_000, 9_000), codeLike(600, 9), new Uint8Array(70_000).fill(0xff)],
  nextBuild(SMALL, 10, 3, 3),
];
const VALID = images.flatMap((to) => [
  makePatch({ from: base, to }),
  makePatch({ from: SMALL, to }),
  makePatch({ to }),
]);
/** An image of this size takes long enough. */
const MOST = 300_000;

const codeOf = (error: unknown): string | undefined => (error instanceof FotaPatchError ? error.code : undefined);
const numberAt = (bytes: Uint8Array, at: number): number =>
  bytes.length < at + 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);

/** The base that the patch asks for, where there is one of that size. */
function baseFor(patch: Uint8Array): Uint8Array | undefined {
  return [base, SMALL].find(({ length }) => length === numberAt(patch, 12));
}

type Result = { readonly image: Uint8Array; readonly frame: PatchDecoder["frame"] };

function decoded(pieces: readonly Uint8Array[], patch: Uint8Array): Outcome<Result> & { readonly given: number } {
  const imageSize = Math.min(Math.max(numberAt(patch, 8), 1), MOST);
  const from = baseFor(patch);
  const image = new Uint8Array(imageSize);
  let given = 0;
  const outcome = outcomeOf(() => {
    const decoder = new PatchDecoder({
      base: from && memoryBase(from),
      imageSize,
      sink: {
        write: (bytes) => {
          assert.ok(bytes.length > 0 && bytes.length <= 4096 && given + bytes.length <= imageSize, "within the image");
          image.set(bytes, given);
          given += bytes.length;
        },
      },
    });
    for (const piece of pieces) {
      decoder.write(piece);
      assert.ok(decoder.frame.imageOffset <= given, "what is before an edge is with the sink");
    }
    decoder.finish();
    return { image, frame: decoder.frame };
  }, codeOf);
  return { ...outcome, given };
}

export const patches = bytesTarget({
  name: "patches",
  reads: "a patch of an image, while it comes in",
  reaches: ["accepted", "patch-invalid", "patch-unsupported", "patch-truncated", "patch-size", "base-mismatch"],
  cost: 4,
  data: mutatedBytes(fc.constantFrom(...VALID), { most: 3 }),
  check: (patch, salt) => {
    const whole = decoded([patch], patch);
    assert.deepEqual(decoded(cutBytes(patch, salt), patch), whole, "the same verdict however it is cut");
    const other = outcomeOf(
      () => applyPatch({ from: baseFor(patch), patch }),
      (error) => (error instanceof Error && error.name === "PatchError" ? "PatchError" : undefined),
    );
    if (whole.kind === "error") {
      assert.ok(Object.hasOwn(FOTA_PATCH_RETRY, whole.code));
      assertSafeMessage(whole.message, 120);
      if (whole.code !== "patch-size") assert.equal(other.kind, "error", "zlib's reading refuses it as well");
      return whole.code;
    }
    assert.equal(whole.given, readPatchHeader(patch).imageSize);
    assert.deepEqual(whole.value.frame, { imageOffset: whole.given, patchOffset: patch.length });
    assert.equal(other.kind, "value", "what the device takes, zlib's reading takes");
    if (other.kind === "value") assert.deepEqual(other.value, whole.value.image);
    return "accepted";
  },
});

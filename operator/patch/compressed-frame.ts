import { deflateRawSync } from "node:zlib";
import { bestDeflate } from "./best-deflate.js";
import { MAX_FRAME_BYTES, PatchError, WINDOW_BITS } from "./format.js";
import type { FrameWriter, Part } from "./operations.js";

/** What is tried: zlib says which of them is worth the long search. */
const SHORTEST_RUNS = [1, 2, 3, 4, 64] as const;
const ZLIB = { level: 9, windowBits: WINDOW_BITS, memLevel: 9 } as const;

/** Of those that zlib packs best, so many are tried. */
const MOST_SEARCHED = 2;

/** One frame as it stands in the patch. */
export function compressedFrame(writer: FrameWriter, parts: readonly Part[]): Uint8Array {
  const isNewOnly = parts.every(({ kind }) => kind === "new");
  const tried = (isNewOnly ? [1] : SHORTEST_RUNS)
    .map((shortestRun) => writer.bytesOf(parts, shortestRun))
    .filter(({ length }) => length <= MAX_FRAME_BYTES)
    .map((plain) => ({ plain, packed: new Uint8Array(deflateRawSync(plain, ZLIB)) }))
    .sort((one, other) => one.packed.length - other.packed.length);
  const [first] = tried;
  if (first === undefined) throw new PatchError("a frame has more operations than the format allows");
  // zlib's stays where nothing can be compressed: it stores.
  return tried
    .slice(0, MOST_SEARCHED)
    .map(({ plain }) => bestDeflate(plain))
    .reduce((best, other) => (other.length < best.length ? other : best), first.packed);
}

import { constants, deflateRawSync, type ZlibOptions } from "node:zlib";
import { MAX_FRAME_BYTES, PatchError, WINDOW_BITS } from "./format.js";
import type { FrameWriter, Part } from "./operations.js";

/** What is tried; a frame takes what came out smallest. */
const SHORTEST_RUNS = [1, 2, 3, 4, 64] as const;
const SETTINGS: readonly ZlibOptions[] = [5, 6, 7, 8, 9].flatMap((memLevel) =>
  [constants.Z_DEFAULT_STRATEGY, constants.Z_FILTERED].map((strategy) => ({
    level: 9,
    windowBits: WINDOW_BITS,
    memLevel,
    strategy,
  })),
);

/** One frame as it stands in the patch. */
export function compressedFrame(writer: FrameWriter, parts: readonly Part[]): Uint8Array {
  const isNewOnly = parts.every(({ kind }) => kind === "new");
  const plain = (isNewOnly ? [1] : SHORTEST_RUNS)
    .map((shortestRun) => writer.bytesOf(parts, shortestRun))
    .filter(({ length }) => length <= MAX_FRAME_BYTES);
  const candidates = plain.flatMap((bytes) => SETTINGS.map((settings) => deflateRawSync(bytes, settings)));
  const [first, ...others] = candidates;
  if (first === undefined) throw new PatchError("a frame has more operations than the format allows");
  return others.reduce((best, other) => (other.length < best.length ? other : best), first);
}
